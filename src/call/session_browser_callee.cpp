// SPDX-License-Identifier: Apache-2.0
// A call to a page that registered over WebSocket (RFC 7118): the offer is ours, with ICE, DTLS and
// SRTP. Where a user has phones as well, each kind gets its own offer, and who answers first
// decides which audio is the call's.
#include "call/audio_choice.hpp"
#include "call/session.hpp"
#include "webrtc/jsep.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace patchbay::call {
namespace {

// That of our addresses which `remote` is likeliest to reach: of its family, and on its side of
// the loopback.
IpAddress address_towards(const PeerPort& port, const IpAddress& remote) {
    const auto found = std::ranges::find_if(port.candidates, [&](const auto& one) {
        return one.base.ip.is_v6() == remote.is_v6() &&
               one.base.ip.is_loopback() == remote.is_loopback();
    });
    return found == port.candidates.end() ? webrtc::kNoAddress.ip : found->base.ip;
}

}  // namespace

// The browsers' port is there; what it was asked for goes on.
void Session::offer_to_browsers(Step& step, const PeerPort& port) {
    if (called_browser_) {
        return called_browser_->browser->add_candidates(step.now, port);
    }
    preference_ = browser_preference(option_, around_.config);
    if (const Trunk* trunk = dialling_->current().trunk) {
        take_terms(*trunk);
    }
    called_browser_.emplace(browser_to_call(step, port, dialling_->address));
    preference_ = dialling_->preference;
    reach(step, dialling_->address);
}

CalledBrowser Session::browser_to_call(Step& step,
                                       const PeerPort& port,
                                       const IpAddress& callee) const {
    auto browser = make_browser(step.now, port, option_, true, around_.random);
    CallAudio audio = audio_by(*browser);
    return {std::move(browser), std::move(audio), address_towards(port, callee)};
}

// Who answers has the call: a browser with its transport, or a phone with its port.
void Session::settle_on(Step& step, sip::CallHandle call) {
    auto called = std::exchange(called_browser_, std::nullopt);
    if (!called || !called->has(call)) {
        return;
    }
    if (audio_) {
        if (join_) {
            join_->audio->pause(join_->side);  // its audio is about to be another one
        }
        step.ask(CloseRtpPort{audio_->endpoint().port});
    }
    browser_ = std::move(called->browser);
    audio_.emplace(std::move(called->audio));
    audio_->track().mute_received(caller_muted_);
    browsing_.emplace();
}

}  // namespace patchbay::call
