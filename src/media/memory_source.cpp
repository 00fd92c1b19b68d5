// SPDX-License-Identifier: Apache-2.0
#include "media/memory_source.hpp"

#include <algorithm>

namespace patchbay::media {

FrameSource::State MemorySource::read(Frame& out) {
    const std::size_t count = std::min(out.size(), samples_.size() - position_);
    const auto from = samples_.begin() + static_cast<std::ptrdiff_t>(position_);
    std::ranges::fill(std::copy_n(from, count, out.begin()), out.end(), std::int16_t{0});
    position_ += count;
    return count == 0 ? State::Ended : State::Playing;
}

}  // namespace patchbay::media
