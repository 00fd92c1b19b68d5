// SPDX-License-Identifier: Apache-2.0
#include "sip/transaction/clients.hpp"

#include "sip/header.hpp"
#include "sip/status.hpp"
#include "sip/transaction/hop_request.hpp"
#include "sip/transaction/key.hpp"

namespace patchbay::sip::transaction {
namespace {

InviteClient::Input invite_input(int status) {
    if (is_provisional(status)) {
        return ReceiveProvisional{};
    }
    if (is_success(status)) {
        return ReceiveSuccess{};
    }
    return ReceiveFailure{};
}

NonInviteClient::Input non_invite_input(int status) {
    if (is_provisional(status)) {
        return ReceiveProvisional{};
    }
    return ReceiveFinal{};
}

Actions feed(std::variant<InviteClient, NonInviteClient>& machine, Instant now, int status) {
    Actions actions;
    if (auto* invite = std::get_if<InviteClient>(&machine)) {
        invite->handle(now, invite_input(status), actions);
    } else {
        std::get<NonInviteClient>(machine).handle(now, non_invite_input(status), actions);
    }
    return actions;
}

std::string branch_of(const Message& request) {
    const auto via = request.get<Via>();
    return via ? std::string(via->branch().value_or("")) : std::string();
}

}  // namespace

ClientId Clients::start(
    Instant now, Flow flow, Message request, Owner owner, std::vector<Transmit>& out) {
    const ClientId id(++last_id_);
    const bool reliable = is_reliable(flow.transport);
    std::string key = client_key(branch_of(request), request.method_name());
    by_key_.emplace(key, id);
    by_way_.emplace(way_of(flow), id);
    Transaction transaction{.machine = NonInviteClient(reliable),
                            .owner = owner,
                            .flow = flow,
                            .key = std::move(key),
                            .request = std::move(request),
                            .ack = {}};
    if (transaction.request->method() == Method::Invite) {
        transaction.machine = InviteClient(reliable);
    }
    auto& stored = transactions_.emplace(id, std::move(transaction)).first->second;
    Actions actions;
    std::visit([&](auto& machine) { machine.start(now, actions); }, stored.machine);
    ClientOutputs outputs{out, {}};
    perform(id, actions, nullptr, outputs);
    return id;
}

std::optional<ClientId> Clients::cancel(Instant now,
                                        ClientId invite,
                                        const std::vector<std::string>& reasons,
                                        std::vector<Transmit>& out) {
    const auto found = transactions_.find(invite);
    if (found == transactions_.end() || !found->second.request) {
        return std::nullopt;
    }
    const Transaction& transaction = found->second;
    auto cancel = make_cancel(*transaction.request, reasons);
    if (!cancel) {
        return std::nullopt;
    }
    return start(now, transaction.flow, std::move(*cancel), transaction.owner, out);
}

std::optional<Message> Clients::handle_response(Instant now, Message response, ClientOutputs& out) {
    const auto key = client_key(response);
    const auto found = key ? by_key_.find(*key) : by_key_.end();
    if (found == by_key_.end()) {
        return response;
    }
    const ClientId id = found->second;
    const Actions actions = feed(transactions_.at(id).machine, now, response.status());
    perform(id, actions, &response, out);
    return std::nullopt;
}

void Clients::handle_transport_error(Instant now, const Flow& flow, ClientOutputs& out) {
    std::vector<ClientId> hit;
    const Flow way = way_of(flow);
    for (auto it = by_way_.lower_bound({way, ClientId()}); it != by_way_.end() && it->first == way;
         ++it) {
        hit.push_back(it->second);
    }
    for (const ClientId id : hit) {
        Actions actions;
        std::visit([&](auto& machine) { machine.handle(now, TransportError{}, actions); },
                   transactions_.at(id).machine);
        perform(id, actions, nullptr, out);
    }
}

void Clients::handle_timeout(Instant now, ClientOutputs& out) {
    while (const auto id = deadlines_.take_due(now)) {
        Actions actions;
        std::visit([&](auto& machine) { machine.handle_timeout(now, actions); },
                   transactions_.at(*id).machine);
        perform(*id, actions, nullptr, out);
    }
}

void Clients::abandon(ClientId id) {
    if (transactions_.contains(id)) {
        forget(id);
    }
}

void Clients::abandon_waiting(Owner owner) {
    std::vector<ClientId> waiting;
    for (const auto& [id, transaction] : transactions_) {
        const auto* invite = std::get_if<InviteClient>(&transaction.machine);
        if (transaction.owner == owner && invite != nullptr &&
            invite->state() == InviteClient::State::Proceeding) {
            waiting.push_back(id);
        }
    }
    for (const ClientId id : waiting) {
        forget(id);
    }
}

void Clients::perform(ClientId id, const Actions& actions, Message* response, ClientOutputs& out) {
    for (const Action action : actions) {
        perform_one(id, action, response, out);
    }
    settle(id);
}

void Clients::perform_one(ClientId id, Action action, Message* response, ClientOutputs& out) {
    Transaction& transaction = transactions_.at(id);
    switch (action) {
        case Action::Send:
            out.transmits.push_back({transaction.flow, std::string(transaction.request->text())});
            return;
        case Action::SendAck:
            if (transaction.ack.empty() && response != nullptr) {
                transaction.ack = make_failure_ack(*transaction.request, *response).value_or("");
            }
            if (!transaction.ack.empty()) {
                out.transmits.push_back({transaction.flow, transaction.ack});
            }
            return;
        case Action::PassUp:
            out.events.push_back(ResponseReceived{id, transaction.owner, std::move(*response)});
            return;
        case Action::ReportTimeout:
            out.events.push_back(NotAnswered{id, transaction.owner, 408});
            return;
        case Action::ReportTransportError:
            out.events.push_back(NotAnswered{id, transaction.owner, 503});
            return;
        case Action::End:
            out.events.push_back(ClientEnded{id, transaction.owner});
            return forget(id);
    }
}

void Clients::forget(ClientId id) {
    const auto found = transactions_.find(id);
    by_key_.erase(found->second.key);
    by_way_.erase({way_of(found->second.flow), id});
    deadlines_.set(id, std::nullopt);
    transactions_.erase(found);
}

// Notes the next deadline, and drops bytes that nobody can want again: an accepted INVITE waits 32
// s for repeats, and there may be thousands of those.
void Clients::settle(ClientId id) {
    const auto found = transactions_.find(id);
    if (found == transactions_.end()) {
        return;
    }
    Transaction& transaction = found->second;
    const auto* invite = std::get_if<InviteClient>(&transaction.machine);
    if (invite != nullptr && (invite->state() == InviteClient::State::Accepted ||
                              invite->state() == InviteClient::State::Completed)) {
        transaction.request.reset();
    }
    deadlines_.set(id, std::visit([](const auto& machine) { return machine.next_timeout(); },
                                  transaction.machine));
}

}  // namespace patchbay::sip::transaction
