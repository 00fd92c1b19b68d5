// SPDX-License-Identifier: Apache-2.0
#include "speech/asr/audio_backlog.hpp"

#include "base/ensure.hpp"

#include <algorithm>

namespace patchbay::speech {

void AudioBacklog::write(std::span<const std::int16_t> samples) {
    for (const std::int16_t sample : samples) {
        ring_[end_++ % ring_.size()] = sample;
    }
    if (end_ - begin_ > ring_.size()) {
        begin_ = end_ - ring_.size();
    }
}

void AudioBacklog::forget_before(std::uint64_t position) {
    begin_ = std::clamp(position, begin_, end_);
}

void AudioBacklog::copy(std::uint64_t position, std::span<std::int16_t> out) const {
    PB_ENSURE(position >= begin_ && position + out.size() <= end_);
    for (std::int16_t& sample : out) {
        sample = ring_[position++ % ring_.size()];
    }
}

}  // namespace patchbay::speech
