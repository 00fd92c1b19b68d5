// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace patchbay::lab {

// The level over time in one line of `columns` characters: a space for silence, then eight heights
// of U+2581 to U+2588, 6 dB each from -54 dBFS.
std::string draw_waveform(std::span<const std::int16_t> samples, std::size_t columns);

// The axis below: a mark every second where there is room, "0s        1s        2s".
std::string draw_time_axis(Milliseconds length, std::size_t columns);

}  // namespace patchbay::lab
