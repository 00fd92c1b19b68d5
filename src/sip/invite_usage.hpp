// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boxed.hpp"
#include "sip/awaited_ack.hpp"
#include "sip/callee_progress.hpp"
#include "sip/caller_progress.hpp"
#include "sip/compose.hpp"
#include "sip/dialog.hpp"
#include "sip/dialog_identity.hpp"
#include "sip/digest.hpp"
#include "sip/event.hpp"
#include "sip/identity.hpp"
#include "sip/method.hpp"
#include "sip/refer_subscription.hpp"
#include "sip/request.hpp"
#include "sip/session_timer.hpp"
#include "sip/transaction/clients.hpp"
#include "sip/transaction/servers.hpp"

#include <cstdint>
#include <list>
#include <optional>
#include <span>
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
    const SessionTimerSettings& session_timer;
    std::uint64_t& last_handle;  // of the user agent; incremented for a new one
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
// side), reliable provisional responses, the 2xx that waits for its ACK, the offer in, the offer
// out, the session timer, REFERs. It knows no bodies, and nothing of other calls; UserAgent owns
// it, finds it by Call-ID and local tag, and keeps it until is_finished().
//
// One file per thing it does: invite_usage_caller.cpp, _callee.cpp, _reliable.cpp (PRACK),
// _dialog.cpp (BYE, INFO, MESSAGE), _reoffer.cpp (re-INVITE, UPDATE), _timer.cpp, _refer.cpp.
class InviteUsage {
  public:
    // Calls; a request that makes no message is malformed.
    static Result<InviteUsage> call(UsageContext& context,
                                    CallHandle handle,
                                    InviteRequest request);
    // Is called; an INVITE that makes no dialog is malformed.
    static Result<InviteUsage> be_called(UsageContext& context,
                                         CallHandle handle,
                                         ServerRequest invite,
                                         std::optional<CallHandle> replaces);

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
    void acknowledge_progress(UsageContext& context, const Body& body);
    void answer_reoffer(UsageContext& context, const Answer& answer);
    void refuse_reoffer(UsageContext& context, const Rejection& rejection);
    void reoffer(UsageContext& context,
                 Method method,
                 const Body& body,
                 const ExtraHeaders& headers);
    void send_in_dialog(UsageContext& context,
                        Method method,
                        const Body& body,
                        const ExtraHeaders& headers);
    void refer(UsageContext& context, ReferHandle refer, const ReferRequest& request);
    void accept_refer(UsageContext& context, ReferHandle refer);
    void refuse_refer(UsageContext& context, ReferHandle refer, const Rejection& rejection);
    void set_hop(const Uri& hop, std::span<const Target> targets);
    void notify_refer(UsageContext& context, ReferHandle refer, ReferStatus status);
    void hangup(UsageContext& context, const ExtraHeaders& headers);
    // A fault of ours ends the call: 500, BYE or CANCEL, whatever the states say, for the fault may
    // have come between a state and its message. The last thing that is asked of a usage.
    void break_off(UsageContext& context);

    CallHandle handle() const { return handle_; }
    const std::string& call_id() const { return call_id_; }
    const std::string& local_tag() const { return local_tag_; }
    // The user has had the last event.
    bool is_closed() const { return closed_; }
    // Of the confirmed dialog; nothing before.
    std::optional<DialogIdentity> dialog_identity() const;
    // By the Allow of the peer; nothing when it never said.
    std::optional<bool> peer_allows(Method method) const;
    // What a Replaces that names this call and `peer_tag` shall come to: 0 when it may take the
    // call's place, else the status that refuses it (RFC 3891 3).
    int refusal_of_replacement(std::string_view peer_tag, bool early_only) const;
    // Over, and nothing on the wire can ask for it any more.
    bool is_finished() const;
    std::string describe() const;

  private:
    using ClientId = transaction::ClientId;
    using ServerId = transaction::ServerId;

    struct EarlyDialog {
        Dialog dialog;
        std::optional<std::uint32_t> response_number;  // RSeq of the last reliable response
        std::optional<RAck> owed;      // of the PRACK that waits for the user's answer
        bool session_settled = false;  // offer and answer went by reliable response and PRACK
    };
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
        std::vector<EarlyDialog> early = {};
    };
    struct Callee {
        CalleeProgress progress;
        ServerRequest invite;
        ExtraHeaders farewell = {};
        std::uint32_t response_number = 0;                 // RSeq of the last reliable response
        std::optional<AwaitedPrack> awaited_prack = {};    // is being repeated
        std::optional<std::uint32_t> unacknowledged = {};  // its RSeq, also when no longer repeated
        std::list<Provisional> waiting = {};               // for that PRACK
        std::optional<Answer> held_answer = {};            // for that PRACK as well
        bool session_settled = false;  // offer and answer went by reliable response and PRACK
    };
    struct OutgoingReoffer {
        ClientId transaction;
        std::uint32_t sequence = 0;
        Method method = Method::Invite;
        Body body;
        bool refresh = false;
        bool ack_owed = false;
    };
    // A transaction of ours that lives. The request is kept to be sent again with credentials; not
    // so of a CANCEL, which cannot be challenged (RFC 3261 22.1).
    struct Sent {
        ClientId transaction;
        Flow flow;
        Method method = Method::Other;
        std::string remote_tag;  // of the dialog
        std::optional<Message> request;
        bool authorized_ahead = false;  // with credentials that nobody had asked for yet
    };
    struct KeptAck {
        std::string remote_tag;
        std::uint32_t sequence;
        Transmit ack;
    };
    struct OutgoingRefer {
        ReferHandle handle;
        ClientId transaction;
        std::uint32_t sequence = 0;
        ReferSubscriber subscriber = {};
    };
    struct IncomingRefer {
        ReferHandle handle;
        std::uint32_t sequence = 0;
        bool subscribed = true;                // false: RFC 4488
        bool numbered = false;                 // not the first of the dialog (RFC 3515 2.4.6)
        std::optional<ServerRequest> request;  // until the user has answered it
        std::optional<ReferNotifier> notifier = {};
        ClientId transaction = {};  // of the NOTIFY on its way
    };

    InviteUsage(const UsageContext& context,
                CallHandle handle,
                std::string call_id,
                std::string local_tag)
        : handle_(handle),
          call_id_(std::move(call_id)),
          local_tag_(std::move(local_tag)),
          timer_(context.session_timer) {}

    // invite_usage.cpp
    transaction::Owner owner() const { return transaction::Owner(handle_.value()); }
    bool is_over() const;
    bool is_confirmed() const;
    void emit(UsageContext& context, Event event);
    void close(UsageContext& context, Event last);
    ClientId start(UsageContext& context,
                   const Flow& flow,
                   Message request,
                   std::string_view remote_tag);
    bool authorize_ahead(const UsageContext& context, Message& request);
    // Sends the request again with the credentials that `response` asks for; an error when they are
    // not to be had, or nobody wants the request any more.
    Result<void> retry_with_credentials(UsageContext& context,
                                        ClientId id,
                                        const Message& response);
    Result<void> retry_with_interval(UsageContext& context, ClientId id, const Message& response);
    void retry(UsageContext& context, ClientId id, Message again, std::uint32_t sequence);
    std::uint32_t sequence_after(const Sent& sent, const Message& request);
    const Sent* find_sent(ClientId id) const;
    const Message* request_of(ClientId id) const;  // null when it is forgotten
    bool is_wanted(ClientId id) const;
    void handle_other_response(
        UsageContext& context, ClientId id, Method method, int status, const Message* response);
    void respond(UsageContext& context,
                 const ServerRequest& request,
                 const ResponseContent& content) const;
    void respond_later(UsageContext& context, const ServerRequest& request) const;
    void note_capabilities(const Message& message);

    // invite_usage_caller.cpp
    void handle_invite_response(UsageContext& context, Message response);
    void handle_invite_provisional(UsageContext& context, Message response);
    void handle_invite_success(UsageContext& context, Message response);
    void handle_fork(UsageContext& context, const Message& response);
    void note_early_dialog(const Message& response);
    // RFC 3263 4.3: the INVITE once more, by the next target; an error when there is none, or when
    // nobody wants the call any more.
    Result<void> try_next_hop(UsageContext& context, int status);
    EarlyDialog* find_early_dialog(std::string_view remote_tag);
    Result<void> establish(const Message& response);
    void perform(UsageContext& context,
                 CallerProgress::Action action,
                 std::optional<Message> response,
                 int status);
    void send_cancel(UsageContext& context);
    void send_ack(UsageContext& context,
                  const Dialog& dialog,
                  std::uint32_t sequence,
                  const Body& body,
                  const Message* invite);
    void send_owed_ack(UsageContext& context, const Body& body);
    void acknowledge_invite(UsageContext& context, const Body& body);
    const KeptAck* find_ack(const Message& response) const;

    // invite_usage_callee.cpp
    void perform(UsageContext& context,
                 CalleeProgress::Action action,
                 std::optional<Message> cause);
    void send_answer(UsageContext& context, const Answer& answer);
    void await_ack(UsageContext& context, const ServerRequest& invite, const Answer& answer);
    void handle_ack_timeout(UsageContext& context);

    // invite_usage_reliable.cpp
    enum class Reliable : std::uint8_t { News, Repeat, AnswerOwed };
    Reliable take_reliable(UsageContext& context, const Message& response);
    void send_prack(UsageContext& context, Dialog& dialog, const RAck& rack, const Body& body);
    bool is_sent_reliably(const UsageContext& context, const Provisional& provisional) const;
    void send_reliably(UsageContext& context, const Provisional& provisional);
    void handle_prack(UsageContext& context, ServerRequest request);
    void handle_prack_session(UsageContext& context, ServerRequest request, bool had_session);
    void handle_prack_timeout(UsageContext& context);

    // invite_usage_dialog.cpp
    Dialog* find_dialog(const Message& request);
    Dialog* find_dialog(std::string_view remote_tag);
    void handle_bye(UsageContext& context, ServerRequest request);
    void handle_info(UsageContext& context, ServerRequest request);
    void send_bye(UsageContext& context, Dialog& dialog, const ExtraHeaders& headers);
    void ask_for_hop(UsageContext& context);
    void end_dialog(UsageContext& context, EndCause cause);
    void give_up_invite(UsageContext& context);

    // invite_usage_reoffer.cpp
    void handle_reinvite(UsageContext& context, ServerRequest request);
    void handle_update(UsageContext& context, Dialog& dialog, ServerRequest request);
    bool owes_session_answer(const Dialog& dialog) const;
    bool awaits_session_answer(const Dialog& dialog) const;
    void handle_reoffer_response(UsageContext& context, Message response);
    void handle_reoffer_failure(UsageContext& context, int status);
    void handle_reoffer_success(UsageContext& context, Message response);
    Dialog* dialog_to_update();
    void send_reoffer(UsageContext& context,
                      Dialog& dialog,
                      OutgoingReoffer reoffer,
                      const ExtraHeaders& headers);
    void refuse_pending_reoffer(UsageContext& context, int status);

    // invite_usage_timer.cpp
    bool refuse_short_interval(UsageContext& context, const ServerRequest& request) const;
    void handle_session_timeout(UsageContext& context);
    void refresh_session(UsageContext& context);

    // invite_usage_refer.cpp
    void handle_refer(UsageContext& context, ServerRequest request);
    void handle_refer_response(UsageContext& context,
                               ClientId id,
                               int status,
                               const Message* response);
    void report_refer(UsageContext& context,
                      ReferHandle refer,
                      const std::optional<ReferSubscriber::News>& news);
    void handle_notify(UsageContext& context, ServerRequest request);
    OutgoingRefer* find_subscription(const EventPackage& event);
    void handle_notify_response(UsageContext& context, ClientId id, int status);
    void send_notify(UsageContext& context,
                     IncomingRefer& refer,
                     const ReferStatus& status,
                     std::string_view end_reason);
    void refuse_pending_refers(UsageContext& context);
    void handle_refer_timeouts(UsageContext& context);
    std::optional<Instant> next_refer_timeout() const;
    bool has_live_refers() const;
    IncomingRefer* find_refer(ReferHandle refer);

    CallHandle handle_;
    std::string call_id_;
    std::string local_tag_;
    bool closed_ = false;
    std::optional<DigestClient> digest_;

    Boxed<Caller> caller_;  // exactly one of the two
    Boxed<Callee> callee_;
    std::optional<Dialog> dialog_;
    std::optional<AwaitedAck> awaited_ack_;
    Boxed<ServerRequest> reoffer_in_;  // until the user answers
    std::optional<OutgoingReoffer> reoffer_out_;
    SessionTimer timer_;
    Body last_session_;                          // description of ours that is in force
    std::optional<std::uint32_t> peer_methods_;  // of its Allow, one bit each
    std::vector<OutgoingRefer> refers_out_;
    std::vector<IncomingRefer> refers_in_;
    bool was_referred_ = false;  // a REFER came in this dialog before
    // When an INVITE is given up that may be in progress for ever: 64*T1 after its CANCEL (9.1), or
    // after the BYE that overtook a re-INVITE.
    std::optional<Instant> give_up_at_;
    std::vector<Sent> sent_;
    std::vector<KeptAck> kept_acks_;
};

}  // namespace patchbay::sip
