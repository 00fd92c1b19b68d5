// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/voice_arbiter.hpp"

#include "speech/limits.hpp"

#include <utility>

namespace patchbay::speech {
namespace {

Instant end_of(const VoiceWindow& window) {
    return window.begin + window.length;
}

}  // namespace

bool VoiceArbiter::handle_heard(Instant until, Windows& out) {
    heard_until_ = until;
    if (waiting_.empty() || until - end_of(waiting_.front()) <= kRemoteVoiceWait) {
        return false;
    }
    lose_remote(out);
    return true;
}

void VoiceArbiter::handle_own(const VoiceWindow& window, Windows& out) {
    if (remote_leads_) {
        waiting_.push_back(window);
    } else {
        tell(window, out);
    }
}

bool VoiceArbiter::handle_remote(const VoiceWindow& window, Windows& out) {
    if (!remote_leads_ && heard_until_ - end_of(window) > kRemoteVoiceWait) {
        return false;
    }
    remote_leads_ = true;
    tell(window, out);
    std::erase_if(waiting_, [&](const VoiceWindow& own) { return end_of(own) <= *told_until_; });
    return true;
}

void VoiceArbiter::lose_remote(Windows& out) {
    remote_leads_ = false;
    for (const VoiceWindow& window : std::exchange(waiting_, {})) {
        tell(window, out);
    }
}

// The part that was not told yet.
void VoiceArbiter::tell(VoiceWindow window, Windows& out) {
    const Instant end = end_of(window);
    if (told_until_ && end <= *told_until_) {
        return;
    }
    if (told_until_ && window.begin < *told_until_) {
        window.begin = *told_until_;
        window.length = end - window.begin;
    }
    told_until_ = end;
    out.push_back(window);
}

}  // namespace patchbay::speech
