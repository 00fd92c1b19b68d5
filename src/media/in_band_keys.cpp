// SPDX-License-Identifier: Apache-2.0
#include "media/in_band_keys.hpp"

#include "base/ensure.hpp"
#include "rtp/limits.hpp"

#include <spandsp.h>

#include <algorithm>
#include <array>

namespace patchbay::media {
namespace {

// ITU-T Q.23 and Q.24: each tone well above the least a receiver must hear, and their sum without
// clipping.
constexpr double kToneLevel = -10;

}  // namespace

Result<void> InBandDialler::enqueue(std::string_view digits, const rtp::DigitTiming& timing) {
    if (queue_.size() + digits.size() > rtp::limits::kQueuedDigits) {
        return fail(Errc::TooLarge, "digits to send");
    }
    PB_CHECK(rtp::check_digits(digits));
    const rtp::DigitTiming within = timing.clamped();
    for (const char digit : digits) {
        ToneSpec spec{.frequency = 0, .level = kToneLevel, .on = within.tone, .off = within.gap};
        if (digit == ',') {
            spec.on = rtp::kCommaPause;
            spec.off = Milliseconds(0);
        } else {
            const DtmfPair pair = *dtmf_pair(digit);
            spec.frequency = pair.low;
            spec.second_frequency = pair.high;
        }
        queue_.push_back(spec);
    }
    return {};
}

void InBandDialler::read(Frame& out) {
    std::span<std::int16_t> rest(out);
    while (!rest.empty() && busy()) {
        if (!sounding_) {
            const ToneSpec& next = queue_.front();
            left_ = samples_in(next.on + next.off);
            ToneSpec once = next;
            once.length = next.on;
            once.on = once.off = Milliseconds(0);
            sounding_.emplace(once);
            queue_.pop_front();
        }
        const auto part = rest.first(std::min<std::size_t>(rest.size(), left_));
        generate(part);
        rest = rest.subspan(part.size());
    }
    std::ranges::fill(rest, std::int16_t{0});
}

void InBandDialler::generate(std::span<std::int16_t> out) {
    sounding_->generate(out);
    left_ -= out.size();
    if (left_ == 0) {
        sounding_.reset();
    }
}

void InBandDetector::Free::operator()(dtmf_rx_state_s* state) const {
    dtmf_rx_free(state);
}

InBandDetector::InBandDetector() : detector_(dtmf_rx_init(nullptr, nullptr, nullptr)) {
    PB_ENSURE(detector_ != nullptr);
}

InBandDetector::~InBandDetector() = default;

void InBandDetector::handle_frame(const Frame& frame, std::string& keys) {
    std::array<std::int16_t, kFrameSamples / 2> halved{};
    const auto progress = halver_.process(frame, halved);
    dtmf_rx(detector_.get(), halved.data(), static_cast<int>(progress.produced));
    std::array<char, 16> heard{};
    const std::size_t count =
        dtmf_rx_get(detector_.get(), heard.data(), static_cast<int>(heard.size()));
    keys.append(heard.data(), count);
}

}  // namespace patchbay::media
