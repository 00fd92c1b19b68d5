// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patchbay::lab {

// A stretch of a recording between two silences, or between two tones.
struct Passage {
    Milliseconds from{0};
    Milliseconds to{0};
    double level = 0;                 // dBFS
    std::optional<double> frequency;  // hertz when it is one steady tone; else speech, noise, music

    Milliseconds length() const { return to - from; }
};

// What a recording holds, in order, to about 20 ms. Pauses between words do not divide speech.
std::vector<Passage> find_passages(std::span<const std::int16_t> samples, int sample_rate);

// "tone 440 Hz, -16.0 dBFS, 0.24 to 1.74 s (1500 ms)"
std::string describe(const Passage& passage);

}  // namespace patchbay::lab
