// SPDX-License-Identifier: Apache-2.0
// An outgoing call from the command to the INVITE: callee, address, RTP port, offer.
#include "base/text.hpp"
#include "call/audio_choice.hpp"
#include "call/caller_identity.hpp"
#include "call/dial_plan.hpp"
#include "call/error_code.hpp"
#include "call/session.hpp"
#include "sip/grammar.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace patchbay::call {
namespace {

sip::NameAddr name_addr(sip::Uri uri) {
    sip::NameAddr out;
    out.uri = std::move(uri);
    return out;
}

// The client's id names the dialog too, escaped where it is no Call-ID (RFC 3261 25.1, callid).
std::string call_id_for(const SessionId& id) {
    const auto [word, host] = split_once(id.value(), '@');
    const bool has_host = id.value().find('@') != std::string::npos;
    const bool is_call_id =
        sip::all_of(word, sip::kWordChar) && (!has_host || sip::all_of(host, sip::kWordChar));
    return is_call_id ? id.value() : percent_encode(id.value());
}

std::optional<sip::Credentials> credentials_of(const CallOption& option) {
    if (!option.sip || !option.sip->username) {
        return std::nullopt;
    }
    return sip::Credentials{.username = *option.sip->username,
                            .password = option.sip->password.value_or(Secret<std::string>()),
                            .realm = option.sip->realm.value_or("")};
}

sip::ExtraHeaders headers_of(const CallOption& option) {
    sip::ExtraHeaders headers;
    if (option.sip) {
        for (const auto& [name, value] : option.sip->headers) {
            headers.push_back({name, value});
        }
    }
    return headers;
}

// Who did not ask for IPv6 gets it only where there is nothing else.
bool begins_with_v6(const std::vector<sip::Target>& targets, const CallOption& option) {
    const auto is_v6 = [](const sip::Target& one) { return one.address.ip.is_v6(); };
    return option.enable_ipv6.value() ? is_v6(targets.front())
                                      : std::all_of(targets.begin(), targets.end(), is_v6);
}

}  // namespace

const IpAddress& Session::local_address() const {
    if (direct_) {
        return direct_->local;
    }
    if (const IpAddress* const local = following_ ? following_->local() : nullptr) {
        return *local;
    }
    return audio_ ? audio_->endpoint().advertised.ip : called_browser_->local;
}

Result<void> Session::invite(Step& step, const command::Invite& invite) {
    const CallOption& option = invite.option;
    if (kind_ == SessionKind::WebRtc) {
        return invite_from_browser(step, option);
    }
    if (!option.callee || trim(*option.callee).empty()) {
        return fail(Errc::Malformed, "invite without callee");
    }
    PB_TRY(AudioPreference preference, audio_choice(option, around_.config));
    PB_CHECK(caller_uri(option, "127.0.0.1"));
    PB_CHECK(ApplicationAudio::check(option));
    PB_TRY(DialDecision decision,
           plan_dialling(step.now, *option.callee, option.caller.value_or(""), around_.config,
                         around_.services));

    option_ = option;
    preference_ = std::move(preference);
    callee_ = *option.callee;
    caller_ = option.caller.value_or("");
    leg_.handle(step.now, LegInput::Invite, log_);
    if (!starts_track_late_) {
        start_caller_track(step);
    }
    report_unserved_options(step);
    if (const auto* refusal = std::get_if<Refusal>(&decision)) {
        refuse(step, refusal->status, refusal->reason, cause::failed(refusal->status));
        return {};
    }
    dialling_ =
        Dialling{.plan = std::get<DialPlan>(std::move(decision)), .preference = preference_};
    if (option.handshake_timeout) {
        dialling_->deadline = step.now + option.handshake_timeout->value();
    }
    try_next_way(step, 503, {});
    return {};
}

// Accepted, and said once: until a feature exists, its option changes nothing.
void Session::report_unserved_options(Step& step) {
    struct Unserved {
        bool asked;
        std::string_view sender;
        std::string_view option;
    };
    const std::array options = {
        Unserved{option_.eou.has_value(), "eou", "eou"},
        Unserved{option_.realtime.has_value(), "realtime", "realtime"},
        Unserved{option_.ringback_detection.has_value(), "media", "ringbackDetection"},
        Unserved{option_.sip && option_.sip->contact.has_value(), "sip", "sip.contact"},
    };
    for (const Unserved& one : options) {
        if (one.asked) {
            report_error(step, std::string(one.sender),
                         "option " + std::string(one.option) + " is not served yet", 501);
        }
    }
}

void Session::target_located(Step& step,
                             const LocateTarget& asked,
                             const Result<std::vector<sip::Target>>& targets) {
    if (asked.hop_of) {
        if (targets) {
            around_.agent.set_hop(step.now, *asked.hop_of, asked.uri, *targets, around_.sip);
        }
        return;
    }
    if (following_ && !following_->awaits_port && !is_over()) {
        return followed_located(step, targets);
    }
    if (!leg_.is_calling() || !dialling_ || call_) {
        return;
    }
    if (!targets || targets->empty()) {
        // RFC 3261 8.1.3.1: what cannot be reached is treated as a 503.
        const bool unsupported = !targets && targets.error().code == Errc::Unsupported;
        try_next_way(step, 503, unsupported ? "transport not served" : "host not found");
        return;
    }
    // The offer names an address of one family, so the call keeps to that of the best target, or to
    // that of its port once it has one.
    const bool v6 =
        audio_ ? audio_->endpoint().advertised.ip.is_v6() : begins_with_v6(*targets, option_);
    std::copy_if(targets->begin(), targets->end(), std::back_inserter(dialling_->targets),
                 [v6](const sip::Target& one) { return one.address.ip.is_v6() == v6; });
    if (dialling_->targets.empty()) {
        try_next_way(step, 503, "no way in this address family");
        return;
    }
    reach(step, dialling_->targets.front().address.ip);
}

void Session::rtp_opened(Step& step, const RtpEndpoint& endpoint) {
    if (successor_ || (following_ && following_->awaits_port)) {
        return successor_ ? replace_by_phone(step, endpoint) : followed_rtp_port(step, endpoint);
    }
    if (!leg_.is_calling() || audio_) {
        step.ask(CloseRtpPort{endpoint.port});
        return;
    }
    if (direct_) {
        // All that was wanted of the port is which of our addresses faces the phone.
        step.ask(CloseRtpPort{endpoint.port});
        direct_->local = endpoint.advertised.ip;
        return send_invites(step);
    }
    audio_.emplace(around_.random, wall_, endpoint, preference_);
    audio_->track().mute_received(caller_muted_);
    if (taken_) {
        taken_->answering ? answer_taken(step) : ring_taken(step);
    } else if (offered_) {
        proceed(step);
    } else {
        send_invites(step);
    }
}

void Session::rtp_failed(Step& step, const Error& error) {
    if (successor_) {
        return refuse_successor(step, 503);
    }
    if (following_ && std::exchange(following_->awaits_port, false)) {
        return follow_next_way(step, 503, "no RTP port");
    }
    if (!leg_.is_calling() || audio_) {
        return;
    }
    report_error(step, "media", "no RTP port: " + patchbay::describe(error), 503);
    refuse(step, 503, "no RTP port", cause::failed(503));
}

sip::CallHandle Session::send_invite(Step& step, const DialWay& way) {
    const Result<sip::Uri> caller = caller_uri(option_, local_host());
    PB_ENSURE(caller.has_value());
    Introduction introduction{.from = from_of(way, *caller, dialling_->plan.caller),
                              .display_name = dialling_->display_name,
                              .is_private = dialling_->is_private,
                              .headers = headers_of(option_)};
    introduction.is_private |= asks_for_privacy(introduction.headers);
    if (caller_.empty()) {
        caller_ = introduction.from.to_string();
    }
    call_id_ = call_id_for(names_.id);
    std::vector<sip::Flow> flows;
    if (way.flow) {
        flows.push_back(*way.flow);
    }
    for (const sip::Target& target : dialling_->targets) {
        flows.push_back(flow_to(target, local_address()));
    }
    std::string offer = direct_            ? first_direct_description()
                        : way.is_web_rtc() ? called_browser_->browser->offer(called_browser_->audio)
                                           : audio_->offer();
    sip::InviteRequest request =
        invitation(way, std::move(flows), std::move(introduction), std::move(offer));
    request.call_id = call_id_;
    if (dialling_->max_forwards) {
        request.headers.push_back({"Max-Forwards", std::to_string(*dialling_->max_forwards)});
    }
    const sip::CallHandle call = around_.agent.invite(step.now, std::move(request), around_.sip);
    if (!direct_ && way.is_web_rtc()) {
        called_browser_->calls.push_back(call);
    }
    return call;
}

// What every INVITE of the session to such a party says.
sip::InviteRequest Session::invitation(const DialWay& way,
                                       std::vector<sip::Flow> flows,
                                       Introduction introduction,
                                       std::string offer) const {
    const bool is_private = introduction.is_private;
    sip::InviteRequest request{
        .target = way.target,
        .from = is_private ? anonymous_party() : name_addr(introduction.from),
        .to = name_addr(way.to),
        .flow = flows.front(),
        .alternates = {flows.begin() + 1, flows.end()},
        .call_id = {},
        .routes = way.routes,
        .body = {"application/sdp", std::move(offer)},
        .headers = std::move(introduction.headers),
        .credentials = credentials_of(option_)};
    if (!is_private) {
        request.from.display_name = std::move(introduction.display_name);
    }
    if (way.trunk != nullptr) {
        request.headers.insert(request.headers.begin(), way.trunk->headers.begin(),
                               way.trunk->headers.end());
        if (!request.credentials) {
            request.credentials = way.trunk->credentials;
        }
        request.session_timer = !way.trunk->one_description;
    }
    if (way.trunk != nullptr && way.trunk->assert_identity) {
        assert_identity(request.headers, introduction.from, is_private);
    } else if (is_private) {
        withhold_identity(request.headers);
    }
    if (goes_by_proxy(way, around_.config)) {
        request.routes.push_back(name_addr(*around_.config.outbound_proxy));
    }
    return request;
}

// As whom we are reached: with the address of our audio, or, of a browser that has none, of the
// connection to it.
std::string Session::local_host() const {
    const bool by_connection = !audio_ && !direct_ && dialling_->current().flow;
    const IpAddress& local = by_connection ? dialling_->current().flow->local.ip : local_address();
    return local.is_v6() ? "[" + local.to_string() + "]" : local.to_string();
}

// The caller; by a trunk, what its operator wants to see. `user`: as the route rewrote it.
sip::Uri Session::from_of(const DialWay& way,
                          const sip::Uri& caller,
                          const std::string& user) const {
    if (way.trunk == nullptr) {
        return caller;
    }
    const Trunk& trunk = *way.trunk;
    std::string name = trunk.from_user;
    if (name.empty()) {
        name = user.empty() ? caller.decoded_user() : user;
    }
    return sip::Uri::sip(name, trunk.from_domain.empty() ? local_host() : trunk.from_domain);
}

// From the listener that fits; the address of one that has none of its own is that of the audio.
sip::Flow Session::flow_to(const sip::Target& target, const IpAddress& ours) const {
    sip::Flow flow = call::flow_to(around_.config.listeners, target.transport, target.address);
    flow.peer_name = target.peer_name;
    if (flow.local.port == 0) {
        flow.local.port = 5060;
    }
    if (flow.local.ip.is_unspecified()) {
        flow.local.ip = ours;
    }
    return flow;
}

// The call was not accepted, by the far end or by the way there.
void Session::refuse(Step& step, int status, std::string reason, const HangupCause& cause) {
    if (!incoming_) {
        step.emit(event::Reject{.track_id = names_.caller_track,
                                .timestamp = step.timestamp,
                                .reason = std::move(reason),
                                .code = status});
    } else if (call_) {
        around_.agent.reject(step.now, *std::exchange(call_, std::nullopt),
                             sip::Rejection{.status = status, .reason = {}, .headers = {}},
                             around_.sip);
    }
    end(step, cause);
}

}  // namespace patchbay::call
