// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

// ITU-T G.711 (11/88), from tables: one sample, or a payload of as many bytes as samples.
namespace patchbay::media {

std::uint8_t encode_ulaw(std::int16_t sample) noexcept;
std::int16_t decode_ulaw(std::uint8_t byte) noexcept;
std::uint8_t encode_alaw(std::int16_t sample) noexcept;
std::int16_t decode_alaw(std::uint8_t byte) noexcept;

void encode_ulaw(std::span<const std::int16_t> in, std::span<std::uint8_t> out) noexcept;
void decode_ulaw(std::span<const std::uint8_t> in, std::span<std::int16_t> out) noexcept;
void encode_alaw(std::span<const std::int16_t> in, std::span<std::uint8_t> out) noexcept;
void decode_alaw(std::span<const std::uint8_t> in, std::span<std::int16_t> out) noexcept;

}  // namespace patchbay::media
