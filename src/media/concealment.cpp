// SPDX-License-Identifier: Apache-2.0
#include "media/concealment.hpp"

#include <algorithm>
#include <cmath>

namespace patchbay::media {
namespace {

// ITU-T G.711 Appendix I, as times, so that they hold at any rate.
constexpr std::size_t kHistoryMs = 48;
constexpr std::size_t kMaxPeriodMs = 15;    // 66 Hz
constexpr std::size_t kMinPeriodUs = 5000;  // 200 Hz: a higher voice repeats by whole multiples
constexpr std::size_t kCompareMs = 20;
constexpr std::size_t kFullLevelMs = 10;
constexpr std::size_t kFadeMs = 50;  // then 20 % less per 10 ms
constexpr std::size_t kBlendMs = 4;

std::int16_t blend(std::int16_t from, std::int16_t to, std::size_t at, std::size_t length) {
    const auto position = static_cast<int>(at + 1);
    const auto whole = static_cast<int>(length + 1);
    return static_cast<std::int16_t>((from * (whole - position) + to * position) / whole);
}

}  // namespace

Concealment::Concealment(int sample_rate)
    : rate_(static_cast<std::size_t>(sample_rate)),
      history_(rate_ * kHistoryMs / 1000),
      cycle_(rate_ * kMaxPeriodMs / 1000) {}

void Concealment::remember(std::span<std::int16_t> good) noexcept {
    if (lost_ > 0) {
        const std::size_t length = std::min(good.size(), rate_ * kBlendMs / 1000);
        for (std::size_t i = 0; i < length; ++i) {
            good[i] = blend(next_repeated(), good[i], i, length);
        }
        lost_ = 0;
    }
    append(good);
}

void Concealment::conceal(std::span<std::int16_t> out) noexcept {
    if (lost_ == 0) {
        begin_loss();
    }
    std::ranges::generate(out, [this] { return next_repeated(); });
    append(out);
}

// Chooses the period and copies it, its end blended into what came just before it, so that
// repeating it makes no click (Appendix I.2.3).
void Concealment::begin_loss() noexcept {
    period_ = find_period();
    phase_ = 0;
    const std::size_t start = history_.size() - period_;
    const std::size_t overlap = period_ / 4;
    std::copy_n(history_.begin() + static_cast<std::ptrdiff_t>(start), period_, cycle_.begin());
    for (std::size_t i = 0; i < overlap; ++i) {
        const std::size_t at = period_ - overlap + i;
        cycle_[at] = blend(cycle_[at], history_[start - overlap + i], i, overlap);
    }
}

// The lag at which the last 20 ms look most like what was before them, by normalised correlation.
std::size_t Concealment::find_period() const noexcept {
    const std::size_t shortest = rate_ * kMinPeriodUs / 1'000'000;
    const std::size_t compared = rate_ * kCompareMs / 1000;
    const std::int16_t* const recent = history_.data() + history_.size() - compared;
    std::size_t best = cycle_.size();
    float strongest = 0;
    for (std::size_t lag = shortest; lag <= cycle_.size(); ++lag) {
        const std::int16_t* const earlier = recent - lag;
        float product = 0;
        float energy = 1;
        for (std::size_t i = 0; i < compared; ++i) {
            const auto before = static_cast<float>(earlier[i]);
            product += static_cast<float>(recent[i]) * before;
            energy += before * before;
        }
        const float likeness = product / std::sqrt(energy);
        if (likeness > strongest) {
            strongest = likeness;
            best = lag;
        }
    }
    return best;
}

std::int16_t Concealment::next_repeated() noexcept {
    const std::size_t full = rate_ * kFullLevelMs / 1000;
    const std::size_t fade = rate_ * kFadeMs / 1000;
    const std::size_t faded = std::min(fade, lost_ > full ? lost_ - full : 0);
    const int sample = cycle_[phase_];
    phase_ = phase_ + 1 == period_ ? 0 : phase_ + 1;
    ++lost_;
    return static_cast<std::int16_t>(sample * static_cast<int>(fade - faded) /
                                     static_cast<int>(fade));
}

void Concealment::append(std::span<const std::int16_t> samples) noexcept {
    const auto kept = samples.last(std::min(samples.size(), history_.size()));
    std::shift_left(history_.begin(), history_.end(), static_cast<std::ptrdiff_t>(kept.size()));
    std::ranges::copy_backward(kept, history_.end());
}

}  // namespace patchbay::media
