// SPDX-License-Identifier: Apache-2.0
#include "call/pass_through.hpp"

#include "call/track_settings.hpp"

#include <utility>

namespace patchbay::call {

void PassThrough::update(CallAudio& one, CallAudio& other, bool someone_listens) {
    media::RelayFormats there;
    media::RelayFormats back;
    if (!someone_listens && one.is_running() && other.is_running()) {
        there = relay_formats(*one.negotiated(), *other.negotiated());
        back = relay_formats(*other.negotiated(), *one.negotiated());
    }
    // Both ways or none: where one is decoded, the other one's tick is needed as well.
    on_ = !there.empty() && !back.empty();
    one.track().relay(on_ ? std::move(there) : media::RelayFormats());
    other.track().relay(on_ ? std::move(back) : media::RelayFormats());
}

void PassThrough::end(CallAudio& one, CallAudio& other) {
    on_ = false;
    one.track().relay({});
    other.track().relay({});
}

void PassThrough::forward(const media::TrackOutputs& outputs, CallAudio& to) {
    if (outputs.relayed) {
        to.track().send_relayed(*outputs.relayed, *to.endpoint().sink);
    }
}

void PassThrough::tick(Instant now, CallAudio& party) {
    party.track().idle(now, *party.endpoint().sink);
}

}  // namespace patchbay::call
