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

// Takes about `removed` samples out of the front of `sound` without changing its pitch (waveform
// similarity overlap-add): the beginning is faded into what comes that much later, at the distance,
// within longest_shift(), where both look most alike. Returns how many samples are left, at the
// front of `sound`. Sound that is too short to choose from is cut.
std::size_t shorten(std::span<std::int16_t> sound, std::size_t removed, int sample_rate) noexcept;

}  // namespace patchbay::media
