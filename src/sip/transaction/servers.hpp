// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/strong.hpp"
#include "base/time.hpp"
#include "sip/flow.hpp"
#include "sip/message.hpp"
#include "sip/transaction/deadlines.hpp"
#include "sip/transaction/invite_server.hpp"
#include "sip/transaction/non_invite_server.hpp"
#include "sip/transaction/owner.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

namespace patchbay::sip::transaction {

using ServerId = Strong<std::uint64_t, struct ServerIdTag>;

// All server transactions of a user agent: recognises repeats, ACKs of failures, and the INVITE
// that a CANCEL means, and repeats responses. It knows no dialogs.
//
// Broken flows are not its business: a server transaction outlives a transport error (RFC 6026
// 8.8), and its timers end it.
class Servers {
  public:
    enum class Verdict : std::uint8_t { New, Repeat };

    // Repeat: the request, or ACK, belonged to a transaction, which dealt with it.
    Verdict absorb(Instant now, const Message& request, std::vector<Transmit>& out);
    // Whether the same request is being served already under another branch (RFC 3261 8.2.2.2).
    bool is_merged(const Message& request) const;
    // Any method but ACK, and only what absorb() called New.
    Result<ServerId> open(Instant now, const Flow& flow, const Message& request, Owner owner);
    // The INVITE transaction that the CANCEL means (RFC 3261 9.2), and whose it is.
    struct Canceled {
        ServerId id;
        Owner owner;
    };
    std::optional<Canceled> canceled_by(const Message& cancel) const;

    // Sends a complete response. Ignored when the transaction is gone, or has its final response,
    // but for further copies of a 2xx.
    void respond(
        Instant now, ServerId id, int status, std::string response, std::vector<Transmit>& out);

    // Whether it is there and has no final response yet.
    bool is_waiting(ServerId id) const;
    // Forgets what of this owner still waits for its final response: nobody will give one.
    void abandon_waiting(Owner owner);

    void handle_timeout(Instant now, std::vector<Transmit>& out);
    std::optional<Instant> next_timeout() const { return deadlines_.next(); }

    std::size_t size() const { return transactions_.size(); }

  private:
    struct Transaction {
        std::variant<InviteServer, NonInviteServer> machine;
        Owner owner;
        Flow flow;
        std::string key;
        std::string merge_key;  // empty inside dialogs
        std::string response;   // the latest, for repeats
    };

    void perform(ServerId id, const Actions& actions, std::vector<Transmit>& out);
    void forget(ServerId id);
    void settle(ServerId id);

    std::uint64_t last_id_ = 0;
    std::unordered_map<ServerId, Transaction> transactions_;
    std::unordered_map<std::string, ServerId> by_key_;
    std::unordered_map<std::string, ServerId> by_merge_key_;
    Deadlines<ServerId> deadlines_;
};

// Where the responses of a request go (RFC 3261 18.2.2, RFC 3581 4): back on the connection, or by
// datagram to the source address, at the source port if the client asked for rport, else at the
// port of its Via.
Flow response_flow(const Flow& request_flow, const Message& request);

}  // namespace patchbay::sip::transaction
