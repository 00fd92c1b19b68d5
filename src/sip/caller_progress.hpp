// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

namespace patchbay::sip {

// How far an INVITE of ours has come, and what a hangup means at that point (RFC 3261 9.1, 13.2,
// 15). A machine without messages and timers; InviteUsage performs what it asks.
class CallerProgress {
  public:
    enum class State : std::uint8_t {
        Calling,        // nothing heard: a CANCEL may not leave yet (9.1)
        Proceeding,     // a provisional was heard
        CancelPending,  // hung up while Calling: waits for the first sign of life
        Canceling,      // CANCEL sent, final response awaited
        Established,    // a 2xx came
        Ended,
    };
    struct Provisional {
        bool trying = false;  // 100 is hop by hop news, not the callee's
    };
    struct Success {};
    struct Failure {};
    struct Retry {};   // the INVITE leaves again, with credentials
    struct GaveUp {};  // nobody answered: timer B, transport error, or 64*T1 after the CANCEL
    struct Hangup {};
    struct PeerBye {};
    using Input = std::variant<Provisional, Success, Failure, Retry, GaveUp, Hangup, PeerBye>;

    enum class Action : std::uint8_t {
        None,
        ReportProgress,
        ReportAnswered,  // and ACK, if the answer need not come from the user
        ReportRejected,
        ReportRemoteEnd,
        SendCancel,
        SendBye,  // after an ACK, if there was none yet
    };

    Action handle(const Input& input);
    State state() const { return state_; }

  private:
    Action calling(const Input& input);
    Action proceeding(const Input& input);
    Action cancel_pending(const Input& input);
    Action canceling(const Input& input);
    Action established(const Input& input);

    Action enter(State next, Action action);

    State state_ = State::Calling;
};

std::string_view to_string(CallerProgress::State state);

}  // namespace patchbay::sip
