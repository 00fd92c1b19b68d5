// SPDX-License-Identifier: Apache-2.0
// A party of a forwarded call holds, and the other one is told so by a re-INVITE; what that one
// says goes back into the answer. RFC 3264 8.4, RFC 5359 2.1.
#include "call/session.hpp"

#include <utility>

namespace patchbay::call {

// Whether the far end is answered later, by partner_followed(). The Exchange knows whether there is
// anybody to be asked.
bool Session::asks_partner_first(const sip::Message& request) {
    const auto offer = sdp::SessionDescription::parse(request.body());
    if (!join_ || !leg_.is_answered() || !offer) {
        return false;
    }
    const auto left = sdp::direction_left_by(*offer);
    if (!left) {
        return false;
    }
    hold_relay_.request = sdp::reversed(*left);
    if (request.method() != sip::Method::Invite) {
        return false;  // RFC 3311 5.2: an UPDATE is answered at once, and the other party follows
    }
    hold_relay_.waiting = request.body();
    return true;
}

// What we do on this leg, where `holds` is our own hold of the far end. Where he holds us as well,
// nothing flows at all; nor does what the other party says, who is not to be heard by one who
// waits.
sdp::Direction Session::own_direction(bool holds) const {
    const auto own = !holds              ? sdp::Direction::SendRecv
                     : on_hold_ || join_ ? sdp::Direction::Inactive
                                         : sdp::Direction::SendOnly;
    return sdp::both(own, hold_relay_.limit);
}

// The other party's far end wants this from now on.
void Session::follow_partner(Step& step, sdp::Direction limit) {
    HoldRelay& relay = hold_relay_;
    if (relay.former_limit) {
        relay.next_limit = limit;  // one offer at a time
        return;
    }
    if (!is_answered_call() || following_ || one_description_) {
        relay.outcome = HoldOutcome{};
        return;
    }
    const sdp::Direction former = std::exchange(relay.limit, limit);
    const sdp::Direction wanted = own_direction(own_hold_.is_holding());
    const bool differs =
        sdp::both(wanted, relay.left) != sdp::both(audio_->direction(), relay.left);
    if (own_hold_.is_busy()) {  // one offer at a time
        relay.outcome =
            differs ? HoldOutcome{.status = 491} : HoldOutcome{.limit = relay.limit_of_partner()};
        relay.limit = differs ? former : limit;
        return;
    }
    audio_->set_direction(wanted);
    if (!differs) {
        relay.outcome = HoldOutcome{.limit = relay.limit_of_partner()};
        return;
    }
    relay.former_limit = former;
    around_.agent.reoffer(step.now, *call_, {"application/sdp", further_offer()}, {}, around_.sip);
}

// The re-INVITE that follow_partner() sent is answered; false when there was none.
bool Session::finish_following_partner(Step& step, int status) {
    HoldRelay& relay = hold_relay_;
    if (!relay.former_limit) {
        return false;
    }
    const sdp::Direction former = *std::exchange(relay.former_limit, std::nullopt);
    if (status >= 300) {
        relay.limit = former;
        audio_->set_direction(own_direction(own_hold_.is_holding()));
    }
    if (const auto next = std::exchange(relay.next_limit, std::nullopt)) {
        follow_partner(step, *next);
        return true;
    }
    relay.outcome = HoldOutcome{.status = status};
    if (status < 300) {
        relay.outcome->limit = relay.limit_of_partner();
    }
    return true;
}

// What our far end waits for. Who refuses a hold is told by silence that he is held: the party that
// holds gets its 200. Only where two offers met does it have to try again (RFC 3261 14.1).
void Session::partner_followed(Step& step, const HoldOutcome& outcome) {
    if (outcome.limit) {
        hold_relay_.limit = *outcome.limit;
        if (audio_) {
            audio_->set_direction(own_direction(own_hold_.is_holding()));
        }
    }
    const auto offer = std::exchange(hold_relay_.waiting, std::nullopt);
    if (!offer || !call_ || !audio_) {
        return;
    }
    if (outcome.status == 491) {
        refuse_reoffer(step, 491);
    } else {
        answer_reoffer(step, *offer);
    }
}

// The far end took its re-INVITE back: the other party goes back as well.
void Session::handle(Step& /*step*/, const sip::ReofferCanceled& /*canceled*/) {
    if (direct_ && std::exchange(direct_->phone_asks, false)) {
        repeat_direct_offer();
    }
    if (std::exchange(hold_relay_.waiting, std::nullopt)) {
        hold_relay_.request = hold_relay_.limit_of_partner();
    }
}

// Somebody else is at the far end, or at the other party's: who was held by whom is over.
void Session::begin_hold_relay_anew(Step& step) {
    if (hold_relay_.waiting) {
        partner_followed(step, {});
    }
    if (hold_relay_.limit != sdp::Direction::SendRecv) {
        follow_partner(step, sdp::Direction::SendRecv);
    }
    hold_relay_.request = hold_relay_.limit_of_partner();
}

}  // namespace patchbay::call
