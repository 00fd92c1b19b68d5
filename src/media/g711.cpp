// SPDX-License-Identifier: Apache-2.0
#include "media/g711.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace patchbay::media {
namespace {

// The standard is symmetric in one's complement: -1 is encoded as the negative twin of 0. So the
// low bits of a sample never decide, and the tables can be indexed by the bits that do.
constexpr int magnitude(int sample) {
    return sample < 0 ? ~sample : sample;
}

constexpr std::uint8_t compute_ulaw(int sample) {
    constexpr int kBias = 33;  // makes every segment start at a power of two
    const int biased = (magnitude(sample) >> 2) + kBias;
    const int clipped = biased > 0x1FFF ? 0x1FFF : biased;
    int segment = 0;
    while ((clipped >> (segment + 6)) != 0) {
        ++segment;
    }
    const int code = (segment << 4) | ((clipped >> (segment + 1)) & 0x0F);
    return static_cast<std::uint8_t>(sample < 0 ? (~code & 0x7F) : (~code & 0xFF));
}

constexpr std::int16_t compute_linear_from_ulaw(int byte) {
    const int code = ~byte & 0xFF;
    const int value = (((((code & 0x0F) << 1) + 33) << ((code >> 4) & 7)) - 33) << 2;
    return static_cast<std::int16_t>((code & 0x80) != 0 ? -value : value);
}

constexpr std::uint8_t compute_alaw(int sample) {
    const int level = magnitude(sample) >> 4;
    int segment = 0;
    while ((level >> (segment + 4)) != 0) {
        ++segment;
    }
    const int mantissa = segment > 1 ? level >> (segment - 1) : level;
    const int code = (segment << 4) | (mantissa & 0x0F);
    // Even bits are inverted on the line (G.711 table 1a, note 2); the sign bit is 1 for positive.
    return static_cast<std::uint8_t>(code ^ (sample < 0 ? 0x55 : 0xD5));
}

constexpr std::int16_t compute_linear_from_alaw(int byte) {
    const int code = byte ^ 0x55;
    const int segment = (code >> 4) & 7;
    const int mantissa = ((code & 0x0F) << 4) + 8;
    const int value = segment == 0 ? mantissa : (mantissa + 0x100) << (segment - 1);
    return static_cast<std::int16_t>((code & 0x80) != 0 ? value : -value);
}

constexpr int kUlawShift = 2;
constexpr int kAlawShift = 4;

template <int Shift, auto Compute>
constexpr auto make_encode_table() {
    std::array<std::uint8_t, (65536U >> Shift)> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = Compute((static_cast<int>(i) << Shift) - 32768);
    }
    return table;
}

template <auto Compute>
constexpr auto make_decode_table() {
    std::array<std::int16_t, 256> table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        table[i] = Compute(static_cast<int>(i));
    }
    return table;
}

constexpr auto kToUlaw = make_encode_table<kUlawShift, compute_ulaw>();
constexpr auto kToAlaw = make_encode_table<kAlawShift, compute_alaw>();
constexpr auto kFromUlaw = make_decode_table<compute_linear_from_ulaw>();
constexpr auto kFromAlaw = make_decode_table<compute_linear_from_alaw>();

constexpr std::size_t index_of(std::int16_t sample, int shift) {
    return static_cast<std::size_t>((sample + 32768) >> shift);
}

}  // namespace

std::uint8_t encode_ulaw(std::int16_t sample) noexcept {
    return kToUlaw[index_of(sample, kUlawShift)];
}
std::int16_t decode_ulaw(std::uint8_t byte) noexcept {
    return kFromUlaw[byte];
}
std::uint8_t encode_alaw(std::int16_t sample) noexcept {
    return kToAlaw[index_of(sample, kAlawShift)];
}
std::int16_t decode_alaw(std::uint8_t byte) noexcept {
    return kFromAlaw[byte];
}

void encode_ulaw(std::span<const std::int16_t> in, std::span<std::uint8_t> out) noexcept {
    std::ranges::transform(
        in, out.begin(), [](std::int16_t sample) { return kToUlaw[index_of(sample, kUlawShift)]; });
}
void decode_ulaw(std::span<const std::uint8_t> in, std::span<std::int16_t> out) noexcept {
    std::ranges::transform(in, out.begin(), [](std::uint8_t byte) { return kFromUlaw[byte]; });
}

void encode_alaw(std::span<const std::int16_t> in, std::span<std::uint8_t> out) noexcept {
    std::ranges::transform(
        in, out.begin(), [](std::int16_t sample) { return kToAlaw[index_of(sample, kAlawShift)]; });
}
void decode_alaw(std::span<const std::uint8_t> in, std::span<std::int16_t> out) noexcept {
    std::ranges::transform(in, out.begin(), [](std::uint8_t byte) { return kFromAlaw[byte]; });
}

}  // namespace patchbay::media
