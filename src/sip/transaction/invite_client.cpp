// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/invite_client.hpp"

#include "base/overloaded.hpp"

namespace patchbay::sip::transaction {

void InviteClient::start(Instant now, Actions& out) {
    enter_calling(now);
    out.append(Action::Send);
}

void InviteClient::handle(Instant now, const Input& input, Actions& out) {
    switch (state_) {
        case State::Calling: return calling(now, input, out);
        case State::Proceeding: return proceeding(now, input, out);
        case State::Completed: return completed(input, out);
        case State::Accepted: return accepted(input, out);
        case State::Terminated: return;
    }
}

void InviteClient::handle_timeout(Instant now, Actions& out) {
    while (const auto timer = timers_.take_due(now)) {
        handle(now, Expired{*timer}, out);
    }
}

// RFC 3261 17.1.1.2, figure 5
void InviteClient::calling(Instant now, const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [&](ReceiveProvisional) {
                       enter_proceeding();
                       out.append(Action::PassUp);
                   },
                   [&](ReceiveSuccess) {
                       enter_accepted(now);
                       out.append(Action::PassUp);
                   },
                   [&](ReceiveFailure) { enter_completed(now, out); },
                   [&](TransportError) {
                       out.append(Action::ReportTransportError);
                       enter_terminated(out);
                   },
                   [&](Expired expired) {
                       if (expired.timer == Timer::A) {
                           repeat_interval_ *= 2;
                           timers_.rearm({Timer::A, now + repeat_interval_});
                           out.append(Action::Send);
                       } else {
                           out.append(Action::ReportTimeout);
                           enter_terminated(out);
                       }
                   },
               },
               input);
}

void InviteClient::proceeding(Instant now, const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [&](ReceiveProvisional) { out.append(Action::PassUp); },
                   [&](ReceiveSuccess) {
                       enter_accepted(now);
                       out.append(Action::PassUp);
                   },
                   [&](ReceiveFailure) { enter_completed(now, out); },
                   // Nothing is sent in this state; the response may come by another connection.
                   [](TransportError) {},
                   [](Expired) {},
               },
               input);
}

void InviteClient::completed(const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [](ReceiveProvisional) {},
                   [](ReceiveSuccess) {},
                   [&](ReceiveFailure) { out.append(Action::SendAck); },
                   [&](TransportError) {
                       out.append(Action::ReportTransportError);
                       enter_terminated(out);
                   },
                   [&](Expired) { enter_terminated(out); },
               },
               input);
}

// RFC 6026 7.2: every 2xx goes up, because each may be of another fork, and each repeat wants its
// ACK again. The transaction itself sends nothing, so transport errors do not concern it.
void InviteClient::accepted(const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [](ReceiveProvisional) {},
                   [&](ReceiveSuccess) { out.append(Action::PassUp); },
                   [](ReceiveFailure) {},
                   [](TransportError) {},
                   [&](Expired) { enter_terminated(out); },
               },
               input);
}

void InviteClient::enter_calling(Instant now) {
    state_ = State::Calling;
    timers_.set({{Timer::B, now + kPatience}});
    if (!reliable_) {
        timers_.rearm({Timer::A, now + repeat_interval_});
    }
}

void InviteClient::enter_proceeding() {
    state_ = State::Proceeding;
    timers_.set({});
}

void InviteClient::enter_completed(Instant now, Actions& out) {
    state_ = State::Completed;
    out.append(Action::SendAck);
    out.append(Action::PassUp);
    timers_.set({});
    if (reliable_) {
        enter_terminated(out);  // timer D is zero
    } else {
        timers_.set({{Timer::D, now + kTimerD}});
    }
}

void InviteClient::enter_accepted(Instant now) {
    state_ = State::Accepted;
    timers_.set({{Timer::M, now + kPatience}});
}

void InviteClient::enter_terminated(Actions& out) {
    state_ = State::Terminated;
    timers_.set({});
    out.append(Action::End);
}

std::string_view to_string(InviteClient::State state) {
    switch (state) {
        case InviteClient::State::Calling: return "calling";
        case InviteClient::State::Proceeding: return "proceeding";
        case InviteClient::State::Completed: return "completed";
        case InviteClient::State::Accepted: return "accepted";
        case InviteClient::State::Terminated: return "terminated";
    }
    return "?";
}

}  // namespace patchbay::sip::transaction
