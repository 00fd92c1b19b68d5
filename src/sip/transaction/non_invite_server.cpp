// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/non_invite_server.hpp"

#include "base/overloaded.hpp"

namespace patchbay::sip::transaction {

void NonInviteServer::start(Instant, Actions& out) {
    state_ = State::Trying;
    out.append(Action::PassUp);
}

void NonInviteServer::handle(Instant now, const Input& input, Actions& out) {
    switch (state_) {
        case State::Trying: return trying(now, input, out);
        case State::Proceeding: return proceeding(now, input, out);
        case State::Completed: return completed(input, out);
        case State::Terminated: return;
    }
}

void NonInviteServer::handle_timeout(Instant now, Actions& out) {
    while (const auto timer = timers_.take_due(now)) {
        handle(now, Expired{*timer}, out);
    }
}

// RFC 3261 17.2.2, figure 8
void NonInviteServer::trying(Instant now, const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [](ReceiveRepeat) {},  // nothing to repeat yet
                   [&](SendProvisional) {
                       state_ = State::Proceeding;
                       out.append(Action::Send);
                   },
                   [&](SendFinal) { enter_completed(now, out); },
                   [](TransportError) {},
                   [](Expired) {},
               },
               input);
}

void NonInviteServer::proceeding(Instant now, const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [&](ReceiveRepeat) { out.append(Action::Send); },
                   [&](SendProvisional) { out.append(Action::Send); },
                   [&](SendFinal) { enter_completed(now, out); },
                   [&](TransportError) { out.append(Action::ReportTransportError); },
                   [](Expired) {},
               },
               input);
}

// The figure ends the transaction upon a transport error; RFC 6026 8.8 keeps it, so that the peer's
// repeat is answered when the transport has recovered.
void NonInviteServer::completed(const Input& input, Actions& out) {
    std::visit(Overloaded{
                   [&](ReceiveRepeat) { out.append(Action::Send); },
                   [](SendProvisional) {},
                   [](SendFinal) {},
                   [&](TransportError) { out.append(Action::ReportTransportError); },
                   [&](Expired) { enter_terminated(out); },
               },
               input);
}

void NonInviteServer::enter_completed(Instant now, Actions& out) {
    state_ = State::Completed;
    out.append(Action::Send);
    if (reliable_) {
        enter_terminated(out);  // timer J is zero
    } else {
        timers_.set({{Timer::J, now + kPatience}});
    }
}

void NonInviteServer::enter_terminated(Actions& out) {
    state_ = State::Terminated;
    timers_.set({});
    out.append(Action::End);
}

std::string_view to_string(NonInviteServer::State state) {
    switch (state) {
        case NonInviteServer::State::Trying: return "trying";
        case NonInviteServer::State::Proceeding: return "proceeding";
        case NonInviteServer::State::Completed: return "completed";
        case NonInviteServer::State::Terminated: return "terminated";
    }
    return "?";
}

}  // namespace patchbay::sip::transaction
