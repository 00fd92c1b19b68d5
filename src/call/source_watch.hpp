// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/address_range.hpp"
#include "base/time.hpp"
#include "base/token_bucket.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
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
// their limit, and who was banned is not heard; and how much a proved user asks. One for all
// shards, for a source with several ports or connections reaches several of them, and its limit is
// one. Implementations that shards share lock inside.
class SourceWatch {
  public:
    enum class Verdict : std::uint8_t { Heard, Flooding, Banned };
    enum class Ban : std::uint8_t {
        None,     // forgiven, or exempt
        New,      // it is banned now
        Renewed,  // it was before
    };

    SourceWatch() = default;
    SourceWatch(const SourceWatch&) = delete;
    SourceWatch& operator=(const SourceWatch&) = delete;
    virtual ~SourceWatch() = default;

    // Whether a message from there is to be looked at.
    virtual Verdict hear(Instant now, const IpAddress& source) = 0;
    // The source did what only guessers do; once too often is a ban.
    virtual Ban strike(Instant now, const IpAddress& source) = 0;
    virtual Ban ban(Instant now, const IpAddress& source) = 0;
    // Whether one more request of a user who exists is within his rate.
    virtual bool admits_user(Instant now, const std::string& user) = 0;
};

// For one thread. Bounded: when more sources come than it holds, the one that was silent longest is
// forgotten, unless it is banned.
class LocalSourceWatch final : public SourceWatch {
  public:
    LocalSourceWatch(SourceLimits limits, RateLimit user_requests)
        : limits_(std::move(limits)), user_requests_(user_requests) {}

    Verdict hear(Instant now, const IpAddress& source) override;
    Ban strike(Instant now, const IpAddress& source) override;
    Ban ban(Instant now, const IpAddress& source) override;
    bool admits_user(Instant now, const std::string& user) override {
        return users_[user].take(now, user_requests_);
    }

    bool is_banned(Instant now, const IpAddress& source) const;
    bool is_exempt(const IpAddress& source) const { return contains(limits_.exempt, source); }
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
    RateLimit user_requests_;
    Sources sources_;
    std::unordered_map<IpAddress, Sources::iterator> by_ip_;
    std::map<std::string, TokenBucket, std::less<>> users_;  // only those who exist
};

}  // namespace patchbay::call
