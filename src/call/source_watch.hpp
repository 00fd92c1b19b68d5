// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/address_range.hpp"
#include "base/time.hpp"
#include "base/token_bucket.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

namespace patchbay::call {

// What strangers are granted. The defaults let a busy office behind one address through and stop
// the scanners of the open Internet, which try a thousand names in a minute.
struct SourceLimits {
    RateLimit messages{.rate = 100, .burst = 400};  // SIP messages
    // Wrong passwords, unknown users and numbers; then silence for `ban`.
    RateLimit strikes{.rate = 0.1, .burst = 10};
    Seconds ban{300};
    // Those whose requests are never dropped: ourselves, and neighbours like a load test.
    std::vector<AddressRange> exempt;

    friend bool operator==(const SourceLimits&, const SourceLimits&) = default;
};

// Watches where SIP messages come from, before anything in them is read: floods are cut down to
// their limit, and who was banned is not heard. Bounded: when more sources come than it holds, the
// one that was silent longest is forgotten, unless it is banned. One per shard, since the system
// gives a source to one shard's socket; bans are passed on to the others.
class SourceWatch {
  public:
    explicit SourceWatch(SourceLimits limits) : limits_(std::move(limits)) {}

    // Whether a message from there is to be looked at.
    bool admits(Instant now, const IpAddress& source);
    // The source did what only guessers do. True when that was once too often: it is banned now.
    bool strike(Instant now, const IpAddress& source);
    // False for the exempt.
    bool ban(Instant now, const IpAddress& source);
    bool is_banned(Instant now, const IpAddress& source) const;
    bool is_exempt(const IpAddress& source) const { return contains(limits_.exempt, source); }

    struct Counts {
        std::uint64_t flooded = 0;  // messages dropped above the rate
        std::uint64_t banned = 0;   // messages dropped of the banned
        std::uint64_t bans = 0;
        std::uint64_t strikes = 0;
    };
    const Counts& counts() const { return counts_; }
    std::size_t size() const { return sources_.size(); }

  private:
    struct Source {
        IpAddress ip;
        TokenBucket messages;
        TokenBucket strikes;
        std::optional<Instant> banned_until;
    };
    using Sources = std::list<Source>;  // the latest heard first

    Source& find_or_add(Instant now, const IpAddress& ip);
    void make_room(Instant now);

    SourceLimits limits_;
    Sources sources_;
    std::unordered_map<IpAddress, Sources::iterator> by_ip_;
    Counts counts_;
};

}  // namespace patchbay::call
