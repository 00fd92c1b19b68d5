// SPDX-License-Identifier: Apache-2.0
#include "rtp/delay_estimate.hpp"

#include <algorithm>

namespace patchbay::rtp {
namespace {

// The share of packets that are to be there in time. Concealing the other two in a hundred is heard
// less than the delay it would take to wait for them.
constexpr float kInTime = 0.98F;

// The weight of one packet against all before it: five late ones in a row move the target, and it
// takes about 20 s at 50 packets per second until they are forgotten.
constexpr float kWeight = 0.004F;

// The base is the fastest packet of the window under way and the one before: 5 to 10 s. A clock
// that is 200 ppm slow moves it by 2 ms in that time.
constexpr Nanoseconds kWindow = Seconds(5);

// Packets that come this close together were held up by one and the same thing; it counts once, by
// the first of them, which it held up longest. One stall of the network is not fifteen late
// packets.
constexpr Nanoseconds kBurst = Milliseconds(5);

}  // namespace

DelayEstimate::DelayEstimate(const Config& config)
    : config_(config), target_(std::clamp(config.initial, config.minimum, config.maximum)) {
    const auto bucket = static_cast<std::size_t>(std::max<std::int64_t>(1, target_ / kBucket)) - 1;
    share_[std::min(bucket, kBuckets - 1)] = 1;
}

void DelayEstimate::rebase() {
    previous_minimum_.reset();
    current_minimum_.reset();
}

Nanoseconds DelayEstimate::base() const {
    const Nanoseconds current = current_minimum_.value_or(Nanoseconds(0));
    return previous_minimum_ ? std::min(*previous_minimum_, current) : current;
}

void DelayEstimate::handle_packet(Instant now, Nanoseconds transit) {
    const bool in_burst = started() && now - last_arrival_ < kBurst;
    last_arrival_ = now;
    update_base(now, transit);
    if (!in_burst) {
        weigh(transit - base());
        update_target();
    }
}

void DelayEstimate::update_base(Instant now, Nanoseconds transit) {
    if (!current_minimum_) {
        current_minimum_ = transit;
        window_end_ = now + kWindow;
        return;
    }
    if (now < window_end_) {
        current_minimum_ = std::min(*current_minimum_, transit);
        return;
    }
    const Nanoseconds before = base();
    previous_minimum_ = current_minimum_;
    current_minimum_ = transit;
    window_end_ = now + kWindow;
    if (base() > before) {
        shift_histogram(base() - before);
    }
}

// The same packets, told from a later base, came less late.
void DelayEstimate::shift_histogram(Nanoseconds base_rose_by) {
    const auto by = static_cast<std::size_t>(
        std::min<std::int64_t>(base_rose_by / kBucket, static_cast<std::int64_t>(kBuckets) - 1));
    for (std::size_t i = 0; i < by; ++i) {
        share_[by] += share_[i];
    }
    std::shift_left(share_.begin(), share_.end(), static_cast<std::ptrdiff_t>(by));
    std::fill(share_.end() - static_cast<std::ptrdiff_t>(by), share_.end(), 0.0F);
}

void DelayEstimate::weigh(Nanoseconds lateness) {
    // The first packets count as in an average, so that what was assumed before them is soon gone.
    const float weight = std::max(kWeight, 1.0F / static_cast<float>(packets_ + 2));
    ++packets_;
    for (float& share : share_) {
        share *= 1 - weight;
    }
    const auto bucket = static_cast<std::size_t>(std::max<std::int64_t>(0, lateness / kBucket));
    share_[std::min(bucket, kBuckets - 1)] += weight;
}

void DelayEstimate::update_target() {
    float sum = 0;
    std::size_t bucket = 0;
    while (bucket + 1 < kBuckets && (sum += share_[bucket]) < kInTime) {
        ++bucket;
    }
    const Nanoseconds upper_edge = kBucket * static_cast<std::int64_t>(bucket + 1);
    target_ = std::clamp(upper_edge, config_.minimum, config_.maximum);
}

}  // namespace patchbay::rtp
