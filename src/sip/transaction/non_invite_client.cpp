// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/non_invite_client.hpp"

#include "base/overloaded.hpp"

namespace patchbay::sip::transaction {

void NonInviteClient::start(Instant now, Actions& out) {
    enter_trying(now);
    out.append(Action::Send);
}

void NonInviteClient::handle(Instant now, const Input& input, Actions& out) {
    switch (state_) {
        case State::Trying: return trying(now, input, out);
        case State::Proceeding: return proceeding(now, input, out);
        case State::Completed: return completed(input, out);
        case State::Terminated: return;
    }
}

void NonInviteClient::handle_timeout(Instant now, Actions& out) {
    while (const auto timer = timers_.take_due(now)) {
        handle(now, Expired{*timer}, out);
    }
}

// RFC 3261 17.1.2.2, figure 6
void NonInviteClient::trying(Instant now, const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [&](ReceiveProvisional) {
                       state_ = State::Proceeding;  // timers E and F run on
                       out.append(Action::PassUp);
                   },
                   [&](ReceiveFinal) { enter_completed(now, out); },
                   [&](TransportError) {
                       out.append(Action::ReportTransportError);
                       enter_terminated(out);
                   },
                   [&](Expired expired) { repeat_or_give_up(now, expired.timer, out); },
               },
               input);
}

void NonInviteClient::proceeding(Instant now, const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [&](ReceiveProvisional) { out.append(Action::PassUp); },
                   [&](ReceiveFinal) { enter_completed(now, out); },
                   [&](TransportError) {
                       out.append(Action::ReportTransportError);
                       enter_terminated(out);
                   },
                   [&](Expired expired) { repeat_or_give_up(now, expired.timer, out); },
               },
               input);
}

void NonInviteClient::completed(const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [](ReceiveProvisional) {},
                   [](ReceiveFinal) {},  // absorbed: what the state is for
                   [](TransportError) {},
                   [&](Expired) { enter_terminated(out); },
               },
               input);
}

void NonInviteClient::enter_trying(Instant now) {
    state_ = State::Trying;
    timers_.set({{Timer::F, now + kPatience}});
    if (!reliable_) {
        timers_.rearm({Timer::E, now + repeat_interval_});
    }
}

void NonInviteClient::enter_completed(Instant now, Actions& out) {
    state_ = State::Completed;
    out.append(Action::PassUp);
    if (reliable_) {
        enter_terminated(out);  // timer K is zero
    } else {
        timers_.set({{Timer::K, now + kT4}});
    }
}

void NonInviteClient::enter_terminated(Actions& out) {
    state_ = State::Terminated;
    timers_.set({});
    out.append(Action::End);
}

// Timer E doubles up to T2 while nothing was heard; a peer that is known to work on the request is
// asked every T2 (17.1.2.2).
void NonInviteClient::repeat_or_give_up(Instant now, Timer timer, Actions& out) {
    if (timer == Timer::F) {
        out.append(Action::ReportTimeout);
        enter_terminated(out);
        return;
    }
    repeat_interval_ =
        state_ == State::Proceeding ? Nanoseconds(kT2) : doubled_to_t2(repeat_interval_);
    timers_.rearm({Timer::E, now + repeat_interval_});
    out.append(Action::Send);
}

std::string_view to_string(NonInviteClient::State state) {
    switch (state) {
        case NonInviteClient::State::Trying: return "trying";
        case NonInviteClient::State::Proceeding: return "proceeding";
        case NonInviteClient::State::Completed: return "completed";
        case NonInviteClient::State::Terminated: return "terminated";
    }
    return "?";
}

}  // namespace patchbay::sip::transaction
