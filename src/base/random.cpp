// SPDX-License-Identifier: Apache-2.0
#include "base/random.hpp"

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"

#include <openssl/rand.h>

#include <array>
#include <string_view>

namespace patchbay {

std::uint32_t Random::u32() {
    std::array<std::uint8_t, 4> raw{};
    fill(raw);
    return load_be32(raw.data());
}

std::uint64_t Random::u64() {
    std::array<std::uint8_t, 8> raw{};
    fill(raw);
    return load_be64(raw.data());
}

std::uint32_t Random::below(std::uint32_t bound) {
    PB_ENSURE(bound != 0);
    // Multiply-shift; the bias for bounds far below 2^32 is beyond notice.
    return static_cast<std::uint32_t>((std::uint64_t{u32()} * bound) >> 32);
}

std::string Random::token(std::size_t length) {
    constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz012345";
    std::string out(length, '\0');
    fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    for (char& c : out) {
        c = kAlphabet[static_cast<unsigned char>(c) % kAlphabet.size()];
    }
    return out;
}

std::string Random::uuid() {
    std::array<std::uint8_t, 16> raw{};
    fill(raw);
    raw[6] = static_cast<std::uint8_t>((raw[6] & 0x0f) | 0x40);
    raw[8] = static_cast<std::uint8_t>((raw[8] & 0x3f) | 0x80);
    std::string out = to_hex(raw);
    for (const std::size_t at : {8U, 13U, 18U, 23U}) {
        out.insert(at, 1, '-');
    }
    return out;
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
    PB_ENSURE(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1);
}

void SeededRandom::fill(std::span<std::uint8_t> out) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (i % 8 == 0) {
            bits = next();
        }
        out[i] = static_cast<std::uint8_t>(bits >> (8 * (i % 8)));
    }
}

std::uint64_t SeededRandom::next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

}  // namespace patchbay
