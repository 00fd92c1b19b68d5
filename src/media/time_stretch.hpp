// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace patchbay::media {

// By how much a join may move to where the waves meet: half of the longest pitch period, 66 Hz.
constexpr std::size_t longest_shift(int sample_rate) {
    return static_cast<std::size_t>(sample_rate) * 15 / 2000;
}

// Takes `removed` samples out of the front of `sound`, or up to longest_shift() fewer, without
// changing its pitch (waveform similarity overlap-add): the beginning is faded into what comes that
// much later, where both look most alike. Never more: what is left must fill the frame for which it
// was taken. Returns how many samples are left, at the front of `sound`. Sound that is too short to
// choose from is cut.
std::size_t shorten(std::span<std::int16_t> sound, std::size_t removed, int sample_rate) noexcept;

}  // namespace patchbay::media
