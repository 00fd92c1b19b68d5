// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/call_quota.hpp"

#include <mutex>

namespace patchbay::app {

// The calls of all shards, counted under one lock: asked once when a call begins and once when it
// ends.
class SharedQuota final : public call::CallQuota {
  public:
    bool take(Instant now, const std::vector<call::QuotaClaim>& claims) override {
        const std::lock_guard lock(mutex_);
        return quota_.take(now, claims);
    }
    void give_back(const std::vector<call::QuotaClaim>& claims) override {
        const std::lock_guard lock(mutex_);
        quota_.give_back(claims);
    }
    std::size_t count(std::string_view who) const override {
        const std::lock_guard lock(mutex_);
        return quota_.count(who);
    }

  private:
    mutable std::mutex mutex_;  // guards quota_
    call::LocalCallQuota quota_;
};

}  // namespace patchbay::app
