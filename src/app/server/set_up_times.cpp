// SPDX-License-Identifier: Apache-2.0
#include "app/server/set_up_times.hpp"

#include <algorithm>
#include <chrono>

namespace patchbay::app {
namespace {

double seconds(Nanoseconds d) {
    return std::chrono::duration<double>(d).count();
}

}  // namespace

void SetUpTimes::note(Instant now, call::SessionKey session, call::LegState state) {
    if (state == call::LegState::Inviting) {
        inviting_.emplace(session, now);
        return;
    }
    const auto began = inviting_.extract(session);
    if (began && state != call::LegState::Idle && state != call::LegState::Ended) {
        count(now - began.mapped());
    }
}

void SetUpTimes::count(Nanoseconds duration) {
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds(duration));
    ++counts_[static_cast<std::size_t>(bound - kBounds.begin())];
    sum_ += duration;
}

void SetUpTimes::add(const SetUpTimes& other) {
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        counts_[i] += other.counts_[i];
    }
    sum_ += other.sum_;
}

void SetUpTimes::write(api::PrometheusText& out,
                       std::string_view name,
                       std::string_view help) const {
    std::array<api::HistogramBucket, kBounds.size()> buckets;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        buckets[i] = {kBounds[i], counts_[i]};
    }
    out.histogram(name, help, buckets, counts_.back(), seconds(sum_));
}

}  // namespace patchbay::app
