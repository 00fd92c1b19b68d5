// SPDX-License-Identifier: Apache-2.0
#include "media/prompt_receiver.hpp"

namespace patchbay::media {
namespace {

// Longer than packets of 60 ms are apart, and than most networks are uneven.
constexpr Nanoseconds kMostBehind = Milliseconds(80);
constexpr Nanoseconds kMostAhead = Milliseconds(100);

}  // namespace

Result<PromptReceiver> PromptReceiver::make(std::vector<ReceiveFormat> formats) {
    PB_TRY(TrackReceiver receiver, TrackReceiver::make(std::move(formats)));
    return PromptReceiver(std::move(receiver));
}

bool PromptReceiver::read(Instant now, Frame& out) {
    given_until_ = given_until_.value_or(now);
    while (receiver_.read_arrived(now, out)) {
        if (*given_until_ - now < kMostAhead) {
            *given_until_ += kFrameTime;
            return true;
        }
    }
    if (now - *given_until_ < kMostBehind) {
        return false;
    }
    receiver_.read_pause(out);
    *given_until_ += kFrameTime;
    return true;
}

}  // namespace patchbay::media
