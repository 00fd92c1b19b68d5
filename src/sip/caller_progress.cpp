// SPDX-License-Identifier: Apache-2.0
#include "sip/caller_progress.hpp"

#include "base/overloaded.hpp"

namespace patchbay::sip {

CallerProgress::Action CallerProgress::handle(const Input& input) {
    switch (state_) {
        case State::Calling: return calling(input);
        case State::Proceeding: return proceeding(input);
        case State::CancelPending: return cancel_pending(input);
        case State::Canceling: return canceling(input);
        case State::Established: return established(input);
        case State::Ended: return Action::None;
    }
    return Action::None;
}

CallerProgress::Action CallerProgress::calling(const Input& input) {
    return std::visit(
        Overloaded{
            [&](Provisional provisional) {
                return enter(State::Proceeding,
                             provisional.trying ? Action::None : Action::ReportProgress);
            },
            [&](Success) { return enter(State::Established, Action::ReportAnswered); },
            [&](Failure) { return enter(State::Ended, Action::ReportRejected); },
            [](Retry) { return Action::None; },
            [&](GaveUp) { return enter(State::Ended, Action::ReportRejected); },
            [&](Hangup) { return enter(State::CancelPending, Action::None); },
            [](PeerBye) { return Action::None; },  // a callee may not end an early dialog (15)
        },
        input);
}

CallerProgress::Action CallerProgress::proceeding(const Input& input) {
    return std::visit(
        Overloaded{
            [](Provisional provisional) {
                return provisional.trying ? Action::None : Action::ReportProgress;
            },
            [&](Success) { return enter(State::Established, Action::ReportAnswered); },
            [&](Failure) { return enter(State::Ended, Action::ReportRejected); },
            [&](Retry) { return enter(State::Calling, Action::None); },
            [&](GaveUp) { return enter(State::Ended, Action::ReportRejected); },
            [&](Hangup) { return enter(State::Canceling, Action::SendCancel); },
            [](PeerBye) { return Action::None; },
        },
        input);
}

CallerProgress::Action CallerProgress::cancel_pending(const Input& input) {
    return std::visit(Overloaded{
                          [&](Provisional) { return enter(State::Canceling, Action::SendCancel); },
                          [&](Success) { return enter(State::Ended, Action::SendBye); },
                          [&](Failure) { return enter(State::Ended, Action::None); },
                          [](Retry) { return Action::None; },
                          [&](GaveUp) { return enter(State::Ended, Action::None); },
                          [](Hangup) { return Action::None; },
                          [](PeerBye) { return Action::None; },
                      },
                      input);
}

CallerProgress::Action CallerProgress::canceling(const Input& input) {
    return std::visit(
        Overloaded{
            [](Provisional) { return Action::None; },
            // The CANCEL crossed the 200: the call stands, so it is hung up (RFC 3261 9.1).
            [&](Success) { return enter(State::Ended, Action::SendBye); },
            [&](Failure) { return enter(State::Ended, Action::None); },
            [](Retry) { return Action::None; },
            [&](GaveUp) { return enter(State::Ended, Action::None); },
            [](Hangup) { return Action::None; },
            [](PeerBye) { return Action::None; },
        },
        input);
}

CallerProgress::Action CallerProgress::established(const Input& input) {
    return std::visit(Overloaded{
                          [](Provisional) { return Action::None; },
                          [](Success) { return Action::None; },  // repeats and forks: by dialog
                          [](Failure) { return Action::None; },
                          [](Retry) { return Action::None; },
                          [](GaveUp) { return Action::None; },
                          [&](Hangup) { return enter(State::Ended, Action::SendBye); },
                          [&](PeerBye) { return enter(State::Ended, Action::ReportRemoteEnd); },
                      },
                      input);
}

CallerProgress::Action CallerProgress::enter(State next, Action action) {
    state_ = next;
    return action;
}

std::string_view to_string(CallerProgress::State state) {
    switch (state) {
        case CallerProgress::State::Calling: return "calling";
        case CallerProgress::State::Proceeding: return "proceeding";
        case CallerProgress::State::CancelPending: return "cancel-pending";
        case CallerProgress::State::Canceling: return "canceling";
        case CallerProgress::State::Established: return "established";
        case CallerProgress::State::Ended: return "ended";
    }
    return "?";
}

}  // namespace patchbay::sip
