// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace patchbay::media {

// Below this nothing is audible and the logarithm has no floor.
inline constexpr double kSilenceLevel = -96.0;

// Level in dBFS of the root mean square, where a full-scale square wave is 0 dB and a full-scale
// sine is -3.01 dB. Not below kSilenceLevel.
double rms_level(std::span<const std::int16_t> samples);

// Highest magnitude, 0..32768.
int peak(std::span<const std::int16_t> samples);

// The amplitude (0..32767) of a sine of this level.
double sine_amplitude(double dbfs);

}  // namespace patchbay::media
