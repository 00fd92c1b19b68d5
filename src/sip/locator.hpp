// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/dns_record.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "sip/locate.hpp"
#include "sip/uri.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

namespace patchbay::sip {

using LookupId = Strong<std::uint64_t, struct LookupIdTag>;

// The end of a lookup: the targets of its URI, those that rest at the end. NotFound, Unsupported,
// Timeout, or Unavailable when too many lookups are under way.
struct Located {
    LookupId lookup;
    Result<std::vector<Target>> targets;
};

// RFC 3263 over time: lookups that share questions, a cache that keeps what the DNS allows, and a
// memory of targets that did not answer, which rest so that the next calls begin with another one.
// It sends nothing: questions are outputs. Owned by a shard and touched by its thread only.
class Locator {
  public:
    using Output = std::variant<DnsQuestion, Located>;
    using Outputs = std::vector<Output>;

    Locator(LocatePolicy policy, Random& random) : policy_(std::move(policy)), random_(random) {}

    // Ends at once, in `out`, where nothing needs to be asked.
    LookupId locate(Instant now, const Uri& uri, Outputs& out);
    // Its Located is not wanted any more.
    void forget(LookupId lookup);
    // NotFound: there are no such records. Anything else: nobody knows; the walk goes on without,
    // and the question is asked again next time.
    void handle_answer(Instant now,
                       const DnsQuestion& question,
                       Result<DnsAnswer> answer,
                       Outputs& out);
    // No answer, no connection, or a 503 (RFC 3263 4.3): others are tried first for a while.
    void rest(Instant now, const Target& target);
    void handle_timeout(Instant now, Outputs& out);
    std::optional<Instant> next_timeout() const;

    struct Counts {
        std::size_t lookups = 0;
        std::size_t cached = 0;
        std::size_t resting = 0;
    };
    Counts counts() const { return {lookups_.size(), cache_.size(), resting_.size()}; }

  private:
    struct Lookup {
        Uri uri;
        Instant deadline;
        DnsAnswers known;  // its own, because the cache may forget
        std::set<DnsQuestion> waiting;
    };
    struct Cached {
        DnsAnswer answer;
        Instant until;
    };

    void go_on(Instant now, LookupId id, Outputs& out);
    void finish(Instant now, LookupId id, Result<std::vector<Target>> targets, Outputs& out);
    const DnsAnswer* cached(Instant now, const DnsQuestion& question) const;
    void keep(Instant now, const DnsQuestion& question, const DnsAnswer& answer, Seconds time);
    void put_resting_last(Instant now, std::vector<Target>& targets) const;

    LocatePolicy policy_;
    Random& random_;
    std::uint64_t last_id_ = 0;
    std::map<LookupId, Lookup> lookups_;
    std::map<DnsQuestion, Cached> cache_;
    std::map<Target, Instant> resting_;  // until
};

}  // namespace patchbay::sip
