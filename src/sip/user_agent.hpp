// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "sip/compose.hpp"
#include "sip/digest.hpp"
#include "sip/event.hpp"
#include "sip/flow.hpp"
#include "sip/identity.hpp"
#include "sip/invite_usage.hpp"
#include "sip/request.hpp"
#include "sip/transaction/clients.hpp"
#include "sip/transaction/deadlines.hpp"
#include "sip/transaction/servers.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace patchbay::sip {

struct UserAgentConfig {
    unsigned shard = 0;                // written into branches, tags and Contact: steering.hpp
    std::string product = "Patchbay";  // User-Agent and Server
    // Stands in Via and Contact in place of Flow::local's address, for peers that are not loopback.
    std::optional<IpAddress> external_address;
    // Requests over 1300 bytes leave by TCP instead of UDP (RFC 3261 18.1.1). Set it only where the
    // owner of the sockets can open TCP connections; there is no second try by UDP.
    bool tcp_for_large_requests = false;
    // Where no external address is given: learn ours from what servers say that they saw of our
    // REGISTER and OPTIONS. Nobody else is believed: a callee could send our calls anywhere.
    bool learn_public_address = false;
    // OPTIONS outside a dialog get 200. Otherwise silence, which is all that a scanner deserves.
    bool answer_options = true;
    // REGISTER is served: admitted ones become RegisterReceived. Otherwise 405.
    bool registrar = false;
    // Who may ask what; outlives the user agent. Without one everybody may.
    InboundPolicy* policy = nullptr;
    // Whether provisional responses with a session description are sent reliably to callers that
    // know how, and whether we say that we know how (RFC 3262).
    bool reliable_provisionals = true;
    SessionTimerSettings session_timer;
    std::size_t max_calls = 20'000;  // more are answered 503 with Retry-After
};

// The SIP side of one shard: transactions, dialogs, INVITE usages, digest. Sans-IO: everything
// comes in as an argument, everything goes out by Outputs. It knows no SDP, no sockets, no clock
// and no routing policy; every INVITE that is acceptable SIP becomes an IncomingCall. Owned by the
// shard's Exchange and touched by its thread only.
//
// A broken invariant of ours costs the call, or the message, whose turn it was: it is caught there
// and reported as Broken.
//
// Calls with a handle that is closed are ignored: the far end may always have hung up first.
class UserAgent {
  public:
    UserAgent(UserAgentConfig config, Random& random);

    // One datagram, or one framed message of a stream.
    void handle_message(Instant now, const Flow& flow, ByteView message, Outputs& out);
    // A Transmit could not be sent, or its connection closed; `flow` is that of the Transmit.
    void handle_transport_error(Instant now, const Flow& flow, Outputs& out);
    void handle_timeout(Instant now, Outputs& out);
    std::optional<Instant> next_timeout() const;

    // Outgoing calls. Ends by Answered, then Ended; or by Rejected.
    CallHandle invite(Instant now, InviteRequest request, Outputs& out);
    // The ACK with the answer, after an Answered or ReofferAnswered to a request without body.
    void acknowledge(Instant now, CallHandle call, Body body, Outputs& out);
    // The PRACK with the answer, after a Progress that says so.
    void acknowledge_progress(Instant now, CallHandle call, Body body, Outputs& out);

    // Incoming calls.
    void ring(Instant now, CallHandle call, Provisional provisional, Outputs& out);
    void answer(Instant now, CallHandle call, Answer answer, Outputs& out);
    // Closes the handle with Ended{LocalHangup}.
    void reject(Instant now, CallHandle call, Rejection rejection, Outputs& out);

    // In a call.
    void answer_reoffer(Instant now, CallHandle call, Answer answer, Outputs& out);
    void refuse_reoffer(Instant now, CallHandle call, Rejection rejection, Outputs& out);
    // Sends a re-INVITE; outcome by ReofferAnswered or ReofferRefused. 491 at once while another
    // INVITE transaction runs in the dialog.
    void reoffer(Instant now, CallHandle call, Body body, ExtraHeaders headers, Outputs& out);
    // The same by UPDATE, also before the call is answered, once its first offer was answered
    // reliably (RFC 3311). A peer whose Allow lacks UPDATE refuses it.
    void update(Instant now, CallHandle call, Body body, ExtraHeaders headers, Outputs& out);
    // An INFO in the dialog; its outcome is not reported, unless it ends the call.
    void send_info(Instant now, CallHandle call, Body body, ExtraHeaders headers, Outputs& out);
    // A MESSAGE in the dialog (RFC 3428); outcome by MessageAnswered.
    void send_message(Instant now, CallHandle call, Body body, ExtraHeaders headers, Outputs& out);

    // Transfers. Asks the peer to call somebody else; outcome by ReferFinished.
    ReferHandle refer(Instant now, CallHandle call, ReferRequest request, Outputs& out);
    // After a ReferReceived. Accepting sends 202 and a first NOTIFY; the call itself goes on.
    void accept_refer(Instant now, CallHandle call, ReferHandle refer, Outputs& out);
    void refuse_refer(
        Instant now, CallHandle call, ReferHandle refer, Rejection rejection, Outputs& out);
    // How far the call has come that we were asked for; a status from 200 on is the outcome. Still
    // possible when the call that carried the REFER has ended.
    void notify_refer(
        Instant now, CallHandle call, ReferHandle refer, ReferStatus status, Outputs& out);

    // Where the hop of a HopNamed is, best first, if it was found.
    void set_hop(Instant now,
                 CallHandle call,
                 const Uri& hop,
                 std::span<const Target> targets,
                 Outputs& out);

    // Whatever the state asks: CANCEL (also before the first provisional: as soon as the RFC lets
    // it leave), BYE, or 603. Never fails. Closes the handle at once with Ended{LocalHangup}; what
    // the wire still needs goes on behind it.
    void hangup(Instant now, CallHandle call, ExtraHeaders headers, Outputs& out);

    // Which dialog an established call is; nothing before its 2xx and after its end.
    std::optional<DialogIdentity> dialog(CallHandle call) const;
    // Whether the peer listed the method in its Allow; nothing when it had none.
    std::optional<bool> peer_allows(CallHandle call, Method method) const;

    // The call that an INVITE with such a Replaces would take the place of.
    std::optional<CallHandle> call_of(const Replaces& dialog) { return find_replaced(dialog).call; }

    RequestHandle request(Instant now, OutgoingRequest request, Outputs& out);
    // The answer to a RegisterReceived.
    void respond(Instant now,
                 const Flow& flow,
                 const Message& request,
                 const Response& response,
                 Outputs& out);

    // Our public addresses, as far as they were learned, here or on another shard.
    const Identity::LearnedAddresses& learned() const { return identity_.learned(); }
    void set_learned(Identity::LearnedAddresses addresses) {
        identity_.set_learned(std::move(addresses));
    }

    struct Counts {
        std::size_t calls = 0;  // usages, closed ones that still absorb repeats included
        std::size_t transactions = 0;
    };
    Counts counts() const;
    // One line: "caller established, dialog 7df0a/pb0.k2hq/x1 cseq 2/1 to sip:bob@192.0.2.4, 0
    // open".
    std::string describe(CallHandle call) const;

  private:
    // A request outside a call, until its final response.
    struct Pending {
        Flow flow;
        Message request;
        std::optional<DigestClient> digest;
    };

    // user_agent.cpp: what comes in
    void handle_request(UsageContext& context, const Flow& flow, Message request);
    void handle_ack(UsageContext& context, Message ack);
    void handle_cancel(UsageContext& context, const Flow& flow, Message cancel);
    void handle_in_dialog(UsageContext& context, const Flow& flow, Message request);
    void handle_out_of_dialog(UsageContext& context, const Flow& flow, Message request);
    void handle_new_invite(UsageContext& context,
                           const Flow& flow,
                           Message invite,
                           Admitted admitted);
    // The call that the Replaces of an INVITE names, or the status that refuses it.
    struct Replacement {
        std::optional<CallHandle> call;
        int refusal = 0;
    };
    Replacement find_replaced(const Message& invite);
    Replacement find_replaced(const Replaces& dialog);
    void open_incoming(UsageContext& context,
                       const Flow& flow,
                       Message invite,
                       Admitted admitted,
                       std::optional<CallHandle> replaces);
    void handle_response(UsageContext& context, const Flow& flow, Message response);
    void refuse(UsageContext& context,
                const Flow& flow,
                const Message& request,
                const ResponseContent& content) const;

    // user_agent_registrar.cpp: who may ask
    std::optional<Admitted> admit(UsageContext& context, const Flow& flow, const Message& request);

    // user_agent_calls.cpp: usages and commands
    UsageContext context(Instant now, Outputs& out);
    void drain(UsageContext& context, std::vector<transaction::ClientEvent> events);
    void handle_event(UsageContext& context, transaction::ResponseReceived event);
    void handle_event(UsageContext& context, const transaction::NotAnswered& event);
    void handle_event(UsageContext& context, const transaction::ClientEnded& event);
    void start(UsageContext& context, RequestHandle handle, OutgoingRequest request);
    Result<void> retry(UsageContext& context,
                       RequestHandle handle,
                       Pending& pending,
                       const Message& response);
    void finish_pending(UsageContext& context,
                        RequestHandle handle,
                        int status,
                        std::optional<Message> response);
    void add(CallHandle handle, InviteUsage usage);
    InviteUsage* find(CallHandle handle);
    InviteUsage* find(const Message& message, std::optional<std::string_view> local_tag);
    // Notes what the step changed: the next deadline, or that the usage is over.
    void settle(CallHandle handle);
    // Runs a step of one call and settles it; where an invariant breaks, the call ends.
    template <class Step>
    void run(UsageContext& context, CallHandle handle, Step step);
    // Runs what belongs to no call. False when an invariant broke.
    template <class Step>
    bool survives(UsageContext& context, Step step);
    void break_off(UsageContext& context, CallHandle handle, const BrokenInvariant& bug);
    void forget(CallHandle handle);
    template <class Step>
    void with_call(Instant now, CallHandle handle, Outputs& out, Step step);

    UserAgentConfig config_;
    Identity identity_;
    transaction::Clients clients_;
    transaction::Servers servers_;
    std::uint64_t last_handle_ = 0;
    std::unordered_map<CallHandle, InviteUsage> usages_;
    std::unordered_map<std::string, CallHandle> by_dialog_;  // Call-ID and local tag
    std::unordered_map<RequestHandle, Pending> pending_;
    transaction::Deadlines<CallHandle> deadlines_;
};

template <class Step>
void UserAgent::run(UsageContext& context, CallHandle handle, Step step) {
    try {
        step();
        settle(handle);
    } catch (const BrokenInvariant& bug) {
        break_off(context, handle, bug);
    }
}

template <class Step>
bool UserAgent::survives(UsageContext& context, Step step) {
    try {
        step();
        return true;
    } catch (const BrokenInvariant& bug) {
        context.out.broken.push_back({CallHandle(), bug.what()});
        return false;
    }
}

}  // namespace patchbay::sip
