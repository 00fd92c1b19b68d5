// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/strong.hpp"
#include "base/time.hpp"
#include "sip/flow.hpp"
#include "sip/header/name_addr.hpp"
#include "sip/inbound_policy.hpp"
#include "sip/message.hpp"
#include "sip/refer_subscription.hpp"
#include "sip/uri.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::sip {

// Names one INVITE usage of one user agent, for as long as the usage is of interest to its user:
// from invite() or IncomingCall until the one of Rejected, Canceled, Ended that closes it. Never
// reused.
using CallHandle = Strong<std::uint64_t, struct CallHandleTag>;
// Names one request outside a call: REGISTER, OPTIONS, MESSAGE.
using RequestHandle = Strong<std::uint64_t, struct RequestHandleTag>;

// What the user agent tells its user. Messages are complete as they came, so that any header and
// the body can be read; the user agent itself reads no body.

// An INVITE outside a dialog. 100 Trying has been sent. Answer with ring(), answer() or reject().
struct IncomingCall {
    CallHandle call;
    Flow flow;
    Message request;
    Admitted admitted;  // what the InboundPolicy found out about the caller
    // The call of ours that this one shall take the place of (RFC 3891): who answers this one hangs
    // that one up. Whether the caller may is the user's to judge.
    std::optional<CallHandle> replaces = std::nullopt;
};
// A provisional response above 100 to our INVITE. With forking several dialogs may report.
struct Progress {
    CallHandle call;
    Message response;
    // It was sent reliably and carries the offer that our INVITE did not: the user owes an
    // acknowledge_progress() with the answer (RFC 3262 5).
    bool answer_owed = false;
};
// The PRACK of a provisional response of ours that carried a session description. It carries the
// SDP answer when the INVITE carried no offer.
struct ProgressConfirmed {
    CallHandle call;
    Message prack;
};
// The first 2xx to our INVITE. It has been ACKed already, unless our INVITE carried no body: then
// the 2xx carries the offer, and the user owes an acknowledge() with the answer.
struct Answered {
    CallHandle call;
    Message response;
};
// Closes the handle: our INVITE was not accepted. `response` is absent when the network did not
// give one: 408 for a timeout (timer B), 503 for a transport error (RFC 3261 8.1.3.1).
struct Rejected {
    CallHandle call;
    int status = 0;
    std::string reason;
    std::optional<Message> response;
};
// The ACK of our 2xx; it carries the SDP answer when the INVITE carried no offer.
struct Confirmed {
    CallHandle call;
    Message ack;
};
// Closes the handle: the caller sent CANCEL, or BYE on an early dialog, before we answered. The
// INVITE has been answered 487. `request` may carry a Reason header (RFC 3326).
struct Canceled {
    CallHandle call;
    Message request;
};
// A re-INVITE, or an UPDATE or PRACK with an offer (RFC 3311, RFC 3262 5). A re-INVITE without a
// body asks for an offer. Answer with answer_reoffer() or refuse_reoffer(), the latter two at once;
// until then further ones are refused (RFC 3261 14.2).
struct Reoffer {
    CallHandle call;
    Message request;
};
// The peer took its re-INVITE back by CANCEL; it has been answered 487, the call goes on as it was.
struct ReofferCanceled {
    CallHandle call;
};
// The ACK of our 2xx to a re-INVITE.
struct ReofferConfirmed {
    CallHandle call;
    Message ack;
};
// The 2xx to our own reoffer() or update(). ACKed already, unless a re-INVITE carried no body.
struct ReofferAnswered {
    CallHandle call;
    Message response;
    // Nobody asked for it: the session timer sent the description of last time once more.
    bool refresh = false;
};
// Our own reoffer() failed; the call goes on as it was. After 491 the user may try again when
// `retry_after` has passed (RFC 3261 14.1).
struct ReofferRefused {
    CallHandle call;
    int status = 0;
    std::optional<Milliseconds> retry_after;
};
// An INFO in the dialog. 200 has been sent.
struct InfoReceived {
    CallHandle call;
    Message request;
};
// A MESSAGE in the dialog. 200 has been sent.
struct MessageReceived {
    CallHandle call;
    Message request;
};
// The final answer to a send_message(); 408 when there was none.
struct MessageAnswered {
    CallHandle call;
    int status = 0;
};
// A REFER in the dialog: the peer wants us to call somebody else. Answer at once with
// accept_refer() or refuse_refer(); after the former tell by notify_refer() how it goes.
struct ReferReceived {
    CallHandle call;
    ReferHandle refer;
    NameAddr refer_to;
    Message request;
};
// The peer accepted our refer().
struct ReferAccepted {
    CallHandle call;
    ReferHandle refer;
};
// How far the call has come that we asked the peer for.
struct ReferProgress {
    CallHandle call;
    ReferHandle refer;
    ReferStatus status;
};
// Closes the handle of our refer(): the peer refused, or reported the outcome, or fell silent
// (408). Status 0: nobody will tell. Does not come when the call ends first.
struct ReferFinished {
    CallHandle call;
    ReferHandle refer;
    ReferStatus status;
};

enum class EndCause : std::uint8_t {
    LocalHangup,       // hangup() or reject(), or a fault of ours (Outputs::broken)
    RemoteHangup,      // BYE
    AckTimeout,        // no ACK for our 2xx in 64*T1; BYE has been sent (RFC 3261 13.3.1.4)
    DialogGone,        // the peer answered 481 or 408, or nothing (RFC 3261 12.2.1.2)
    TransportFailure,  // the flow broke and no other is known
    SessionExpired,    // nobody renewed the session in time; BYE has been sent (RFC 4028 10)
};
std::string_view to_string(EndCause cause);

// Closes the handle. `request` is the BYE when there was one.
struct Ended {
    CallHandle call;
    EndCause cause = EndCause::LocalHangup;
    std::optional<Message> request;
};

// A REGISTER that the InboundPolicy admitted. Answer with respond(), at once.
struct RegisterReceived {
    Flow flow;
    Message request;
    Admitted admitted;
};

// An INVITE got no answer by this flow (408, 503), or 503 itself; it leaves again by the next one.
// So does a registration of ours, which is no call.
struct HopFailed {
    CallHandle call;
    Flow flow;
    int status = 0;
};

// Requests of the call go to a host that has a name. Whoever can look it up says where that is, by
// UserAgent::set_hop(); until then they go back to where the dialog came from.
struct HopNamed {
    CallHandle call;
    Uri hop;
};

// The outcome of request(). `response` is absent after a timeout (408) or transport error (503).
struct RequestFinished {
    RequestHandle handle;
    int status = 0;
    std::optional<Message> response;
};

using Event = std::variant<IncomingCall,
                           HopFailed,
                           HopNamed,
                           Progress,
                           ProgressConfirmed,
                           Answered,
                           Rejected,
                           Confirmed,
                           Canceled,
                           Reoffer,
                           ReofferCanceled,
                           ReofferConfirmed,
                           ReofferAnswered,
                           ReofferRefused,
                           InfoReceived,
                           MessageReceived,
                           MessageAnswered,
                           ReferReceived,
                           ReferAccepted,
                           ReferProgress,
                           ReferFinished,
                           Ended,
                           RegisterReceived,
                           RequestFinished>;

// An invariant of ours was found broken while this call, or a message of none (handle 0), had its
// turn. What the call was owed has been tried (500, CANCEL, BYE), and it is gone.
struct Broken {
    CallHandle call;
    std::string report;
};

// The call that an event is about; none for requests outside a call.
std::optional<CallHandle> call_of(const Event& event);

struct Outputs {
    std::vector<Transmit> transmits;
    std::vector<Event> events;
    std::vector<Broken> broken;
};

}  // namespace patchbay::sip
