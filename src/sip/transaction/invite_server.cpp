// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/invite_server.hpp"

#include "base/overloaded.hpp"

namespace patchbay::sip::transaction {

void InviteServer::start(Instant, Actions& out) {
    state_ = State::Proceeding;
    out.append(Action::PassUp);
}

void InviteServer::handle(Instant now, const Input& input, Actions& out) {
    switch (state_) {
        case State::Proceeding: return proceeding(now, input, out);
        case State::Completed: return completed(now, input, out);
        case State::Confirmed: return confirmed(input, out);
        case State::Accepted: return accepted(input, out);
        case State::Terminated: return;
    }
}

void InviteServer::handle_timeout(Instant now, Actions& out) {
    while (const auto timer = timers_.take_due(now)) {
        handle(now, Expired{*timer}, out);
    }
}

// RFC 3261 17.2.1, figure 7. A transport error is reported and changes no state (RFC 6026 7.1): the
// peer's repeats or our timers decide.
void InviteServer::proceeding(Instant now, const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [&](ReceiveRepeat) { out.append(Action::Send); },
                   [](ReceiveAck) {},
                   [&](SendProvisional) { out.append(Action::Send); },
                   [&](SendSuccess) {
                       enter_accepted(now);
                       out.append(Action::Send);
                   },
                   [&](SendFailure) {
                       enter_completed(now);
                       out.append(Action::Send);
                   },
                   [&](TransportError) { out.append(Action::ReportTransportError); },
                   [](Expired) {},
               },
               input);
}

void InviteServer::completed(Instant now, const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [&](ReceiveRepeat) { out.append(Action::Send); },
                   [&](ReceiveAck) { enter_confirmed(now, out); },
                   [](SendProvisional) {},
                   [](SendSuccess) {},
                   [](SendFailure) {},
                   [&](TransportError) { out.append(Action::ReportTransportError); },
                   [&](Expired expired) {
                       if (expired.timer == Timer::G) {
                           repeat_interval_ = doubled_to_t2(repeat_interval_);
                           timers_.rearm({Timer::G, now + repeat_interval_});
                           out.append(Action::Send);
                       } else {
                           out.append(Action::ReportTimeout);
                           enter_terminated(out);
                       }
                   },
               },
               input);
}

void InviteServer::confirmed(const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [](ReceiveRepeat) {},
                   [](ReceiveAck) {},  // absorbed: what the state is for
                   [](SendProvisional) {},
                   [](SendSuccess) {},
                   [](SendFailure) {},
                   [](TransportError) {},
                   [&](Expired) { enter_terminated(out); },
               },
               input);
}

// RFC 6026 7.1: repeats of the INVITE are absorbed, ACKs go up, and only the user's 2xx are sent.
void InviteServer::accepted(const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [](ReceiveRepeat) {},
                   [&](ReceiveAck) { out.append(Action::PassUp); },
                   [](SendProvisional) {},
                   [&](SendSuccess) { out.append(Action::Send); },
                   [](SendFailure) {},
                   [&](TransportError) { out.append(Action::ReportTransportError); },
                   [&](Expired) { enter_terminated(out); },
               },
               input);
}

void InviteServer::enter_completed(Instant now) {
    state_ = State::Completed;
    timers_.set({{Timer::H, now + kPatience}});
    if (!reliable_) {
        timers_.rearm({Timer::G, now + repeat_interval_});
    }
}

void InviteServer::enter_confirmed(Instant now, Actions& out) {
    state_ = State::Confirmed;
    if (reliable_) {
        enter_terminated(out);  // timer I is zero
    } else {
        timers_.set({{Timer::I, now + kT4}});
    }
}

void InviteServer::enter_accepted(Instant now) {
    state_ = State::Accepted;
    timers_.set({{Timer::L, now + kPatience}});
}

void InviteServer::enter_terminated(Actions& out) {
    state_ = State::Terminated;
    timers_.set({});
    out.append(Action::End);
}

std::string_view to_string(InviteServer::State state) {
    switch (state) {
        case InviteServer::State::Proceeding: return "proceeding";
        case InviteServer::State::Completed: return "completed";
        case InviteServer::State::Confirmed: return "confirmed";
        case InviteServer::State::Accepted: return "accepted";
        case InviteServer::State::Terminated: return "terminated";
    }
    return "?";
}

}  // namespace patchbay::sip::transaction
