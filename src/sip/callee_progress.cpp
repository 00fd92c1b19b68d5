// SPDX-License-Identifier: Apache-2.0
#include "sip/callee_progress.hpp"

#include "base/overloaded.hpp"

namespace patchbay::sip {

CalleeProgress::Action CalleeProgress::handle(const Input& input) {
    switch (state_) {
        case State::Incoming: return incoming(input);
        case State::Answered: return answered(input);
        case State::Leaving: return leaving(input);
        case State::Confirmed: return confirmed(input);
        case State::Ended: return Action::None;
    }
    return Action::None;
}

CalleeProgress::Action CalleeProgress::incoming(const Input& input) {
    return std::visit(
        Overloaded{
            [](Ring) { return Action::SendProvisional; },
            [&](Answer) { return enter(State::Answered, Action::SendSuccess); },
            [&](Reject) { return enter(State::Ended, Action::SendFailure); },
            [&](PeerCancel) { return enter(State::Ended, Action::Terminate); },
            [&](PeerBye) { return enter(State::Ended, Action::Terminate); },  // 15.1.2
            [](Ack) { return Action::None; },
            [](NoAck) { return Action::None; },
            [&](Hangup) { return enter(State::Ended, Action::SendFailure); },
        },
        input);
}

CalleeProgress::Action CalleeProgress::answered(const Input& input) {
    return std::visit(
        Overloaded{
            [](Ring) { return Action::None; },
            [](Answer) { return Action::None; },
            [](Reject) { return Action::None; },
            [](PeerCancel) { return Action::None; },  // too late (9.2): the caller will say BYE
            [&](PeerBye) { return enter(State::Ended, Action::ReportRemoteEnd); },
            [&](Ack) { return enter(State::Confirmed, Action::ReportConfirmed); },
            [&](NoAck) { return enter(State::Ended, Action::GiveUp); },
            [&](Hangup) { return enter(State::Leaving, Action::None); },
        },
        input);
}

CalleeProgress::Action CalleeProgress::leaving(const Input& input) {
    return std::visit(Overloaded{
                          [](Ring) { return Action::None; },
                          [](Answer) { return Action::None; },
                          [](Reject) { return Action::None; },
                          [](PeerCancel) { return Action::None; },
                          [&](PeerBye) { return enter(State::Ended, Action::ReportRemoteEnd); },
                          [&](Ack) { return enter(State::Ended, Action::SendBye); },
                          [&](NoAck) { return enter(State::Ended, Action::SendBye); },
                          [](Hangup) { return Action::None; },
                      },
                      input);
}

CalleeProgress::Action CalleeProgress::confirmed(const Input& input) {
    return std::visit(Overloaded{
                          [](Ring) { return Action::None; },
                          [](Answer) { return Action::None; },
                          [](Reject) { return Action::None; },
                          [](PeerCancel) { return Action::None; },
                          [&](PeerBye) { return enter(State::Ended, Action::ReportRemoteEnd); },
                          [](Ack) { return Action::None; },
                          [](NoAck) { return Action::None; },
                          [&](Hangup) { return enter(State::Ended, Action::SendBye); },
                      },
                      input);
}

CalleeProgress::Action CalleeProgress::enter(State next, Action action) {
    state_ = next;
    return action;
}

std::string_view to_string(CalleeProgress::State state) {
    switch (state) {
        case CalleeProgress::State::Incoming: return "incoming";
        case CalleeProgress::State::Answered: return "answered";
        case CalleeProgress::State::Leaving: return "leaving";
        case CalleeProgress::State::Confirmed: return "confirmed";
        case CalleeProgress::State::Ended: return "ended";
    }
    return "?";
}

}  // namespace patchbay::sip
