// SPDX-License-Identifier: Apache-2.0
#include "rtp/srtp_streams.hpp"

#include "base/ensure.hpp"
#include "rtp/limits.hpp"
#include "rtp/sequence.hpp"

#include <algorithm>

namespace patchbay::rtp {

std::uint64_t guess_srtp_index(const ReplayWindow& window, std::uint16_t sequence) {
    constexpr std::int64_t kRollOver = 0x10000;
    if (!window.newest()) {
        return sequence;
    }
    const auto newest = static_cast<std::int64_t>(*window.newest());
    std::int64_t index = newest + sequence_distance(static_cast<std::uint16_t>(newest), sequence);
    if (index < 0) {
        index += kRollOver;
    }
    return static_cast<std::uint64_t>(index);
}

SrtpStream* SrtpStreams::find_other(Ssrc ssrc) {
    const auto found = std::ranges::find(others_, ssrc, &SrtpStream::ssrc);
    return found == others_.end() ? nullptr : &*found;
}

bool SrtpStreams::is_full() const {
    return others_.size() + 1 >= limits::kSrtpStreams;
}

SrtpStream& SrtpStreams::add(const SrtpStream& stream) {
    PB_ENSURE(!is_full());
    return first_ ? others_.emplace_back(stream) : first_.emplace(stream);
}

}  // namespace patchbay::rtp
