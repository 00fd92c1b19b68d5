// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/strong.hpp"
#include "base/time.hpp"
#include "sip/flow.hpp"
#include "sip/message.hpp"
#include "sip/transaction/deadlines.hpp"
#include "sip/transaction/invite_client.hpp"
#include "sip/transaction/non_invite_client.hpp"
#include "sip/transaction/owner.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::sip::transaction {

using ClientId = Strong<std::uint64_t, struct ClientIdTag>;

// A response that the transaction passes up (RFC 3261 17.1).
struct ResponseReceived {
    ClientId id;
    Owner owner;
    Message response;
};
// Nobody answered. The user treats it as this status (RFC 3261 8.1.3.1): 408 timeout, 503
// transport.
struct NotAnswered {
    ClientId id;
    Owner owner;
    int status = 408;
};
// The transaction is gone; always the last event of its id.
struct ClientEnded {
    ClientId id;
    Owner owner;
};
using ClientEvent = std::variant<ResponseReceived, NotAnswered, ClientEnded>;

struct ClientOutputs {
    std::vector<Transmit>& transmits;
    std::vector<ClientEvent> events;
};

// All client transactions of a user agent: finds the one a response belongs to, keeps the bytes
// that may have to be sent again, and builds the ACK of a failure. It knows no dialogs; the ACK of
// a 2xx is the dialog's (RFC 3261 13.2.2.4).
class Clients {
  public:
    // `request` is complete, its top Via carries a branch that no other transaction has.
    ClientId start(
        Instant now, Flow flow, Message request, Owner owner, std::vector<Transmit>& out);
    // Starts the CANCEL of an INVITE, on its flow (RFC 3261 9.1). Nothing once the INVITE has had
    // its final response.
    std::optional<ClientId> cancel(Instant now,
                                   ClientId invite,
                                   const std::vector<std::string>& reasons,
                                   std::vector<Transmit>& out);

    // Nothing when a transaction took the response; else the response back: a stray one.
    std::optional<Message> handle_response(Instant now, Message response, ClientOutputs& out);
    void handle_transport_error(Instant now, const Flow& flow, ClientOutputs& out);
    void handle_timeout(Instant now, ClientOutputs& out);
    std::optional<Instant> next_timeout() const { return deadlines_.next(); }

    // RFC 3261 9.1: a canceled INVITE that gets no final response in 64*T1 is given up. No event.
    void abandon(ClientId id);
    // Forgets the INVITEs of this owner that may ring for ever. No event.
    void abandon_waiting(Owner owner);

    std::size_t size() const { return transactions_.size(); }

  private:
    struct Transaction {
        std::variant<InviteClient, NonInviteClient> machine;
        Owner owner;
        Flow flow;
        std::string key;
        std::optional<Message> request;  // until no repeat, ACK or CANCEL can want it
        std::string ack;
    };

    void perform(ClientId id, const Actions& actions, Message* response, ClientOutputs& out);
    void perform_one(ClientId id, Action action, Message* response, ClientOutputs& out);
    void forget(ClientId id);
    void settle(ClientId id);

    std::uint64_t last_id_ = 0;
    std::unordered_map<ClientId, Transaction> transactions_;
    std::unordered_map<std::string, ClientId> by_key_;
    std::set<std::pair<Flow, ClientId>> by_way_;
    Deadlines<ClientId> deadlines_;
};

}  // namespace patchbay::sip::transaction
