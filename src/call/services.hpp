// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/account.hpp"
#include "call/call_quota.hpp"
#include "call/inbound_gate.hpp"
#include "call/trunk_states.hpp"
#include "call/trunk_watch.hpp"
#include "sip/registrar.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// What one server does for others beside calls, and to whom it does it. Pointers lead to what all
// shards share; it outlives them.
struct ServicesConfig {
    InboundGateConfig gate;
    sip::LocationService* locations = nullptr;  // where users are reached; null: nobody registers
    sip::RegistrarConfig registrar;
    CallQuota* quota = nullptr;  // null: nothing is counted
    CallLimit source_calls;      // of one address that is no trunk
    CallLimit user_calls;        // of one user of ours
    std::vector<AccountConfig> accounts;
    // Of registrations that name no server of their own (RFC 3261 8.1.2); absent: none.
    std::optional<sip::Uri> outbound_proxy;
    std::vector<std::string> watched_trunks;  // names: this shard pings their addresses
    TrunkStates* trunk_states = nullptr;      // null: all answer
    // Numbers that are never called, by how they begin: "00", "+882".
    std::vector<std::string> denied_prefixes;
};

// Whether the number begins with one of them; both without spaces, dashes and brackets.
bool is_denied(const std::vector<std::string>& prefixes, std::string_view number);

// The services of one shard side by side: the door, the registrar, our own registrations. Each
// stands alone; this is where the Exchange finds them.
class Services {
  public:
    Services(const ServicesConfig& config,
             const std::vector<SipListener>& listeners,
             Random& random);

    InboundGate& gate() { return gate_; }
    const InboundGate& gate() const { return gate_; }
    Accounts& accounts() { return accounts_; }
    const Accounts& accounts() const { return accounts_; }
    TrunkWatch& trunk_watch() { return trunk_watch_; }
    const TrunkWatch& trunk_watch() const { return trunk_watch_; }
    // Null: there is none of that name.
    const Trunk* trunk(std::string_view name) const {
        return config_.gate.trunks ? find_trunk(*config_.gate.trunks, name) : nullptr;
    }
    // Whether it makes sense to call an address of the trunk, by its index.
    bool answers(const Trunk& trunk, std::size_t address) const {
        return config_.trunk_states == nullptr ||
               config_.trunk_states->answers(trunk.name, address);
    }

    void answer_register(Instant now,
                         const sip::RegisterReceived& received,
                         sip::UserAgent& agent,
                         sip::Outputs& out) const;
    // The places where a user of ours is reached now, higher preference first; never null.
    std::shared_ptr<const sip::Bindings> find(std::string_view user, Instant now) const;
    void forget_connection(std::uint64_t connection);
    bool is_denied(std::string_view number) const {
        return call::is_denied(config_.denied_prefixes, number);
    }

    // What an incoming call counts against.
    std::vector<QuotaClaim> claims_of(const sip::Admitted& caller, const IpAddress& source) const;
    bool take(Instant now, const std::vector<QuotaClaim>& claims);
    void give_back(const std::vector<QuotaClaim>& claims);

  private:
    const ServicesConfig& config_;
    InboundGate gate_;
    Accounts accounts_;
    TrunkWatch trunk_watch_;
    std::optional<sip::Registrar> registrar_;
};

}  // namespace patchbay::call
