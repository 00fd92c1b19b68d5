// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "net/detail/steps.hpp"

#include <string_view>
#include <utility>

namespace patchbay::net::detail {

// The handlers of a user who may, from within one of them, destroy the object that calls them. A
// dropped set calls nothing any more; what the handlers own is released as soon as none runs.
template <class Handlers>
class HandlerSet {
  public:
    void set(Handlers handlers) {
        if (!dropped_) {
            handlers_ = std::move(handlers);
        }
    }

    void drop() {
        dropped_ = true;
        release_if_idle();
    }
    bool dropped() const { return dropped_; }

    template <class Call>
    void call(Steps& steps, std::string_view place, Call&& call) {
        if (dropped_) {
            return;
        }
        ++running_;
        steps.run(place, [&](Instant now) { call(handlers_, now); });
        --running_;
        release_if_idle();
    }

  private:
    void release_if_idle() {
        if (dropped_ && running_ == 0) {
            const Handlers released = std::exchange(handlers_, Handlers{});
        }
    }

    Handlers handlers_;
    int running_ = 0;
    bool dropped_ = false;
};

}  // namespace patchbay::net::detail
