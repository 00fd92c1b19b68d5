// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address_range.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "call/load_gauge.hpp"
#include "call/source_watch.hpp"
#include "call/trunk.hpp"
#include "sip/digest_server.hpp"
#include "sip/inbound_policy.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::call {

enum class Authentication : std::uint8_t {
    Claimed,  // who says that he is a user of ours proves it
    Always,   // every call from outside a trunk is by a user of ours, who proves it
    Never,    // only REGISTER asks
};

// Who is heard by one listener.
struct ListenerAccess {
    SocketAddress local;
    Authentication authentication = Authentication::Claimed;
    std::vector<AddressRange> allow;  // empty: everybody
    bool trust_identity = false;      // RFC 3325: its neighbours are believed who calls

    friend bool operator==(const ListenerAccess&, const ListenerAccess&) = default;
};

struct InboundGateConfig {
    std::vector<ListenerAccess> listeners;  // a listener that is not among them: `otherwise`
    ListenerAccess otherwise;
    // Users of ours; null: none, so that nobody is ever asked to prove anything.
    std::shared_ptr<const sip::DigestAccounts> accounts;
    sip::DigestServerConfig digest;
    std::set<std::string, std::less<>> hosts;  // our names and addresses, lower-case
    std::shared_ptr<const Trunks> trunks;      // null: none
    // Words in User-Agent by which scanners name themselves, lower-case.
    std::vector<std::string> scanners = {
        "friendly-scanner", "friendly-request", "sipvicious", "sundayddr", "sip-scan", "sipcli",
        "siparmyknife",     "pplsip",           "iwar",       "sivus",     "smap"};
    SourceLimits sources;
    RateLimit user_requests{.rate = 5, .burst = 50};  // of one proved user
    // What all shards share, and what keeps these limits then; null: the gate has its own.
    SourceWatch* watch = nullptr;
    LoadLimits load;
};

// The door of a shard: decides which messages are read at all, and which requests are served, asked
// for proof, refused, or met with silence. What it refuses leaves no state behind. It knows no
// call.
class InboundGate final : public sip::InboundPolicy {
  public:
    InboundGate(InboundGateConfig config, Random& random);

    // Before anything is parsed.
    bool admits_message(Instant now, const IpAddress& source);
    sip::Judgement judge(Instant now, const sip::Flow& flow, const sip::Message& request) override;

    // The source asked for what is not there, as those do who try all numbers.
    void strike(Instant now, const IpAddress& source);
    // Sources that were banned here since the last time.
    std::vector<IpAddress> take_bans() { return std::exchange(bans_, {}); }

    void tick(Instant now) { load_.tick(now); }
    bool is_overloaded(Instant now) const { return load_.is_overloaded(now); }

    struct Counts {
        std::uint64_t scanners = 0;
        std::uint64_t addresses_refused = 0;
        std::uint64_t challenged = 0;
        std::uint64_t proved = 0;
        std::uint64_t wrong_passwords = 0;
        std::uint64_t unknown_users = 0;
        std::uint64_t users_too_fast = 0;
        std::uint64_t over_quota = 0;      // noted by whoever asked the quota
        std::uint64_t loops = 0;           // noted by whoever found one
        std::uint64_t denied_numbers = 0;  // noted by whoever was to call one
        std::uint64_t overloaded = 0;      // calls refused with 503
        std::uint64_t overload_times = 0;  // how often that began
        std::uint64_t flooded = 0;         // messages dropped above the rate
        std::uint64_t banned = 0;          // messages dropped of the banned
        std::uint64_t bans = 0;
        std::uint64_t strikes = 0;
    };
    Counts counts() const;
    void note_over_quota() { ++counts_.over_quota; }
    void note_loop() { ++counts_.loops; }
    void note_denied_number() { ++counts_.denied_numbers; }

  private:
    const ListenerAccess& access(const SocketAddress& local) const;
    bool names_itself_scanner(const sip::Message& request) const;
    bool must_prove(const ListenerAccess& access, const sip::Message& request) const;
    bool claims_to_be_ours(const sip::Message& request) const;
    sip::Judgement ask(Instant now, const IpAddress& source, const sip::Message& request);
    sip::Judgement challenge(Instant now, const IpAddress& source, bool stale);
    sip::Judgement admit(Instant now, std::string user);
    bool note(SourceWatch::Ban ban, const IpAddress& source);

    InboundGateConfig config_;
    sip::DigestServer digest_;
    std::optional<LocalSourceWatch> own_watch_;  // where none is shared
    SourceWatch& watch_;
    LoadGauge load_;
    std::vector<IpAddress> bans_;
    Counts counts_;
};

}  // namespace patchbay::call
