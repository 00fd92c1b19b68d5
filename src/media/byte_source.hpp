// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace patchbay::media {

// The bytes of a media file, wherever they are. Read by one thread at a time.
class ByteSource {
  public:
    ByteSource() = default;
    ByteSource(const ByteSource&) = delete;
    ByteSource& operator=(const ByteSource&) = delete;
    virtual ~ByteSource() = default;

    virtual std::uint64_t size() const = 0;
    // How many bytes from the start are here, while the rest is on its way; absent: all of them.
    virtual std::optional<std::uint64_t> arrived() const { return std::nullopt; }
    // Bytes read; 0 at the end. Fewer than asked is fine.
    virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) = 0;
};

class MemoryByteSource final : public ByteSource {
  public:
    explicit MemoryByteSource(Bytes bytes) : bytes_(std::move(bytes)) {}

    std::uint64_t size() const override { return bytes_.size(); }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
        const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(offset, bytes_.size()));
        const std::size_t count = std::min(out.size(), bytes_.size() - from);
        std::copy_n(bytes_.data() + from, count, out.data());
        return count;
    }

  private:
    Bytes bytes_;
};

}  // namespace patchbay::media
