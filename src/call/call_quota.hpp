// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "base/token_bucket.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// How many calls a trunk, a user or a source may have.
struct CallLimit {
    std::size_t calls = 0;  // at once; 0: no limit
    RateLimit rate;         // new ones

    bool limits() const { return calls != 0 || rate.limits(); }
    friend bool operator==(const CallLimit&, const CallLimit&) = default;
};

// What a call counts against: "trunk carrier", "user alice", "source 192.0.2.9".
struct QuotaClaim {
    std::string who;
    CallLimit limit;
};

// Counts the calls of the server, across all shards. Implementations that shards share lock inside.
class CallQuota {
  public:
    CallQuota() = default;
    CallQuota(const CallQuota&) = delete;
    CallQuota& operator=(const CallQuota&) = delete;
    virtual ~CallQuota() = default;

    // All of the claims, or none.
    virtual bool take(Instant now, const std::vector<QuotaClaim>& claims) = 0;
    // Of a call that take() admitted, at its end.
    virtual void give_back(const std::vector<QuotaClaim>& claims) = 0;
    virtual std::size_t count(std::string_view who) const = 0;
};

// For one thread.
class LocalCallQuota final : public CallQuota {
  public:
    bool take(Instant now, const std::vector<QuotaClaim>& claims) override;
    void give_back(const std::vector<QuotaClaim>& claims) override;
    std::size_t count(std::string_view who) const override;

    std::size_t size() const { return accounts_.size(); }

  private:
    struct Account {
        std::size_t calls = 0;
        TokenBucket rate;
        Instant last;
    };
    void forget_idle(Instant now);

    std::map<std::string, Account, std::less<>> accounts_;
};

}  // namespace patchbay::call
