// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

namespace patchbay::sip {

// How far an INVITE that came in has come (RFC 3261 9.2, 13.3, 15). A machine without messages and
// timers; InviteUsage performs what it asks.
class CalleeProgress {
  public:
    enum class State : std::uint8_t {
        Incoming,   // 100 or other provisionals sent
        Answered,   // 2xx sent and repeated until the ACK
        Leaving,    // hung up while Answered: the BYE must wait for the ACK (15)
        Confirmed,  // ACK received
        Ended,
    };
    struct Ring {};
    struct Answer {};
    struct Reject {};
    struct PeerCancel {};
    struct PeerBye {};
    struct Ack {};
    struct NoAck {};  // 64*T1 without one
    struct Hangup {};
    using Input = std::variant<Ring, Answer, Reject, PeerCancel, PeerBye, Ack, NoAck, Hangup>;

    enum class Action : std::uint8_t {
        None,
        SendProvisional,
        SendSuccess,
        SendFailure,
        Terminate,  // 487, and report that the caller gave up
        ReportConfirmed,
        ReportRemoteEnd,
        SendBye,
        GiveUp,  // BYE, and report that no ACK came
    };

    Action handle(const Input& input);
    State state() const { return state_; }

  private:
    Action incoming(const Input& input);
    Action answered(const Input& input);
    Action leaving(const Input& input);
    Action confirmed(const Input& input);

    Action enter(State next, Action action);

    State state_ = State::Incoming;
};

std::string_view to_string(CalleeProgress::State state);

}  // namespace patchbay::sip
