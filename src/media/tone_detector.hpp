// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace patchbay::media {

// What is in a piece of recorded audio: the strongest sine and how much of the piece it is.
struct ToneMeasurement {
    double frequency = 0;  // hertz, to about 1 Hz in 200 ms
    double level = 0;      // dBFS of the sine's root mean square
    double purity = 0;     // its share of all energy, 0..1
};

// Level in dBFS of the component at one frequency (Goertzel, Hann window): near the tone's own
// level when it is there, far below when not. For pieces of 20 ms and more.
double tone_level(std::span<const std::int16_t> samples, double frequency, int sample_rate);

// The strongest sine between 60 Hz and 0.45 of the sample rate. Absent in silence and for pieces
// under 20 ms.
std::optional<ToneMeasurement> find_tone(std::span<const std::int16_t> samples, int sample_rate);

// The DTMF keys heard in 16 kHz audio, in order (spandsp). For the demonstration phone and tests:
// calls carry keys as RFC 4733 events.
std::string find_dtmf(std::span<const std::int16_t> samples, int sample_rate);

}  // namespace patchbay::media
