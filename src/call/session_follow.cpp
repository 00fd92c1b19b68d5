// SPDX-License-Identifier: Apache-2.0
// The far end asks us by REFER to call somebody else (RFC 3515, RFC 5589). The application is told.
// Where the configuration lets calls be steered from outside we do as we are asked: the session
// goes on with the new party, whom we reach like anybody we call.
#include "base/text.hpp"
#include "call/audio_choice.hpp"
#include "call/session.hpp"
#include "sip/header.hpp"
#include "sip/steering.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace patchbay::call {
namespace {

// Whether this server has the dialog, here or on another shard. A phone of our make has tags like
// ours and another address.
bool is_ours(const sip::Replaces& dialog, const sip::Uri& target, const Surroundings& around) {
    if (around.agent.call_of(dialog)) {
        return true;
    }
    const auto shard = sip::marked_shard(dialog.to_tag);
    return shard && *shard != around.config.agent.shard &&
           around.config.services.gate.hosts.contains(to_lower(target.host()));
}

}  // namespace

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
    if (around_.config.transfers != TransferPolicy::Follow || !audio_ || !dialog ||
        !leg_.is_answered()) {
        return 603;
    }
    if (following_ || join_request_) {
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
        if (is_ours(*replaces, uri, around_)) {
            join_request_ = JoinRequest{asked.refer, asked.call, *replaces};
            wants_join_ = true;
            return 0;
        }
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
                  .plan = std::get<DialPlan>(std::move(*decision))});
    follow_next_way(step, 503, {});
    return 0;
}

// The phones of a user ring at once; all else is tried one after the other. Begins again where it
// had to wait for an address or a port.
void Session::follow_next_way(Step& step, int status, const std::string& reason) {
    Following& following = *following_;
    for (; following.next < following.plan.ways.size(); following.skip_way()) {
        const DialWay& way = following.way();
        around_.services.give_back(std::exchange(following.claims, {}));
        if (way.trunk != nullptr && !claim(step, *way.trunk, following.claims)) {
            continue;
        }
        if (!way.flow && following.targets.empty()) {
            return step.ask(LocateTarget{names_.key, goes_by_proxy(way, around_.config)
                                                         ? *around_.config.outbound_proxy
                                                         : way.next_hop});
        }
        if (!open_followed_port(step)) {
            return;
        }
        call_followed(step);
        if (!following.plan.at_once && !following.calls.empty()) {
            return following.skip_way();
        }
    }
    if (following.calls.empty()) {
        finish_following(step, status, reason);
    }
}

void Session::followed_located(Step& step, const Result<std::vector<sip::Target>>& targets) {
    if (!targets || targets->empty()) {
        following_->skip_way();
    } else {
        following_->targets = *targets;
    }
    follow_next_way(step, 503, "host not found");
}

// Pages have the port that all pages have. Phones have that of the far end of before, who is not
// heard together with the new one; where it was a page, one is opened. False: not there yet.
bool Session::open_followed_port(Step& step) {
    Following& following = *following_;
    if (following.way().is_web_rtc() ? following.browser.has_value()
                                     : following.audio.has_value()) {
        return true;
    }
    if (!following.way().is_web_rtc() && !browser_) {
        following.audio.emplace(around_.random, wall_, audio_->endpoint(), preference_);
        return true;
    }
    following.awaits_port = true;
    if (following.way().is_web_rtc()) {
        step.ask(OpenPeerPort{names_.key});
    } else {
        step.ask(OpenRtpPort{names_.key, following.address()});
    }
    return false;
}

void Session::followed_rtp_port(Step& step, const RtpEndpoint& endpoint) {
    following_->awaits_port = false;
    following_->audio.emplace(around_.random, wall_, endpoint, audio_preference(around_.config));
    follow_next_way(step, 503, "no way in this address family");
}

void Session::followed_peer_port(Step& step, const PeerPort& port) {
    following_->awaits_port = false;
    AudioPreference ours = std::exchange(preference_, browser_preference(option_, around_.config));
    following_->browser.emplace(browser_to_call(step, port, following_->address()));
    preference_ = std::move(ours);
    follow_next_way(step, 503, {});
}

// By those flows that are of the family of our audio's address.
void Session::call_followed(Step& step) {
    Following& following = *following_;
    const DialWay& way = following.way();
    const bool is_page = way.is_web_rtc();
    const IpAddress local = *following.local();
    std::vector<sip::Flow> flows;
    if (way.flow) {
        flows.push_back(*way.flow);
    }
    for (const sip::Target& target : following.targets) {
        flows.push_back(flow_to(target, local));
    }
    if (!is_page) {
        std::erase_if(
            flows, [&](const sip::Flow& flow) { return flow.remote.ip.is_v6() != local.is_v6(); });
    }
    if (flows.empty()) {
        return;
    }
    sip::InviteRequest request = invitation(
        way, std::move(flows), {.from = from_of(way, following.caller, following.plan.caller)},
        is_page ? following.browser->browser->offer(following.browser->audio)
                : following.audio->offer());
    request.replaces = following.replaces;
    if (!following.referred_by.empty()) {
        request.headers.push_back({"Referred-By", following.referred_by});  // as it came
    }
    following.calls.push_back(around_.agent.invite(step.now, std::move(request), around_.sip));
    if (is_page) {
        following.browser->calls.push_back(following.calls.back());
    }
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
    Following& following = *following_;
    std::erase(following.calls, answered.call);
    const std::string_view sdp = answered.response.body();
    const Result<void> applied =
        following.is_page(answered.call)
            ? following.browser->browser->apply_answer(step.now, sdp, following.browser->audio)
            : following.audio->apply_answer(step.now, sdp);
    if (!applied) {
        around_.agent.hangup(step.now, answered.call, {}, around_.sip);
        return finish_following(step, 488, {});
    }
    tell_transferor(step, 200, {});
    give_claims_back();
    claims_ = std::exchange(following.claims, {});
    FarEnd far = following.take(answered.call);
    leave_following(step);
    replace_far_end(step, std::move(far));
}

std::optional<sip::Replaces> Session::take_join_request() {
    return std::exchange(wants_join_, false) ? std::optional(join_request_->other) : std::nullopt;
}

// What became of it: the Exchange has brought the two together, or there is nobody to be brought.
void Session::join_request_answered(Step& step, int status) {
    if (!join_request_) {
        return;
    }
    const JoinRequest request = *std::exchange(join_request_, std::nullopt);
    if (status >= 300) {
        around_.agent.refuse_refer(step.now, request.asked_in, request.refer,
                                   sip::Rejection{.status = status, .reason = {}, .headers = {}},
                                   around_.sip);
        return;
    }
    around_.agent.accept_refer(step.now, request.asked_in, request.refer, around_.sip);
    around_.agent.notify_refer(step.now, request.asked_in, request.refer, {status, {}},
                               around_.sip);
}

void Session::leave_following(Step& step) {
    if (!following_) {
        return;
    }
    for (const sip::CallHandle call : following_->calls) {
        around_.agent.hangup(step.now, call, {}, around_.sip);
    }
    around_.services.give_back(following_->claims);
    if (following_->audio && following_->audio->endpoint().port != rtp_port()) {
        step.ask(CloseRtpPort{following_->audio->endpoint().port});
    }
    following_.reset();
}

}  // namespace patchbay::call
