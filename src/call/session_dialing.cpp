// SPDX-License-Identifier: Apache-2.0
// The ways to a callee: trunks and their addresses one after the other, the phones of a user all at
// once.
#include "call/session.hpp"
#include "sdp/codec.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace patchbay::call {
namespace {

// RFC 3263 4.3, and what carriers mean by their 5xx: another place may do better. Who is busy or
// not there is so everywhere.
bool is_worth_another_way(const sip::Rejected& rejected) {
    return !rejected.response || rejected.status == 408 || rejected.status == 430 ||
           rejected.status / 100 == 5;
}

// RFC 3261 16.7 item 6: a 6xx wins, then the lowest class, 4xx before 5xx.
bool is_better(int status, int than) {
    const auto rank = [](int one) { return one / 100 == 6 ? 0 : one / 100; };
    return than == 0 || rank(status) < rank(than);
}

}  // namespace

std::vector<sip::CallHandle> Session::calls() const {
    std::vector<sip::CallHandle> all = forks_;
    if (following_) {
        all.insert(all.end(), following_->calls.begin(), following_->calls.end());
    }
    if (successor_) {
        all.push_back(successor_->call);
    }
    if (call_) {
        all.push_back(*call_);
    }
    return all;
}

bool Session::has_calls(const std::vector<sip::CallHandle>& known) const {
    auto next = known.begin();
    const auto is_next = [&](sip::CallHandle call) {
        return next != known.end() && *next++ == call;
    };
    return std::ranges::all_of(forks_, is_next) &&
           (!following_ || std::ranges::all_of(following_->calls, is_next)) &&
           (!successor_ || is_next(successor_->call)) && (!call_ || is_next(*call_)) &&
           next == known.end();
}

// Begins with the next way that can be tried; the call is refused with `status` when there is none.
void Session::try_next_way(Step& step, int status, std::string reason) {
    Dialling& dialling = *dialling_;
    while (dialling.next < dialling.plan.ways.size()) {
        const DialWay& way = dialling.plan.ways[dialling.next++];
        names_.trunk = way.trunk != nullptr ? way.trunk->name : std::string();
        give_claims_back();
        if (way.trunk != nullptr && !claim(step, *way.trunk, claims_)) {
            status = 503;
            reason = "the trunk has no room";
            continue;
        }
        if (way.flow) {
            return reach(step, way.flow->remote.ip);
        }
        dialling.targets.clear();
        return step.ask(LocateTarget{names_.key, goes_by_proxy(way, around_.config)
                                                     ? *around_.config.outbound_proxy
                                                     : way.next_hop});
    }
    refuse(step, status, std::move(reason), cause::rejected(status));
}

bool Session::claim(Step& step, const Trunk& trunk, std::vector<QuotaClaim>& claims) {
    claims = {{"trunk " + trunk.name, trunk.limit}};
    if (around_.services.take(step.now, claims)) {
        return true;
    }
    claims.clear();
    around_.services.gate().note_over_quota();
    return false;
}

void Session::give_claims_back() {
    around_.services.give_back(std::exchange(claims_, {}));
}

// The port is there from the first way on, if its family is that of this one.
void Session::reach(Step& step, IpAddress address) {
    if (!direct_ && dialling_->calls_any(true) && !called_browser_) {
        dialling_->address = address;
        return step.ask(OpenPeerPort{names_.key});
    }
    if (!direct_ && !dialling_->calls_any(false)) {
        return send_invites(step);
    }
    if (!audio_) {
        preference_for(dialling_->current());
        early_answer_.clear();
        return step.ask(OpenRtpPort{names_.key, address});
    }
    if (audio_->endpoint().advertised.ip.is_v6() != address.is_v6()) {
        return try_next_way(step, 503, "no way in this address family");
    }
    const RtpEndpoint endpoint = audio_->endpoint();
    preference_for(dialling_->current());
    early_answer_.clear();
    if (join_) {
        join_->audio->pause(join_->side);  // early media of the way before; this one enters anew
    }
    audio_.emplace(around_.random, wall_, endpoint, preference_);
    audio_->track().mute_received(caller_muted_);
    send_invites(step);
}

// What a trunk asks for, where the client does not say otherwise; encryption only ever gets
// stricter.
void Session::preference_for(const DialWay& way) {
    if (way.trunk == nullptr) {
        return;
    }
    preference_ = dialling_->preference;
    take_terms(*way.trunk);
}

// `preference_` is what else is known to be wanted.
void Session::take_terms(const Trunk& trunk) {
    one_description_ = trunk.one_description;
    recorded_headers_ = trunk.recorded_headers;
    if (!trunk.codecs.empty() && !option_.codec && !option_.offer) {
        preference_.codecs = known_codecs(trunk.codecs);
    }
    preference_.crypto = std::max(preference_.crypto, trunk.crypto);
    preference_.rtcp_mux = preference_.rtcp_mux || trunk.rtcp_mux;
    if (trunk.telephone_event) {
        preference_.telephone_event_format = trunk.telephone_event;
    }
    if (trunk.one_description) {
        preference_.comfort_noise = false;  // its silence is packets as well
    }
}

void Session::send_invites(Step& step) {
    if (!dialling_->plan.at_once || dialling_->plan.ways.size() == 1) {
        call_ = send_invite(step, dialling_->current());
        return;
    }
    for (const DialWay& way : dialling_->plan.ways) {
        forks_.push_back(send_invite(step, way));
    }
    dialling_->next = dialling_->plan.ways.size();
}

// Whether the rest of the session is to see the event: not what one of several phones says that
// ring at once, until one of them answers.
bool Session::take_fork(Step& step, const sip::Event& event) {
    if (forks_.empty()) {
        return true;
    }
    if (const auto* progress = std::get_if<sip::Progress>(&event)) {
        if (leg_.state() == LegState::Inviting && progress->response.status() >= 180) {
            leg_.handle(step.now, LegInput::Ring, log_);
            step.emit(event::Ringing{.track_id = names_.caller_track,
                                     .timestamp = step.timestamp,
                                     .early_media = false});
        }
        return false;
    }
    if (const auto* answered = std::get_if<sip::Answered>(&event)) {
        call_ = answered->call;
        for (const sip::CallHandle fork : std::exchange(forks_, {})) {
            if (fork != *call_) {
                around_.agent.hangup(
                    step.now, fork, {{"Reason", "SIP;cause=200;text=\"Call completed elsewhere\""}},
                    around_.sip);
            }
        }
        return true;
    }
    if (const auto* rejected = std::get_if<sip::Rejected>(&event)) {
        lose_fork(step, rejected->call, rejected->status, rejected->reason);
    } else if (const auto* ended = std::get_if<sip::Ended>(&event)) {
        lose_fork(step, ended->call, 480, {});
    }
    return false;
}

void Session::lose_fork(Step& step, sip::CallHandle fork, int status, const std::string& reason) {
    std::erase(forks_, fork);
    if (is_better(status, dialling_->best_status)) {
        dialling_->best_status = status;
        dialling_->best_reason = reason;
    }
    // RFC 3261 16.7 item 5: who declines for everybody ends it everywhere.
    if (forks_.empty() && dislikes_no_media(dialling_->best_status)) {
        dialling_->best_status = 0;
        return send_invites(step);
    }
    if (forks_.empty() || status / 100 == 6) {
        hang_up_forks(step, {});
        refuse(step, dialling_->best_status, dialling_->best_reason,
               cause::rejected(dialling_->best_status));
    }
}

void Session::hang_up_forks(Step& step, const sip::ExtraHeaders& headers) {
    for (const sip::CallHandle fork : std::exchange(forks_, {})) {
        around_.agent.hangup(step.now, fork, headers, around_.sip);
    }
}

bool Session::goes_another_way(Step& step, const sip::Rejected& rejected) {
    const bool more = dialling_ && leg_.is_calling() && !dialling_->plan.at_once &&
                      dialling_->next < dialling_->plan.ways.size();
    if (!more || !is_worth_another_way(rejected)) {
        return false;
    }
    try_next_way(step, rejected.status, rejected.reason);
    return true;
}

}  // namespace patchbay::call
