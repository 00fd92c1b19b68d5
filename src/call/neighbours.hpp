// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/account.hpp"
#include "call/inbound_gate.hpp"
#include "call/keys.hpp"
#include "call/neighbour_config.hpp"
#include "call/route.hpp"
#include "call/trunk.hpp"
#include "sip/digest_server.hpp"
#include "sip/inbound_policy.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace patchbay::call {

// The neighbours of a shard that come and go while it works: who of them is heard at which door,
// where their calls lead, and our registrations with them. What is not theirs is the gate's. It
// knows no call.
class Neighbours final : public sip::InboundPolicy {
  public:
    Neighbours(const InboundGateConfig& config, InboundGate& gate, Random& random);

    sip::Judgement judge(Instant now, const sip::Flow& flow, const sip::Message& request) override;
    // Where a call of one of them leads; nothing for calls of others.
    std::optional<RouteChoice> find(const RouteQuery& query) const;

    // Other neighbours from now on. Accounts that stay as they are go on, the others take their
    // bindings back or begin.
    void replace(Instant now,
                 NeighbourConfig config,
                 sip::UserAgent& agent,
                 sip::Outputs& out,
                 std::vector<AccountLookup>& lookups);
    // Those of the operator's file and ours in one table, which lives as long as it is pointed to.
    std::shared_ptr<const Trunks> trunks() const { return trunks_; }

    // As of Accounts. A lookup is ours when its account is at or above kFirstAccount.
    static constexpr std::size_t kFirstAccount = 1U << 20;
    void stop_accounts(Instant now, sip::UserAgent& agent, sip::Outputs& out);
    void server_located(Instant now,
                        AccountLookup lookup,
                        const Result<std::vector<sip::Target>>& targets,
                        sip::UserAgent& agent,
                        sip::Outputs& out);
    void handle(Instant now,
                const sip::RequestFinished& finished,
                sip::UserAgent& agent,
                sip::Outputs& out);
    void handle_transport_error(Instant now,
                                const sip::Flow& flow,
                                sip::UserAgent& agent,
                                sip::Outputs& out);
    void handle_timeout(Instant now,
                        sip::UserAgent& agent,
                        sip::Outputs& out,
                        std::vector<AccountLookup>& lookups);
    std::optional<Instant> next_timeout() const;
    std::vector<AccountStatus> accounts(Instant now) const;

  private:
    struct Line {
        NeighbourAccount config;
        Accounts accounts;  // this one only
        bool leaving = false;
    };

    sip::Judgement judge_at(const NeighbourDoor& door,
                            Instant now,
                            const IpAddress& source,
                            const sip::Message& request);
    const NeighbourGuest* find_guest(const sip::Flow& flow, const sip::Message& request) const;
    sip::Judgement judge_guest(const NeighbourGuest& guest,
                               Instant now,
                               const IpAddress& source,
                               const sip::Message& request);
    sip::Judgement ask(const std::string& trunk,
                       const sip::DigestAccounts& accounts,
                       Instant now,
                       const IpAddress& source,
                       const sip::Message& request);
    void replace_accounts(Instant now,
                          std::vector<NeighbourAccount> accounts,
                          sip::UserAgent& agent,
                          sip::Outputs& out,
                          std::vector<AccountLookup>& lookups);

    InboundGate& gate_;
    Random& random_;
    sip::DigestServer digest_;
    std::shared_ptr<const Trunks> of_operator_;
    std::shared_ptr<const Trunks> trunks_;
    std::vector<NeighbourDoor> doors_;
    std::vector<NeighbourGuest> guests_;
    RouteTable routes_;
    std::map<std::size_t, Line> lines_;  // by the number of their lookups
    std::size_t next_line_ = kFirstAccount;
};

}  // namespace patchbay::call
