// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace patchbay::rtp {

// HMAC-SHA1 (RFC 2104) under one key, for many short messages. The padded keys are hashed once and
// each message goes on from there.
class HmacSha1 {
  public:
    static constexpr std::size_t kSize = 20;
    using Tag = std::array<std::uint8_t, kSize>;

    explicit HmacSha1(ByteView key);  // of at most 64 bytes
    ~HmacSha1();
    HmacSha1(const HmacSha1&) = delete;
    HmacSha1& operator=(const HmacSha1&) = delete;

    // Of both parts, one after the other.
    Tag compute(ByteView message, ByteView rest) const;

  private:
    struct Pads;
    std::unique_ptr<Pads> pads_;
};

}  // namespace patchbay::rtp
