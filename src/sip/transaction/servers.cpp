// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/servers.hpp"

#include "base/overloaded.hpp"
#include "sip/header.hpp"
#include "sip/status.hpp"
#include "sip/transaction/key.hpp"

namespace patchbay::sip::transaction {
namespace {

InviteServer::Input invite_response_input(int status) {
    if (is_provisional(status)) {
        return SendProvisional{};
    }
    if (is_success(status)) {
        return SendSuccess{};
    }
    return SendFailure{};
}

NonInviteServer::Input non_invite_response_input(int status) {
    if (is_provisional(status)) {
        return SendProvisional{};
    }
    return SendFinal{};
}

// Without a final response a server transaction has no timer (RFC 3261 17.2).
bool waits_for_response(const std::variant<InviteServer, NonInviteServer>& machine) {
    if (const auto* invite = std::get_if<InviteServer>(&machine)) {
        return invite->state() == InviteServer::State::Proceeding;
    }
    const auto state = std::get<NonInviteServer>(machine).state();
    return state == NonInviteServer::State::Trying || state == NonInviteServer::State::Proceeding;
}

bool has_to_tag(const Message& request) {
    const auto to = request.get<To>();
    return to && to->tag().has_value();
}

}  // namespace

Servers::Verdict Servers::absorb(Instant now, const Message& request, std::vector<Transmit>& out) {
    const auto key = server_key(request);
    const auto found = key ? by_key_.find(*key) : by_key_.end();
    if (found == by_key_.end()) {
        return Verdict::New;
    }
    const bool ack = request.method() == Method::Ack;
    Actions actions;
    std::visit(Overloaded{
                   [&](InviteServer& machine) {
                       machine.handle(
                           now, ack ? InviteServer::Input(ReceiveAck{}) : ReceiveRepeat{}, actions);
                   },
                   [&](NonInviteServer& machine) { machine.handle(now, ReceiveRepeat{}, actions); },
               },
               transactions_.at(found->second).machine);
    perform(found->second, actions, out);
    // The ACK of a 2xx has a branch of its own; some peers use that of the INVITE, and the machine
    // passes those up (RFC 6026 7.1).
    return actions == Actions{Action::PassUp} ? Verdict::New : Verdict::Repeat;
}

bool Servers::is_merged(const Message& request) const {
    if (has_to_tag(request)) {
        return false;
    }
    const auto key = merge_key(request);
    return key && by_merge_key_.contains(*key);
}

Result<ServerId> Servers::open(Instant now, const Flow& flow, const Message& request, Owner owner) {
    PB_TRY(std::string key, server_key(request));
    PB_TRY(std::string merge, merge_key(request));
    const ServerId id(++last_id_);
    const bool reliable = is_reliable(flow.transport);
    Transaction transaction{.machine = NonInviteServer(reliable),
                            .owner = owner,
                            .flow = response_flow(flow, request),
                            .key = std::move(key),
                            .merge_key = has_to_tag(request) ? std::string() : std::move(merge),
                            .response = {}};
    if (request.method() == Method::Invite) {
        transaction.machine = InviteServer(reliable);
    }
    by_key_.emplace(transaction.key, id);
    if (!transaction.merge_key.empty()) {
        by_merge_key_.emplace(transaction.merge_key, id);
    }
    auto& stored = transactions_.emplace(id, std::move(transaction)).first->second;
    Actions passed_up;  // to the caller, who holds the request already
    std::visit([&](auto& machine) { machine.start(now, passed_up); }, stored.machine);
    return id;
}

std::optional<Servers::Canceled> Servers::canceled_by(const Message& cancel) const {
    const auto key = canceled_key(cancel);
    const auto found = key ? by_key_.find(*key) : by_key_.end();
    if (found == by_key_.end()) {
        return std::nullopt;
    }
    return Canceled{found->second, transactions_.at(found->second).owner};
}

void Servers::respond(
    Instant now, ServerId id, int status, std::string response, std::vector<Transmit>& out) {
    const auto found = transactions_.find(id);
    if (found == transactions_.end()) {
        return;
    }
    Transaction& transaction = found->second;
    std::string before = std::exchange(transaction.response, std::move(response));
    Actions actions;
    std::visit(Overloaded{
                   [&](InviteServer& machine) {
                       machine.handle(now, invite_response_input(status), actions);
                   },
                   [&](NonInviteServer& machine) {
                       machine.handle(now, non_invite_response_input(status), actions);
                   },
               },
               transaction.machine);
    if (actions == Actions{}) {
        transaction.response = std::move(before);  // came too late to be sent
    }
    perform(id, actions, out);
}

bool Servers::is_waiting(ServerId id) const {
    const auto found = transactions_.find(id);
    return found != transactions_.end() && waits_for_response(found->second.machine);
}

void Servers::abandon_waiting(Owner owner) {
    std::vector<ServerId> waiting;
    for (const auto& [id, transaction] : transactions_) {
        if (transaction.owner == owner && waits_for_response(transaction.machine)) {
            waiting.push_back(id);
        }
    }
    for (const ServerId id : waiting) {
        forget(id);
    }
}

void Servers::handle_timeout(Instant now, std::vector<Transmit>& out) {
    while (const auto id = deadlines_.take_due(now)) {
        Actions actions;
        std::visit([&](auto& machine) { machine.handle_timeout(now, actions); },
                   transactions_.at(*id).machine);
        perform(*id, actions, out);
    }
}

void Servers::perform(ServerId id, const Actions& actions, std::vector<Transmit>& out) {
    for (const Action action : actions) {
        const Transaction& transaction = transactions_.at(id);
        switch (action) {
            case Action::Send:
                if (!transaction.response.empty()) {
                    out.push_back({transaction.flow, transaction.response});
                }
                break;
            case Action::End: return forget(id);
            case Action::SendAck:
            case Action::PassUp:
            case Action::ReportTimeout:  // no ACK for a failure: nobody waits for it
            case Action::ReportTransportError: break;
        }
    }
    settle(id);
}

void Servers::forget(ServerId id) {
    const auto found = transactions_.find(id);
    by_key_.erase(found->second.key);
    const auto merged = by_merge_key_.find(found->second.merge_key);
    if (merged != by_merge_key_.end() && merged->second == id) {
        by_merge_key_.erase(merged);
    }
    deadlines_.set(id, std::nullopt);
    transactions_.erase(found);
}

void Servers::settle(ServerId id) {
    Transaction& transaction = transactions_.at(id);
    const auto* invite = std::get_if<InviteServer>(&transaction.machine);
    if (invite != nullptr && (invite->state() == InviteServer::State::Accepted ||
                              invite->state() == InviteServer::State::Confirmed)) {
        transaction.response = std::string();  // not repeated from here
    }
    deadlines_.set(id, std::visit([](const auto& machine) { return machine.next_timeout(); },
                                  transaction.machine));
}

Flow response_flow(const Flow& request_flow, const Message& request) {
    Flow flow = request_flow;
    const auto via = request.get<Via>();
    if (!is_reliable(flow.transport) && via && !via->asks_for_rport()) {
        flow.remote.port = via->port.value_or(default_port(flow.transport));
    }
    // RFC 3261 18.2.2: when the connection is gone, another one to the sent-by port.
    if (via && (flow.transport == Transport::Tcp || flow.transport == Transport::Tls)) {
        flow.reconnect = {flow.remote.ip, via->port.value_or(default_port(flow.transport))};
    }
    return flow;
}

}  // namespace patchbay::sip::transaction
