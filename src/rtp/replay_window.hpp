// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace patchbay::rtp {

// Which indices of a stream were used (RFC 3711 3.3.2): each counts once, and those too far behind
// the newest count as used.
class ReplayWindow {
  public:
    // RFC 3711 asks for 64 at least; 128 packets are 2.5 s of speech, more than a network reorders.
    static constexpr std::size_t kSize = 128;

    bool is_fresh(std::uint64_t index) const {
        if (!newest_ || index > *newest_) {
            return true;
        }
        const std::uint64_t behind = *newest_ - index;
        return behind < kSize && !used_.test(behind);
    }

    // Only for an index that is fresh, and only after the packet proved genuine.
    void use(std::uint64_t index) {
        if (!newest_ || index > *newest_) {
            const std::uint64_t ahead = newest_ ? index - *newest_ : kSize;
            used_ = ahead < kSize ? used_ << ahead : Used();
            newest_ = index;
        }
        used_.set(*newest_ - index);
    }

    std::optional<std::uint64_t> newest() const { return newest_; }

  private:
    using Used = std::bitset<kSize>;

    std::optional<std::uint64_t> newest_;
    Used used_;  // bit n: newest - n
};

}  // namespace patchbay::rtp
