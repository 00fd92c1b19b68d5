// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/prometheus.hpp"
#include "base/time.hpp"
#include "call/keys.hpp"
#include "call/leg.hpp"

#include <array>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace patchbay::app {

// How long calls take from the INVITE to the first sign of the far end: it rings, or it answers.
// What callers know as post-dial delay; of an incoming call it is the application's time to react.
class SetUpTimes {
  public:
    // Of each change of a call's state, in order.
    void note(Instant now, call::SessionKey session, call::LegState state);
    void forget(call::SessionKey session) { inviting_.erase(session); }

    // Adds what another shard counted.
    void add(const SetUpTimes& other);
    void write(api::PrometheusText& out, std::string_view name, std::string_view help) const;

  private:
    // Seconds. 180 is due at once on a LAN, within two seconds across trunks, and eleven seconds
    // are what ITU-T E.721 still calls tolerable for international calls.
    static constexpr std::array<double, 9> kBounds{0.05, 0.1, 0.2, 0.5, 1, 2, 5, 11, 30};

    void count(Nanoseconds duration);

    std::unordered_map<call::SessionKey, Instant> inviting_;
    std::array<std::uint64_t, kBounds.size() + 1> counts_{};  // the last one: above all bounds
    Nanoseconds sum_{0};
};

}  // namespace patchbay::app
