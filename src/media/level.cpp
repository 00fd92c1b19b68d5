// SPDX-License-Identifier: Apache-2.0
#include "media/level.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace patchbay::media {

double rms_level(std::span<const std::int16_t> samples) {
    if (samples.empty()) {
        return kSilenceLevel;
    }
    double energy = 0;
    for (const std::int16_t sample : samples) {
        energy += static_cast<double>(sample) * sample;
    }
    const double root_mean_square = std::sqrt(energy / static_cast<double>(samples.size()));
    return std::max(kSilenceLevel, 20 * std::log10(std::max(root_mean_square, 1e-3) / 32768.0));
}

int peak(std::span<const std::int16_t> samples) {
    int highest = 0;
    for (const std::int16_t sample : samples) {
        highest = std::max(highest, std::abs(int{sample}));
    }
    return highest;
}

double sine_amplitude(double dbfs) {
    return std::min(32767.0, 32768.0 * std::numbers::sqrt2 * std::pow(10.0, dbfs / 20));
}

}  // namespace patchbay::media
