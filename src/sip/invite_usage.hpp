// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/awaited_ack.hpp"
#include "sip/callee_progress.hpp"
#include "sip/caller_progress.hpp"
#include "sip/compose.hpp"
#include "sip/dialog.hpp"
#include "sip/digest.hpp"
#include "sip/event.hpp"
#include "sip/identity.hpp"
#include "sip/request.hpp"
#include "sip/transaction/clients.hpp"
#include "sip/transaction/servers.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

// What a usage works with during one step.
struct UsageContext {
    Instant now;
    const Identity& identity;
    transaction::Clients& clients;
    transaction::Servers& servers;
    Outputs& out;
};

// A request that came in, with the transaction that wants its answer.
struct ServerRequest {
    transaction::ServerId transaction;
    Flow flow;
    Message message;
    Admitted admitted = {};  // of an INVITE outside a dialog
};

// One call as SIP sees it: the INVITE, its dialogs, and what happens in them until BYE. Several
// small machines side by side, never multiplied out: the progress of the INVITE (one for each
// side), the 2xx that waits for its ACK, the re-INVITE in, the re-INVITE out. It knows no bodies,
// and nothing of other calls; UserAgent owns it, finds it by Call-ID and local tag, and keeps it
// until is_finished().
//
// One file per thing it does: invite_usage_caller.cpp, _callee.cpp, _dialog.cpp (BYE, INFO),
// _reoffer.cpp.
class InviteUsage {
  public:
    // Calls; a request that makes no message is malformed.
    static Result<InviteUsage> call(UsageContext& context,
                                    CallHandle handle,
                                    InviteRequest request);
    // Is called; an INVITE that makes no dialog is malformed.
    static Result<InviteUsage> be_called(UsageContext& context,
                                         CallHandle handle,
                                         ServerRequest invite);

    // From the client transactions whose Owner is the handle.
    void handle_response(UsageContext& context, transaction::ClientId id, Message response);
    void handle_not_answered(UsageContext& context, transaction::ClientId id, int status);
    void handle_client_ended(transaction::ClientId id);
    // From the peer, in one of our dialogs. CANCEL has been answered 200 already.
    void handle_request(UsageContext& context, ServerRequest request);
    void handle_ack(UsageContext& context, Message ack);
    void handle_cancel(UsageContext& context, transaction::ServerId canceled, Message cancel);
    // A 2xx whose INVITE transaction is gone: wants its ACK again.
    void handle_stray_success(UsageContext& context, const Message& response);
    void handle_timeout(UsageContext& context);
    std::optional<Instant> next_timeout() const;

    // From the user; see UserAgent.
    void ring(UsageContext& context, const Provisional& provisional);
    void answer(UsageContext& context, const Answer& answer);
    void reject(UsageContext& context, const Rejection& rejection);
    void acknowledge(UsageContext& context, const Body& body);
    void answer_reoffer(UsageContext& context, const Answer& answer);
    void refuse_reoffer(UsageContext& context, const Rejection& rejection);
    void reoffer(UsageContext& context, const Body& body, const ExtraHeaders& headers);
    void send_info(UsageContext& context, const Body& body, const ExtraHeaders& headers);
    void hangup(UsageContext& context, const ExtraHeaders& headers);
    // A fault of ours ends the call: 500, BYE or CANCEL, whatever the states say, for the fault may
    // have come between a state and its message. The last thing that is asked of a usage.
    void break_off(UsageContext& context);

    CallHandle handle() const { return handle_; }
    const std::string& call_id() const { return call_id_; }
    const std::string& local_tag() const { return local_tag_; }
    // The user has had the last event.
    bool is_closed() const { return closed_; }
    // Over, and nothing on the wire can ask for it any more.
    bool is_finished() const { return is_over() && sent_.empty(); }
    std::string describe() const;

  private:
    using ClientId = transaction::ClientId;
    using ServerId = transaction::ServerId;

    // The calling side of the first INVITE.
    struct Caller {
        CallerProgress progress;
        Message invite;  // the latest: credentials make a new one
        Flow flow;
        std::vector<Flow> alternates;  // not tried yet
        ClientId transaction;
        bool offerless = false;  // the ACK carries the answer, and only the user has it
        bool ack_owed = false;
        ExtraHeaders farewell = {};  // of the CANCEL or BYE to come
        std::vector<Dialog> early = {};
    };
    struct Callee {
        CalleeProgress progress;
        ServerRequest invite;
        ExtraHeaders farewell = {};
    };
    struct OutgoingReoffer {
        ClientId transaction;
        std::uint32_t sequence = 0;
        bool offerless = false;
        bool ack_owed = false;
    };
    // A transaction of ours that lives. The request is kept to be sent again with credentials; not
    // so of a CANCEL, which cannot be challenged (RFC 3261 22.1).
    struct Sent {
        ClientId transaction;
        Flow flow;
        std::optional<Message> request;
    };
    struct KeptAck {
        std::string remote_tag;
        std::uint32_t sequence;
        Transmit ack;
    };

    InviteUsage(CallHandle handle, std::string call_id, std::string local_tag)
        : handle_(handle), call_id_(std::move(call_id)), local_tag_(std::move(local_tag)) {}

    // invite_usage.cpp
    transaction::Owner owner() const { return transaction::Owner(handle_.value()); }
    bool is_over() const;
    void emit(UsageContext& context, Event event);
    void close(UsageContext& context, Event last);
    ClientId start(UsageContext& context, const Flow& flow, Message request);
    // Sends the request again with the credentials that `response` asks for; an error when they are
    // not to be had, or nobody wants the request any more.
    Result<void> retry_with_credentials(UsageContext& context,
                                        ClientId id,
                                        const Message& response);
    bool is_wanted(ClientId id) const;
    void respond(UsageContext& context,
                 const ServerRequest& request,
                 const ResponseContent& content) const;

    // invite_usage_caller.cpp
    void handle_invite_response(UsageContext& context, Message response);
    void handle_invite_success(UsageContext& context, Message response);
    void handle_fork(UsageContext& context, const Message& response);
    void note_early_dialog(const Message& response);
    // RFC 3263 4.3: the INVITE once more, by the next target; an error when there is none, or when
    // nobody wants the call any more.
    Result<void> try_next_hop(UsageContext& context, int status);
    Result<void> establish(const Message& response);
    void perform(UsageContext& context,
                 CallerProgress::Action action,
                 std::optional<Message> response,
                 int status);
    void send_cancel(UsageContext& context);
    void send_ack(UsageContext& context,
                  const Dialog& dialog,
                  std::uint32_t sequence,
                  const Body& body);
    void send_owed_ack(UsageContext& context, const Body& body);
    void acknowledge_invite(UsageContext& context, const Body& body);
    const KeptAck* find_ack(const Message& response) const;

    // invite_usage_callee.cpp
    void perform(UsageContext& context,
                 CalleeProgress::Action action,
                 std::optional<Message> cause);
    void await_ack(UsageContext& context, const ServerRequest& invite, const Answer& answer);

    // invite_usage_dialog.cpp
    Dialog* find_dialog(const Message& request);
    void handle_bye(UsageContext& context, ServerRequest request);
    void send_bye(UsageContext& context, Dialog& dialog, const ExtraHeaders& headers);
    void end_dialog(UsageContext& context, EndCause cause);
    void give_up_invite(UsageContext& context);

    // invite_usage_reoffer.cpp
    void handle_reinvite(UsageContext& context, ServerRequest request);
    void handle_reoffer_response(UsageContext& context, Message response);
    void refuse_pending_reoffer(UsageContext& context, int status);

    CallHandle handle_;
    std::string call_id_;
    std::string local_tag_;
    bool closed_ = false;
    std::optional<DigestClient> digest_;

    std::optional<Caller> caller_;  // exactly one of the two
    std::optional<Callee> callee_;
    std::optional<Dialog> dialog_;
    std::optional<AwaitedAck> awaited_ack_;
    std::optional<ServerRequest> reoffer_in_;  // until the user answers
    std::optional<OutgoingReoffer> reoffer_out_;
    // When an INVITE is given up that may be in progress for ever: 64*T1 after its CANCEL (9.1), or
    // after the BYE that overtook a re-INVITE.
    std::optional<Instant> give_up_at_;
    std::vector<Sent> sent_;
    std::vector<KeptAck> kept_acks_;
};

}  // namespace patchbay::sip
