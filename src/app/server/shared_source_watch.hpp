// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/source_watch.hpp"

#include <mutex>
#include <string>
#include <utility>

namespace patchbay::app {

// The sources and users of all shards under one lock, which is asked once for each SIP message and
// held for the time of a look-up.
class SharedSourceWatch final : public call::SourceWatch {
  public:
    SharedSourceWatch(call::SourceLimits limits, RateLimit user_requests)
        : watch_(std::move(limits), user_requests) {}

    Verdict hear(Instant now, const IpAddress& source) override {
        const std::lock_guard lock(mutex_);
        return watch_.hear(now, source);
    }
    Ban strike(Instant now, const IpAddress& source) override {
        const std::lock_guard lock(mutex_);
        return watch_.strike(now, source);
    }
    Ban ban(Instant now, const IpAddress& source) override {
        const std::lock_guard lock(mutex_);
        return watch_.ban(now, source);
    }
    bool admits_user(Instant now, const std::string& user) override {
        const std::lock_guard lock(mutex_);
        return watch_.admits_user(now, user);
    }

  private:
    std::mutex mutex_;  // guards watch_
    call::LocalSourceWatch watch_;
};

}  // namespace patchbay::app
