// SPDX-License-Identifier: Apache-2.0
#include "media/half_band.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <utility>

namespace patchbay::media {
namespace {

// The coefficients that are not zero, from the outermost to the one beside the centre. The other
// half mirrors them, and the centre is one half.
constexpr std::size_t kCoefficients = 24;
using Coefficients = std::array<float, kCoefficients>;

// The modified Bessel function of the first kind, of order zero.
double bessel(double x) {
    double sum = 1;
    double term = 1;
    for (int k = 1; k < 40; ++k) {
        term *= x / 2 / k * (x / 2 / k);
        sum += term;
    }
    return sum;
}

Coefficients make_coefficients() {
    constexpr double kBeta = 8;
    constexpr double kHalfLength = 2.0 * kCoefficients;
    std::array<double, kCoefficients> exact{};
    double sum = 0;
    for (std::size_t i = 0; i < kCoefficients; ++i) {
        const double at = kHalfLength - 1 - 2 * static_cast<double>(i);
        const double position = at / kHalfLength;
        const double window = bessel(kBeta * std::sqrt(1 - position * position)) / bessel(kBeta);
        exact[i] = window * std::sin(std::numbers::pi * at / 2) / (std::numbers::pi * at);
        sum += exact[i];
    }
    Coefficients out{};
    // Both halves and the centre make one, so that a constant stays what it is.
    std::ranges::transform(exact, out.begin(),
                           [&](double c) { return static_cast<float>(c * 0.25 / sum); });
    return out;
}

const Coefficients& coefficients() {
    static const Coefficients kAll = make_coefficients();
    return kAll;
}

std::int16_t rounded(float sample) {
    const float held = std::clamp(sample, -32768.0F, 32767.0F);
    return static_cast<std::int16_t>(held + std::copysign(0.5F, held));
}

using Block = std::array<float, kHalfBandBlock>;

// Four at a time on every processor that we know, without asking the compiler to find out.
typedef float Lanes __attribute__((vector_size(16)));
constexpr std::size_t kLanes = sizeof(Lanes) / sizeof(float);

Lanes load_lanes(const float* from) {
    Lanes out;
    std::memcpy(&out, from, sizeof out);
    return out;
}

// All coefficients but the centre over a block, filled or not, and what came before it. As many
// sums as fit the registers, so that each is written once.
Block without_centre(const std::array<float, kHalfBandHistory + kHalfBandBlock>& in) {
    constexpr std::size_t kSums = 8;
    static_assert(kHalfBandBlock % (kSums * kLanes) == 0);
    const Coefficients& all = coefficients();
    Block out;
    for (std::size_t n = 0; n < kHalfBandBlock; n += kSums * kLanes) {
        std::array<Lanes, kSums> sums{};
        for (std::size_t i = 0; i < kCoefficients; ++i) {
            const float* const first = in.data() + n + i;
            const float* const last = in.data() + n + kHalfBandHistory - i;
#pragma GCC unroll 8
            for (std::size_t k = 0; k < kSums; ++k) {
                sums[k] +=
                    all[i] * (load_lanes(first + k * kLanes) + load_lanes(last + k * kLanes));
            }
        }
        std::memcpy(out.data() + n, sums.data(), sizeof sums);
    }
    return out;
}

template <std::size_t Size>
void shift_by(std::array<float, Size>& samples, std::size_t count) {
    constexpr std::size_t kHistory = Size - kHalfBandBlock;
    std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(count), kHistory, samples.begin());
}

}  // namespace

SampleProgress HalfBandDecimator::process(std::span<const std::int16_t> in,
                                          std::span<std::int16_t> out) noexcept {
    SampleProgress done;
    while (done.produced < out.size()) {
        const std::size_t waiting = waiting_ ? 1 : 0;
        const auto rest = in.subspan(done.consumed);
        const std::size_t pairs = std::min(
            {kHalfBandBlock, out.size() - done.produced + to_skip_, (rest.size() + waiting) / 2});
        if (pairs == 0) {
            break;
        }
        load(rest, pairs);
        done.consumed += 2 * pairs - waiting;
        done.produced += store(pairs, out.subspan(done.produced));
        shift_by(even_, pairs);
        shift_by(odd_, pairs);
    }
    if (done.consumed + 1 == in.size() && !waiting_) {
        waiting_ = in.back();
        ++done.consumed;
    }
    return done;
}

void HalfBandDecimator::forget() noexcept {
    even_.fill(0);
    odd_.fill(0);
    waiting_.reset();
}

void HalfBandDecimator::load(std::span<const std::int16_t> in, std::size_t pairs) noexcept {
    std::size_t begin = 0;
    if (waiting_) {
        even_[kEvenHistory] = *std::exchange(waiting_, std::nullopt);
        odd_[kHalfBandHistory] = in.front();
        in = in.subspan(1);
        begin = 1;
    }
    float* even = even_.data() + kEvenHistory + begin;
    float* odd = odd_.data() + kHalfBandHistory + begin;
    for (std::size_t i = 0; i < pairs - begin; ++i) {
        even[i] = in[2 * i];
        odd[i] = in[2 * i + 1];
    }
}

std::size_t HalfBandDecimator::store(std::size_t count, std::span<std::int16_t> out) noexcept {
    const Block sums = without_centre(odd_);
    const std::size_t skipped = std::min(count, to_skip_);
    to_skip_ -= skipped;
    for (std::size_t n = skipped; n < count; ++n) {
        out[n - skipped] = rounded(sums[n] + 0.5F * even_[n]);
    }
    return count - skipped;
}

SampleProgress HalfBandInterpolator::process(std::span<const std::int16_t> in,
                                             std::span<std::int16_t> out) noexcept {
    SampleProgress done;
    while (done.produced < out.size()) {
        if (waiting_) {
            out[done.produced++] = *std::exchange(waiting_, std::nullopt);
            continue;
        }
        const auto rest = in.subspan(done.consumed);
        const std::size_t room = (out.size() - done.produced + 1) / 2 + to_skip_;
        const std::size_t count = std::min({kHalfBandBlock, rest.size(), room});
        if (count == 0) {
            break;
        }
        std::ranges::copy(rest.first(count), in_.begin() + kHalfBandHistory);
        done.consumed += count;
        done.produced += store(count, out.subspan(done.produced));
        shift_by(in_, count);
    }
    return done;
}

void HalfBandInterpolator::forget() noexcept {
    in_.fill(0);
    waiting_.reset();
}

// The centre is twice one half here: zeros stand between the samples of the input.
std::size_t HalfBandInterpolator::store(std::size_t count, std::span<std::int16_t> out) noexcept {
    constexpr std::size_t kCentre = kHalfBandHistory / 2;
    const Block between = without_centre(in_);
    std::array<std::int16_t, 2 * kHalfBandBlock> pairs;
    for (std::size_t n = 0; n < kHalfBandBlock; ++n) {
        pairs[2 * n] = static_cast<std::int16_t>(in_[kCentre + n]);
        pairs[2 * n + 1] = rounded(2 * between[n]);
    }
    const std::size_t skipped = std::min(count, to_skip_);
    to_skip_ -= skipped;
    const auto made = std::span(pairs).subspan(2 * skipped, 2 * (count - skipped));
    const std::size_t stored = std::min(made.size(), out.size());
    std::ranges::copy(made.first(stored), out.begin());
    if (stored < made.size()) {
        waiting_ = made.back();
    }
    return stored;
}

}  // namespace patchbay::media
