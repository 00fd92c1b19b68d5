// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

// ITU-T G.711 (11/88), one sample at a time, from tables.
namespace patchbay::media {

std::uint8_t encode_ulaw(std::int16_t sample) noexcept;
std::int16_t decode_ulaw(std::uint8_t byte) noexcept;
std::uint8_t encode_alaw(std::int16_t sample) noexcept;
std::int16_t decode_alaw(std::uint8_t byte) noexcept;

}  // namespace patchbay::media
