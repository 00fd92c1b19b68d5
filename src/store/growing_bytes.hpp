// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "media/byte_source.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

namespace patchbay::store {

// The bytes of a download: the shard that receives them writes, the disk thread that decodes them
// reads. The lock is held for the copy of one piece, by which neither waits noticeably.
class GrowingBytes final : public media::ByteSource {
  public:
    // `expected`: the whole size, when the server said it.
    explicit GrowingBytes(std::optional<std::uint64_t> expected) : expected_(expected) {}

    // The receiving side.
    void append(ByteView piece);
    void complete();
    // What has arrived is still played; then the reader hears why there is no more.
    void break_off(const Error& error);

    // The reading side. Until everything is here, the size is what the server said, or as large as
    // a size can be.
    std::uint64_t size() const override;
    std::optional<std::uint64_t> arrived() const override;
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override;

  private:
    mutable std::mutex mutex_;  // guards everything below
    std::optional<std::uint64_t> expected_;
    Bytes bytes_;
    bool complete_ = false;
    std::optional<Error> failure_;
};

}  // namespace patchbay::store
