// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace patchbay::rtp {

// How late the packets of a stream come, and how long play-out should therefore wait.
//
// The transit of a packet is its arrival minus its media time; the two clocks have no common
// origin, so only differences count. The fastest packet of the last seconds is the base; how much
// later than it the others came is kept in a histogram that forgets, and the target is the delay
// that most of them keep. A stream that gets worse moves the target within a few packets, one that
// gets better within seconds. Clock skew and route changes move the base.
class DelayEstimate {
  public:
    struct Config {
        Nanoseconds initial = Milliseconds(40);  // until the stream has shown what it needs
        Nanoseconds minimum = Milliseconds(10);
        Nanoseconds maximum = Milliseconds(300);
    };

    explicit DelayEstimate(const Config& config);

    void handle_packet(Instant now, Nanoseconds transit);

    // The sender's clock was set anew: transits so far say nothing about those to come, but how
    // they scatter does.
    void rebase();

    // False until the first packet, and after rebase(): there is no base.
    bool started() const { return current_minimum_.has_value(); }
    Nanoseconds base() const;  // transit of the fastest packet lately
    Nanoseconds target() const { return target_; }

  private:
    static constexpr Nanoseconds kBucket = Milliseconds(5);
    static constexpr std::size_t kBuckets = 100;

    void update_base(Instant now, Nanoseconds transit);
    void shift_histogram(Nanoseconds base_rose_by);
    void weigh(Nanoseconds lateness);
    void update_target();

    Config config_;
    std::array<float, kBuckets> share_{};  // sums to one
    std::uint32_t packets_ = 0;
    Instant last_arrival_;
    Instant window_end_;
    std::optional<Nanoseconds> previous_minimum_;
    std::optional<Nanoseconds> current_minimum_;
    Nanoseconds target_;
};

}  // namespace patchbay::rtp
