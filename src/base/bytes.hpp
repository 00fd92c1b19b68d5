// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace patchbay {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

constexpr std::uint16_t load_be16(const std::uint8_t* p) {
    return static_cast<std::uint16_t>((p[0] << 8) | p[1]);
}
constexpr std::uint32_t load_be32(const std::uint8_t* p) {
    return (std::uint32_t{p[0]} << 24) | (std::uint32_t{p[1]} << 16) | (std::uint32_t{p[2]} << 8) |
           p[3];
}
constexpr std::uint64_t load_be64(const std::uint8_t* p) {
    return (std::uint64_t{load_be32(p)} << 32) | load_be32(p + 4);
}
constexpr void store_be16(std::uint8_t* p, std::uint16_t v) {
    p[0] = static_cast<std::uint8_t>(v >> 8);
    p[1] = static_cast<std::uint8_t>(v);
}
constexpr void store_be32(std::uint8_t* p, std::uint32_t v) {
    store_be16(p, static_cast<std::uint16_t>(v >> 16));
    store_be16(p + 2, static_cast<std::uint16_t>(v));
}
constexpr void store_be64(std::uint8_t* p, std::uint64_t v) {
    store_be32(p, static_cast<std::uint32_t>(v >> 32));
    store_be32(p + 4, static_cast<std::uint32_t>(v));
}

// Reads network-order fields from the front of a view. Every read checks the length, so that no
// parser of ours holds a raw length; the error says at which offset the input ended.
class ByteReader {
  public:
    explicit ByteReader(ByteView input) : input_(input) {}

    std::size_t position() const { return position_; }
    std::size_t remaining() const { return input_.size() - position_; }
    bool empty() const { return remaining() == 0; }

    Result<std::uint8_t> u8(std::string_view what) {
        PB_TRY(const ByteView field, bytes(1, what));
        return field[0];
    }
    Result<std::uint16_t> u16(std::string_view what) {
        PB_TRY(const ByteView field, bytes(2, what));
        return load_be16(field.data());
    }
    Result<std::uint32_t> u32(std::string_view what) {
        PB_TRY(const ByteView field, bytes(4, what));
        return load_be32(field.data());
    }
    Result<ByteView> bytes(std::size_t count, std::string_view what) {
        if (count > remaining()) {
            return fail(Errc::Malformed, what, static_cast<std::int64_t>(position_));
        }
        const ByteView field = input_.subspan(position_, count);
        position_ += count;
        return field;
    }
    ByteView rest() { return input_.subspan(position_); }

  private:
    ByteView input_;
    std::size_t position_ = 0;
};

// Appends network-order fields to a buffer that it owns.
class ByteWriter {
  public:
    void u8(std::uint8_t v) { buffer_.push_back(v); }
    void u16(std::uint16_t v) { store_be16(grow(2), v); }
    void u32(std::uint32_t v) { store_be32(grow(4), v); }
    void bytes(ByteView v) { buffer_.insert(buffer_.end(), v.begin(), v.end()); }

    // Overwrites a length field that was not known when it was written.
    void set_u16(std::size_t at, std::uint16_t v) { store_be16(buffer_.data() + at, v); }

    std::size_t size() const { return buffer_.size(); }
    const Bytes& view() const { return buffer_; }
    Bytes take() { return std::move(buffer_); }

  private:
    std::uint8_t* grow(std::size_t count) {
        buffer_.resize(buffer_.size() + count);
        return buffer_.data() + buffer_.size() - count;
    }

    Bytes buffer_;
};

}  // namespace patchbay
