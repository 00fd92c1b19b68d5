// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace patchbay {

// Source of branches, tags, SSRCs, ids and tokens. Engines get one at construction and draw nothing
// elsewhere, so that a test with a seeded source sees the same identifiers in every run.
class Random {
  public:
    Random() = default;
    Random(const Random&) = delete;
    Random& operator=(const Random&) = delete;
    virtual ~Random() = default;

    virtual void fill(std::span<std::uint8_t> out) = 0;

    std::uint32_t u32();
    std::uint64_t u64();
    // Uniform in [0, bound); bound must not be 0.
    std::uint32_t below(std::uint32_t bound);
    // `length` characters of [a-z0-9]: tags, branches, user parts.
    std::string token(std::size_t length);
    // "7c9e6679-7425-40de-944b-e07fc1f90ae7" (RFC 4122, version 4).
    std::string uuid();
};

// Cryptographically strong, from OpenSSL. One per shard: it is not shared between threads.
class SystemRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> out) override;
};

// Repeatable (SplitMix64); for tests and the emulated network, never for anything an attacker may
// guess.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

    void fill(std::span<std::uint8_t> out) override;

  private:
    std::uint64_t next();

    std::uint64_t state_;
};

}  // namespace patchbay
