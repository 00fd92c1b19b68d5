// SPDX-License-Identifier: Apache-2.0
#include "store/growing_bytes.hpp"

#include <algorithm>
#include <limits>

namespace patchbay::store {

void GrowingBytes::append(ByteView piece) {
    const std::lock_guard lock(mutex_);
    bytes_.insert(bytes_.end(), piece.begin(), piece.end());
}

void GrowingBytes::complete() {
    const std::lock_guard lock(mutex_);
    complete_ = true;
}

void GrowingBytes::break_off(const Error& error) {
    const std::lock_guard lock(mutex_);
    failure_ = error;
}

std::uint64_t GrowingBytes::size() const {
    const std::lock_guard lock(mutex_);
    if (complete_ || failure_) {
        return bytes_.size();
    }
    // Half of what a signed size may be, so that positions near the end do not overflow.
    return expected_.value_or(std::numeric_limits<std::int64_t>::max() / 2);
}

std::optional<std::uint64_t> GrowingBytes::arrived() const {
    const std::lock_guard lock(mutex_);
    return complete_ || failure_ ? std::nullopt : std::optional<std::uint64_t>(bytes_.size());
}

Result<std::size_t> GrowingBytes::read_at(std::uint64_t offset, std::span<std::uint8_t> out) {
    const std::lock_guard lock(mutex_);
    if (offset >= bytes_.size()) {
        return failure_ ? Result<std::size_t>(tl::unexpected(*failure_)) : std::size_t{0};
    }
    const auto from = static_cast<std::size_t>(offset);
    const std::size_t count = std::min(out.size(), bytes_.size() - from);
    std::copy_n(bytes_.data() + from, count, out.data());
    return count;
}

}  // namespace patchbay::store
