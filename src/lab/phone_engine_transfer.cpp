// SPDX-License-Identifier: Apache-2.0
// Transfers: asked for by the person at the phone, obeyed when the far end asks (RFC 5589).
#include "lab/phone_engine.hpp"
#include "sip/header.hpp"

#include <utility>

namespace patchbay::lab {
namespace {

constexpr std::string_view kSdp = "application/sdp";
constexpr std::uint16_t kSipPort = 5060;

std::string host_of(const IpAddress& ip) {
    return ip.is_v6() ? "[" + ip.to_string() + "]" : ip.to_string();
}

}  // namespace

void PhoneEngine::transfer(Instant now,
                           sip::Uri target,
                           const std::optional<sip::Replaces>& replaces,
                           PhoneOutputs& out) {
    if (!call_ || !answered_) {
        return;
    }
    sip::ReferRequest request;
    request.refer_to.uri =
        replaces ? sip::refer_to_replacing(std::move(target), *replaces) : std::move(target);
    request.referred_by.emplace();
    request.referred_by->uri = sip::Uri::sip(config_.user, host_of(config_.sip.ip));
    agent_.refer(now, *call_, std::move(request), sip_);
    dispatch(now, out);
}

std::optional<sip::DialogIdentity> PhoneEngine::dialog() const {
    return call_ ? agent_.dialog(*call_) : std::nullopt;
}

void PhoneEngine::send_text(Instant now, std::string text, PhoneOutputs& out) {
    if (call_) {
        agent_.send_message(now, *call_, {"text/plain", std::move(text)}, {}, sip_);
        dispatch(now, out);
    }
}

void PhoneEngine::handle_refer(Instant now,
                               const sip::ReferReceived& refer,
                               PhoneOutputs& /*out*/) {
    if (!config_.behaviour.follow_transfers || followed_ || !follow(now, refer)) {
        agent_.refuse_refer(now, refer.call, refer.refer, sip::Rejection{603, {}, {}}, sip_);
    }
}

Result<void> PhoneEngine::follow(Instant now, const sip::ReferReceived& refer) {
    const sip::Uri& uri = refer.refer_to.uri;
    PB_TRY(const sip::Uri target, sip::Uri::parse(uri.for_request().to_string()));
    const auto address = IpAddress::parse(target.host());
    if (!address) {
        return fail(Errc::Unsupported, "names of hosts");
    }
    sip::InviteRequest request;
    if (const auto replaces = uri.header("Replaces")) {
        PB_TRY(request.replaces, sip::Replaces::parse(*replaces));
    }
    agent_.accept_refer(now, refer.call, refer.refer, sip_);
    Followed followed{.refer = refer.refer,
                      .asked_in = refer.call,
                      .call = {},
                      .audio = call::CallAudio(random_, wall_, config_.rtp, audio_preference())};
    request.target = target;
    request.to.uri = target;
    request.from.uri = sip::Uri::sip(config_.user, host_of(config_.sip.ip), config_.sip.port);
    request.flow = {.transport = sip::Transport::Udp,
                    .local = config_.sip,
                    .remote = {*address, target.port().value_or(kSipPort)}};
    request.credentials = config_.credentials;
    request.body = {std::string(kSdp), followed.audio.offer()};
    if (const auto referred_by = refer.request.header("Referred-By")) {
        request.headers.push_back({"Referred-By", std::string(*referred_by)});
    }
    followed.call = agent_.invite(now, std::move(request), sip_);
    followed_.emplace(std::move(followed));
    return {};
}

void PhoneEngine::handle_followed(Instant now, const sip::Event& event, PhoneOutputs& out) {
    const auto notify = [&](int status) {
        agent_.notify_refer(now, followed_->asked_in, followed_->refer, {status, {}}, sip_);
    };
    if (const auto* progress = std::get_if<sip::Progress>(&event)) {
        notify(progress->response.status());
    } else if (const auto* rejected = std::get_if<sip::Rejected>(&event)) {
        notify(rejected->status);
        followed_.reset();
    } else if (const auto* answered = std::get_if<sip::Answered>(&event)) {
        if (!followed_->audio.apply_answer(now, answered->response.body())) {
            agent_.hangup(now, followed_->call, {}, sip_);
            notify(488);
            followed_.reset();
            return;
        }
        notify(200);
        leave_call(now);
        left_call_ = std::exchange(call_, followed_->call);
        audio_.emplace(std::move(followed_->audio));
        followed_.reset();
        enter_answered(now, out);
    } else if (std::holds_alternative<sip::Ended>(event)) {
        followed_.reset();
    }
}

// RFC 3891: the new call takes the place of ours at once.
void PhoneEngine::handle_replacement(Instant now,
                                     const sip::IncomingCall& incoming,
                                     PhoneOutputs& out) {
    call::CallAudio audio(random_, wall_, config_.rtp, audio_preference());
    const std::string_view offer = incoming.request.body();
    const Result<std::string> sdp =
        offer.empty() ? Result<std::string>(audio.offer()) : audio.answer(now, offer);
    if (!sdp) {
        agent_.reject(now, incoming.call, sip::Rejection{488, {}, {}}, sip_);
        return;
    }
    agent_.answer(now, incoming.call, {{std::string(kSdp), *sdp}, {}}, sip_);
    leave_call(now);
    left_call_ = std::exchange(call_, incoming.call);
    audio_.emplace(std::move(audio));
    leave_call(now);
    enter_answered(now, out);
}

void PhoneEngine::leave_call(Instant now) {
    if (const auto left = std::exchange(left_call_, std::nullopt)) {
        agent_.hangup(now, *left, {}, sip_);
    }
}

}  // namespace patchbay::lab
