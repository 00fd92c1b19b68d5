// SPDX-License-Identifier: Apache-2.0
#include "call/own_hold.hpp"

#include "call/limits.hpp"

#include <utility>

namespace patchbay::call {

OwnHold::Action OwnHold::want(bool held) {
    wanted_ = held;
    if (is_busy()) {
        return Action::None;
    }
    return wanted_ == agreed_ ? Action::Done : offer();
}

OwnHold::Action OwnHold::handle_answered() {
    if (!offered_) {
        return Action::None;
    }
    agreed_ = *std::exchange(offered_, std::nullopt);
    collisions_ = 0;
    return wanted_ == agreed_ ? Action::Done : offer();
}

OwnHold::Action OwnHold::handle_refused(Instant now, std::optional<Milliseconds> retry_after) {
    if (!offered_) {
        return Action::None;
    }
    offered_.reset();
    if (retry_after && ++collisions_ <= kOfferCollisions) {
        retry_at_ = now + *retry_after;
        return Action::None;
    }
    collisions_ = 0;
    wanted_ = agreed_;
    return Action::Failed;
}

OwnHold::Action OwnHold::handle_timeout(Instant now) {
    if (!retry_at_ || *retry_at_ > now) {
        return Action::None;
    }
    retry_at_.reset();
    return wanted_ == agreed_ ? Action::Done : offer();
}

OwnHold::Action OwnHold::offer() {
    offered_ = wanted_;
    return Action::Offer;
}

}  // namespace patchbay::call
