// SPDX-License-Identifier: Apache-2.0
#include "lab/listener.hpp"

#include "media/level.hpp"

#include <utility>

namespace patchbay::lab {
namespace {

constexpr std::size_t kMostKept = std::size_t{media::kSampleRate} * 60 * 30;

}  // namespace

void Listener::write(std::uint64_t position, const media::Frame& left, const media::Frame& right) {
    if (heard_.size() < kMostKept) {
        heard_.insert(heard_.end(), left.begin(), left.end());
    }
    if (recording_) {
        recording_->write(position, left, right);
    }
}

Listener::Heard Listener::take() {
    const std::vector<std::int16_t> samples = std::exchange(heard_, {});
    return {.length = whole_milliseconds(media::duration_of(samples.size())),
            .level = media::rms_level(samples),
            .passages = find_passages(samples, media::kSampleRate)};
}

}  // namespace patchbay::lab
