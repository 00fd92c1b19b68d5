// SPDX-License-Identifier: Apache-2.0
// A phone whose media flows to the other phone of its call (RFC 3725 4.4). It is called without
// media, or is asked for its offer; what it says of itself goes to the session of the other phone,
// and what comes from there goes to the phone.
#include "base/overloaded.hpp"
#include "call/limits.hpp"
#include "call/session.hpp"
#include "sdp/audio_section.hpp"
#include "sdp/third_party.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::call {
namespace {

constexpr int kNotAcceptable = 488;
constexpr int kRequestPending = 491;

sip::Body body_of(std::string sdp) {
    return {"application/sdp", std::move(sdp)};
}

sip::Rejection refusal(int status) {
    return {.status = status, .reason = {}, .headers = {}};
}

bool says_the_same(const sdp::SessionDescription& a, const sdp::SessionDescription& b) {
    return a.media == b.media && a.connection == b.connection;
}

}  // namespace

std::vector<DirectMessage> Session::take_direct_messages() {
    return direct_ ? std::exchange(direct_->outbox, {}) : std::vector<DirectMessage>();
}

bool Session::is_connected_directly() const {
    return leg_.is_answered() && direct_ && direct_->other && call_;
}

// RFC 3725 4.4 (flow IV): the caller is offered no media, the callee is asked for his offer. A
// phone that refused that hears of a black hole instead (4.2).
std::string Session::first_direct_description() {
    if (!direct_->black_hole) {
        return role_ == PartyRole::Callee
                   ? std::string()
                   : direct_->told.publish(sdp::without_media(direct_->local));
    }
    sdp::LocalMedia wanted;
    wanted.codecs = preference_.codecs;
    wanted.telephone_event = preference_.telephone_event;
    return direct_->told.publish(sdp::black_hole(std::move(wanted), direct_->local));
}

// What phones say that cannot do without a description, or without media in it.
bool Session::dislikes_no_media(int status) {
    constexpr std::array kRefusals = {400, 415, 488, 500, 606};
    if (!direct_ || direct_->black_hole || !leg_.is_calling() ||
        std::ranges::find(kRefusals, status) == kRefusals.end()) {
        return false;
    }
    return direct_->black_hole = true;
}

// An offer in a reliable provisional response wants its answer in the PRACK (RFC 3262 5), before
// anything is known of the other phone.
void Session::take_direct_progress(Step& step, const sip::Progress& progress) {
    leg_.handle(step.now, LegInput::Ring, log_);
    step.emit(event::Ringing{
        .track_id = names_.caller_track, .timestamp = step.timestamp, .early_media = false});
    early_answer_ = progress.response.body();
    if (!progress.answer_owed) {
        return;
    }
    if (auto offer = sdp::SessionDescription::parse(early_answer_)) {
        direct_->owed = DirectMedia::Owed::Reoffer;
        const auto answer = sdp::into_black_hole(*offer, direct_->local);
        around_.agent.acknowledge_progress(step.now, progress.call,
                                           body_of(direct_->answer(answer, *offer)), around_.sip);
    }
}

void Session::take_direct_answered(Step& step, const sip::Answered& answered_by) {
    DirectMedia& direct = *direct_;
    take_headers(answered_by.response);
    const std::string_view body = answered_by.response.body();
    auto described = sdp::SessionDescription::parse(body.empty() ? early_answer_ : body);
    if (role_ == PartyRole::Caller) {
        return answered(step, std::string(body));  // what it says without media is of no use
    }
    if (!described || sdp::active_audio(*described) == nullptr) {
        report_error(step, "media", "answered without audio", kNotAcceptable);
        return end(step, cause::failed(kNotAcceptable));
    }
    if (direct.owed == DirectMedia::Owed::Nothing) {
        direct.owed = direct.black_hole ? DirectMedia::Owed::Reoffer : DirectMedia::Owed::Ack;
    }
    // Who sends to a black hole is on hold, as he sees it.
    direct.phone = direct.owed == DirectMedia::Owed::Reoffer
                       ? sdp::with_direction(*described, sdp::Direction::SendRecv)
                       : std::move(*described);
    direct.say(DirectOffer{.description = direct.phone});
}

void Session::handle_direct(Step& step, const DirectMessage& message) {
    if (is_over() || !direct_ || !call_) {
        return;
    }
    std::visit(Overloaded{[&](const DirectOffer& m) { take(step, m); },
                          [&](const DirectAnswer& m) { take(step, m); },
                          [&](const DirectRefusal& m) { take(step, m); },
                          [&](const DirectHold& m) { take(step, m); }, [](const DirectSettled&) {}},
               message);
}

void Session::take(Step& step, const DirectOffer& offer) {
    DirectMedia& direct = *direct_;
    const bool busy = direct.is_busy() || own_hold_.is_busy();
    if (!leg_.is_answered() ||
        (offer.passed_on && (busy || own_hold_.wants_hold() || !direct.other))) {
        return direct.say(DirectRefusal{kRequestPending});
    }
    if (offer.passed_on) {
        return offer_directly(step, offer.description, DirectMedia::Asking::PassedOn);
    }
    if (!busy && direct.other == offer.description && direct.phone) {
        return direct.say(DirectAnswer{*direct.phone});
    }
    direct.queued = offer.description;
    direct.retry_at = busy ? step.now + kDirectPause : step.now;
    retry_direct_offer(step);
}

void Session::offer_directly(Step& step,
                             std::optional<sdp::SessionDescription> description,
                             DirectMedia::Asking asking) {
    DirectMedia& direct = *direct_;
    direct.asking = asking;
    direct.offered = std::move(description);
    around_.agent.reoffer(step.now, *call_,
                          direct.offered ? body_of(direct.offer(*direct.offered)) : sip::Body{}, {},
                          around_.sip);
}

void Session::retry_direct_offer(Step& step) {
    if (!direct_ || !direct_->retry_at || *direct_->retry_at > step.now || is_over()) {
        return;
    }
    DirectMedia& direct = *direct_;
    if (direct.asking != DirectMedia::Asking::Nothing || direct.phone_asks || direct.awaits_ack ||
        own_hold_.is_busy()) {
        direct.retry_at = step.now + kDirectPause;
        return;
    }
    direct.retry_at.reset();
    offer_directly(step, std::exchange(direct.queued, std::nullopt),
                   DirectMedia::Asking::Connecting);
}

void Session::take_direct_reoffer_answered(Step& step, std::string_view sdp) {
    DirectMedia& direct = *direct_;
    const auto asking = std::exchange(direct.asking, DirectMedia::Asking::Nothing);
    auto described = sdp::SessionDescription::parse(sdp);
    direct.collisions = 0;
    if (!direct.offered) {  // its offer, for the other phone
        if (described) {
            direct.phone = std::move(*described);
        }
        direct.owed = DirectMedia::Owed::Ack;
        if (asking == DirectMedia::Asking::PassedOn) {
            direct.say(DirectAnswer{*direct.phone});
        } else {
            direct.say(DirectOffer{.description = direct.phone});
        }
        return;
    }
    direct.other = std::exchange(direct.offered, std::nullopt);
    if (described) {
        direct.phone = std::move(*described);
    }
    if (direct.owed == DirectMedia::Owed::Reoffer) {
        direct.owed = DirectMedia::Owed::Nothing;
        settle_directly(step);
    } else if (direct.phone) {
        direct.say(DirectAnswer{*direct.phone});
    }
}

void Session::take_direct_reoffer_refused(Step& step, const sip::ReofferRefused& refused) {
    DirectMedia& direct = *direct_;
    const auto asking = std::exchange(direct.asking, DirectMedia::Asking::Nothing);
    auto offered = std::exchange(direct.offered, std::nullopt);
    if (asking == DirectMedia::Asking::Connecting && offered && refused.retry_after &&
        ++direct.collisions <= kOfferCollisions) {
        direct.queued = std::move(offered);
        direct.retry_at = step.now + *refused.retry_after;
        return;
    }
    direct.collisions = 0;
    if (direct.owed == DirectMedia::Owed::Reoffer) {
        end(step, cause::failed(refused.status));
    } else if (asking == DirectMedia::Asking::Connecting && !offered) {
        direct.say(DirectSettled{refused.status});
    } else {
        direct.say(DirectRefusal{refused.status});
    }
}

void Session::take(Step& step, const DirectAnswer& answer) {
    DirectMedia& direct = *direct_;
    if (std::exchange(direct.phone_asks, false)) {
        direct.other = answer.description;
        std::string sdp;
        if (direct.phone_wants) {
            direct.phone = std::exchange(direct.phone_wants, std::nullopt);
            sdp = direct.answer(answer.description, *direct.phone);
        } else {
            sdp = direct.offer(answer.description);
            direct.awaits_ack = true;
        }
        return around_.agent.answer_reoffer(
            step.now, *call_, sip::Answer{.body = body_of(std::move(sdp)), .headers = {}},
            around_.sip);
    }
    if (direct.owed == DirectMedia::Owed::Reoffer) {
        direct.queued = answer.description;
        direct.retry_at = step.now;
        retry_direct_offer(step);
    } else if (direct.owed == DirectMedia::Owed::Ack) {
        direct.other = answer.description;
        acknowledge_directly(step);
        settle_directly(step);
    }
}

void Session::acknowledge_directly(Step& step) {
    direct_->owed = DirectMedia::Owed::Nothing;
    around_.agent.acknowledge(
        step.now, *call_, body_of(direct_->answer(*direct_->other, *direct_->phone)), around_.sip);
}

void Session::settle_directly(Step& step) {
    if (leg_.is_calling()) {
        answered(step, direct_->told.current()->to_string());
    } else {
        direct_->say(DirectSettled{200});
    }
}

void Session::take(Step& step, const DirectRefusal& refusal) {
    DirectMedia& direct = *direct_;
    if (std::exchange(direct.phone_asks, false)) {
        direct.phone_wants.reset();
        around_.agent.refuse_reoffer(step.now, *call_, call::refusal(refusal.status), around_.sip);
    } else if (leg_.is_calling()) {
        end(step, cause::failed(refusal.status));
    } else if (direct.owed == DirectMedia::Owed::Ack && direct.other) {
        acknowledge_directly(step);  // with the party of before
        direct.say(DirectSettled{refusal.status});
    }
}

// A re-INVITE or UPDATE of the phone is for the other one. While a client holds the call it is
// answered here, and counts from the end of the hold on.
void Session::take_direct_reoffer(Step& step, const sip::Reoffer& reoffer) {
    DirectMedia& direct = *direct_;
    const auto refuse = [&](int status) {
        around_.agent.refuse_reoffer(step.now, *call_, refusal(status), around_.sip);
    };
    if (!leg_.is_answered() || !direct.other || direct.is_busy() || direct.retry_at ||
        own_hold_.is_busy()) {
        return refuse(kRequestPending);
    }
    std::optional<sdp::SessionDescription> wanted;
    if (const std::string_view body = reoffer.request.body(); !body.empty()) {
        auto described = sdp::SessionDescription::parse(body);
        if (!described) {
            return refuse(kNotAcceptable);
        }
        wanted = std::move(*described);
    }
    const bool held = own_hold_.wants_hold();
    const bool refresh = wanted && direct.phone && says_the_same(*wanted, *direct.phone);
    if (!held && !refresh) {
        direct.phone_asks = true;
        direct.phone_wants = wanted;
        return direct.say(DirectOffer{.description = std::move(wanted), .passed_on = true});
    }
    const sdp::SessionDescription ours =
        held ? sdp::with_direction(*direct.other, sdp::Direction::Inactive) : *direct.other;
    std::string sdp = wanted ? direct.answer(ours, *wanted) : direct.offer(ours);
    if (wanted) {
        direct.phone = std::move(wanted);
    }
    around_.agent.answer_reoffer(
        step.now, *call_, sip::Answer{.body = body_of(std::move(sdp)), .headers = {}}, around_.sip);
}

// The answer to an offer that the phone had asked for.
void Session::take_direct_ack(Step& /*step*/, std::string_view sdp) {
    if (!std::exchange(direct_->awaits_ack, false)) {
        return;
    }
    if (auto described = sdp::SessionDescription::parse(sdp)) {
        direct_->phone = std::move(*described);
        direct_->say(DirectAnswer{*direct_->phone});
    } else {
        direct_->say(DirectRefusal{kNotAcceptable});
    }
}

// Both phones stop sending, whichever of them is held: nobody here could be silent for one of them.
void Session::take(Step& step, const DirectHold& hold) {
    if (leg_.is_answered() && direct_->other) {
        direct_->other_holds = hold.held;
        perform_hold(step, own_hold_.want(direct_->wants_hold || hold.held), 200);
    }
}

void Session::hold_directly(Step& step) {
    DirectMedia& direct = *direct_;
    if (direct.is_busy() || direct.retry_at) {
        return perform_hold(step, own_hold_.handle_refused(step.now, kDirectPause),
                            kRequestPending);
    }
    const sdp::SessionDescription ours =
        own_hold_.wants_hold() ? sdp::with_direction(*direct.other, sdp::Direction::Inactive)
                               : *direct.other;
    around_.agent.reoffer(step.now, *call_, body_of(direct.offer(ours)), {}, around_.sip);
}

// Some phones listen at another port after a hold.
void Session::note_direct_answer_to_hold(std::string_view sdp) {
    auto described = sdp::SessionDescription::parse(sdp);
    if (own_hold_.wants_hold() || !described || !direct_->phone ||
        sdp::same_places(*described, *direct_->phone)) {
        return;
    }
    direct_->phone = std::move(*described);
    direct_->say(DirectOffer{.description = direct_->phone});
}

void Session::ask_for_direct_offer(Step& step) {
    if (!is_connected_directly() || direct_->is_busy() || own_hold_.is_busy()) {
        return direct_->say(DirectSettled{kRequestPending});
    }
    offer_directly(step, std::nullopt, DirectMedia::Asking::Connecting);
}

void Session::repeat_direct_offer() {
    if (direct_ && direct_->phone) {
        direct_->say(DirectOffer{.description = direct_->phone});
    }
}

}  // namespace patchbay::call
