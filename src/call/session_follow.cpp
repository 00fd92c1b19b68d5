// SPDX-License-Identifier: Apache-2.0
// The far end asks us by REFER to call somebody else (RFC 3515, RFC 5589). The application is told.
// Where the configuration lets calls be steered from outside we do as we are asked: the session
// goes on with the new party, whom we reach like anybody we call.
#include "call/session.hpp"
#include "sip/header.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace patchbay::call {

void Session::handle(Step& step, const sip::ReferReceived& asked) {
    const auto referred_by = asked.request.get<sip::ReferredBy>();
    step.emit(event::TransferRequest{
        .track_id = names_.caller_track,
        .timestamp = step.timestamp,
        .refer_to = asked.refer_to.uri.to_string(),
        .referred_by = referred_by ? std::optional(referred_by->uri.to_string()) : std::nullopt,
        .refer = std::nullopt});
    const int refusal = follow(step, asked);
    if (refusal != 0) {
        around_.agent.refuse_refer(step.now, asked.call, asked.refer,
                                   sip::Rejection{.status = refusal, .reason = {}, .headers = {}},
                                   around_.sip);
    }
}

// 0, or the status of the refusal. Whom we may call is asked as if a client had named him, so that
// no REFER leads to a number that is denied.
int Session::follow(Step& step, const sip::ReferReceived& asked) {
    const auto dialog = around_.agent.dialog(asked.call);
    if (around_.config.transfers != TransferPolicy::Follow || !audio_ || browser_ || !dialog ||
        !leg_.is_answered()) {
        return 603;
    }
    if (following_) {
        return 491;
    }
    // RFC 3515 2.4.2: an INVITE only; of the headers in the URI, Replaces and nothing else.
    const sip::Uri& uri = asked.refer_to.uri;
    if (uri.parameter("method").value_or("INVITE") != "INVITE") {
        return 603;
    }
    std::optional<sip::Replaces> replaces;
    if (const auto header = uri.header("Replaces")) {
        const auto parsed = sip::Replaces::parse(*header);
        if (!parsed) {
            return 400;
        }
        replaces = *parsed;
    }
    const sip::Uri target = uri.for_request();
    auto decision = plan_dialling(step.now, target.to_string(), dialog->local_party.uri.to_string(),
                                  around_.config, around_.services);
    if (!decision || std::holds_alternative<Refusal>(*decision)) {
        return decision ? std::get<Refusal>(*decision).status : 603;
    }
    around_.agent.accept_refer(step.now, asked.call, asked.refer, around_.sip);
    following_.emplace(
        Following{.refer = asked.refer,
                  .asked_in = asked.call,
                  .caller = dialog->local_party.uri,
                  .replaces = replaces,
                  .referred_by = std::string(asked.request.header("Referred-By").value_or("")),
                  .plan = std::get<DialPlan>(std::move(*decision)),
                  .audio = CallAudio(around_.random, wall_, audio_->endpoint(), preference_)});
    follow_next_way(step, 503, {});
    return 0;
}

// The phones of a user ring at once; all else is tried one after the other.
void Session::follow_next_way(Step& step, int status, const std::string& reason) {
    Following& following = *following_;
    while (following.next < following.plan.ways.size()) {
        const DialWay& way = following.plan.ways[following.next++];
        around_.services.give_back(std::exchange(following.claims, {}));
        if (way.trunk != nullptr && !claim(step, *way.trunk, following.claims)) {
            continue;
        }
        if (!way.flow) {
            return step.ask(LocateTarget{
                names_.key, goes_by_proxy(way) ? *around_.config.outbound_proxy : way.next_hop});
        }
        call_followed(step, way, {*way.flow});
        if (!following.plan.at_once && !following.calls.empty()) {
            return;
        }
    }
    if (following.calls.empty()) {
        finish_following(step, status, reason);
    }
}

void Session::followed_located(Step& step, const Result<std::vector<sip::Target>>& targets) {
    std::vector<sip::Flow> flows;
    if (targets) {
        for (const sip::Target& target : *targets) {
            flows.push_back(flow_to(target, local_address()));
        }
    }
    call_followed(step, following_->plan.ways[following_->next - 1], std::move(flows));
    if (following_->calls.empty()) {
        follow_next_way(step, 503, "host not found");
    }
}

// By those flows that are of the family of our audio's address.
void Session::call_followed(Step& step, const DialWay& way, std::vector<sip::Flow> flows) {
    const bool v6 = audio_->endpoint().advertised.ip.is_v6();
    std::erase_if(flows, [&](const sip::Flow& flow) { return flow.remote.ip.is_v6() != v6; });
    if (flows.empty()) {
        return;
    }
    Following& following = *following_;
    sip::InviteRequest request = invitation(
        way, std::move(flows), {.from = from_of(way, following.caller, following.plan.caller)},
        following.audio.offer());
    request.replaces = following.replaces;
    if (!following.referred_by.empty()) {
        request.headers.push_back({"Referred-By", following.referred_by});  // as it came
    }
    following.calls.push_back(around_.agent.invite(step.now, std::move(request), around_.sip));
}

bool Session::is_followed(std::optional<sip::CallHandle> call) const {
    return following_ && call &&
           std::find(following_->calls.begin(), following_->calls.end(), *call) !=
               following_->calls.end();
}

void Session::handle_followed(Step& step, const sip::Event& event) {
    if (const auto* progress = std::get_if<sip::Progress>(&event)) {
        tell_transferor(step, progress->response.status(),
                        std::string(progress->response.reason()));
    } else if (const auto* answered = std::get_if<sip::Answered>(&event)) {
        enter_followed(step, *answered);
    } else if (const auto* rejected = std::get_if<sip::Rejected>(&event)) {
        lose_followed(step, rejected->call, rejected->status, rejected->reason);
    } else if (const auto* ended = std::get_if<sip::Ended>(&event)) {
        lose_followed(step, ended->call, 480, {});
    } else if (const auto* reoffer = std::get_if<sip::Reoffer>(&event)) {
        // An UPDATE before the answer, for which nobody is there yet.
        around_.agent.refuse_reoffer(step.now, reoffer->call,
                                     sip::Rejection{.status = 488, .reason = {}, .headers = {}},
                                     around_.sip);
    }
}

void Session::lose_followed(Step& step,
                            sip::CallHandle call,
                            int status,
                            const std::string& reason) {
    std::erase(following_->calls, call);
    if (following_->calls.empty()) {
        follow_next_way(step, status, reason);
    }
}

void Session::tell_transferor(Step& step, int status, std::string reason) {
    around_.agent.notify_refer(step.now, following_->asked_in, following_->refer,
                               {status, std::move(reason)}, around_.sip);
}

// Nobody is there: the call goes on as it was, if the transferor waited for it.
void Session::finish_following(Step& step, int status, const std::string& reason) {
    tell_transferor(step, status, reason);
    leave_following(step);
    if (!call_) {
        end(step, cause::rejected(status));
    }
}

// The new party is there: it takes the place of the old one, who is told and says BYE. Where he
// does not, we do.
void Session::enter_followed(Step& step, const sip::Answered& answered) {
    std::erase(following_->calls, answered.call);
    const auto applied = following_->audio.apply_answer(step.now, answered.response.body());
    if (!applied) {
        around_.agent.hangup(step.now, answered.call, {}, around_.sip);
        return finish_following(step, 488, {});
    }
    tell_transferor(step, 200, {});
    CallAudio audio = std::move(following_->audio);
    give_claims_back();
    claims_ = std::exchange(following_->claims, {});
    leave_following(step);
    replace_call(step, answered.call, std::move(audio));
}

void Session::leave_following(Step& step) {
    if (!following_) {
        return;
    }
    for (const sip::CallHandle call : following_->calls) {
        around_.agent.hangup(step.now, call, {}, around_.sip);
    }
    around_.services.give_back(following_->claims);
    following_.reset();
}

}  // namespace patchbay::call
