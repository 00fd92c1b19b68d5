// SPDX-License-Identifier: Apache-2.0
#include "media/half_band.hpp"

#include <algorithm>
#include <cmath>
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

}  // namespace

HalfBandDecimator::Progress HalfBandDecimator::process(std::span<const std::int16_t> in,
                                                       std::span<std::int16_t> out) noexcept {
    Progress done;
    while (done.produced < out.size()) {
        const std::size_t waiting = waiting_ ? 1 : 0;
        const auto rest = in.subspan(done.consumed);
        const std::size_t pairs =
            std::min({kBlock, out.size() - done.produced + to_skip_, (rest.size() + waiting) / 2});
        if (pairs == 0) {
            break;
        }
        load(rest, pairs);
        done.consumed += 2 * pairs - waiting;
        filter();
        done.produced += store(pairs, out.subspan(done.produced));
        shift(pairs);
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
        odd_[kOddHistory] = in.front();
        in = in.subspan(1);
        begin = 1;
    }
    float* even = even_.data() + kEvenHistory + begin;
    float* odd = odd_.data() + kOddHistory + begin;
    for (std::size_t i = 0; i < pairs - begin; ++i) {
        even[i] = in[2 * i];
        odd[i] = in[2 * i + 1];
    }
}

// The whole block, filled or not, and into a local: a constant length and no alias are what lets
// the compiler use vectors.
void HalfBandDecimator::filter() noexcept {
    std::array<float, kBlock> sum;
    for (std::size_t n = 0; n < kBlock; ++n) {
        sum[n] = 0.5F * even_[n];
    }
    const Coefficients& all = coefficients();
    for (std::size_t i = 0; i < kCoefficients; ++i) {
        const float coefficient = all[i];
        const float* first = &odd_[i];
        const float* last = &odd_[kOddHistory - i];
        for (std::size_t n = 0; n < kBlock; ++n) {
            sum[n] += coefficient * (first[n] + last[n]);
        }
    }
    filtered_ = sum;
}

std::size_t HalfBandDecimator::store(std::size_t count, std::span<std::int16_t> out) noexcept {
    const std::size_t skipped = std::min(count, to_skip_);
    to_skip_ -= skipped;
    for (std::size_t n = skipped; n < count; ++n) {
        out[n - skipped] = rounded(filtered_[n]);
    }
    return count - skipped;
}

void HalfBandDecimator::shift(std::size_t pairs) noexcept {
    const auto by = static_cast<std::ptrdiff_t>(pairs);
    std::copy_n(even_.begin() + by, kEvenHistory, even_.begin());
    std::copy_n(odd_.begin() + by, kOddHistory, odd_.begin());
}

}  // namespace patchbay::media
