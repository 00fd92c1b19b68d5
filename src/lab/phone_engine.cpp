// SPDX-License-Identifier: Apache-2.0
#include "lab/phone_engine.hpp"

#include "base/ensure.hpp"
#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "sdp/codec.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::lab {
namespace {

constexpr std::string_view kSdp = "application/sdp";

std::vector<sdp::Codec> codecs_named(const std::vector<std::string>& names) {
    std::vector<sdp::Codec> codecs;
    for (const std::string& name : names) {
        if (auto codec = sdp::known_codec(name)) {
            codecs.push_back(std::move(*codec));
        }
    }
    return codecs;
}

std::string host_of(const IpAddress& ip) {
    return ip.is_v6() ? "[" + ip.to_string() + "]" : ip.to_string();
}

}  // namespace

PhoneEngine::PhoneEngine(PhoneConfig config, WallAnchor wall, Random& random)
    : config_(std::move(config)), wall_(wall), random_(random), agent_(config_.agent, random) {
    if (config_.registration) {
        registration_.emplace(*config_.registration, random);
    }
}

void PhoneEngine::handle_sip(Instant now,
                             const sip::Flow& flow,
                             ByteView message,
                             PhoneOutputs& out) {
    agent_.handle_message(now, flow, message, sip_);
    dispatch(now, out);
}

void PhoneEngine::handle_sip_transport_error(Instant now,
                                             const sip::Flow& flow,
                                             PhoneOutputs& out) {
    agent_.handle_transport_error(now, flow, sip_);
    dispatch(now, out);
}

std::optional<Instant> PhoneEngine::next_timeout() const {
    std::optional<Instant> next = agent_.next_timeout();
    if (registration_) {
        next = earlier(next, registration_->next_timeout());
    }
    for (const Plan& plan : plans_) {
        next = earlier(next, plan.at);
    }
    return next;
}

void PhoneEngine::handle_timeout(Instant now, PhoneOutputs& out) {
    agent_.handle_timeout(now, sip_);
    if (registration_) {
        registration_->handle_timeout(now, agent_, sip_);
    }
    std::vector<Plan> due;
    std::erase_if(plans_, [&](const Plan& plan) {
        if (plan.at <= now) {
            due.push_back(plan);
        }
        return plan.at <= now;
    });
    for (const Plan& plan : due) {
        carry_out(now, plan.what, out);
    }
    dispatch(now, out);
}

void PhoneEngine::carry_out(Instant now, Due due, PhoneOutputs& out) {
    if (!call_) {
        return;
    }
    switch (due) {
        case Due::Ring: ring(now, out); break;
        case Due::Answer: answer(now, out); break;
        case Due::PressKeys:
            if (const auto pressed = press(config_.behaviour.keys); !pressed) {
                out.events.emplace_back(PhoneProblem{pressed.error()});
            }
            break;
        case Due::HangUp: hang_up(now, out); break;
    }
}

void PhoneEngine::sign_on(Instant now, PhoneOutputs& out) {
    if (registration_) {
        registration_->start(now, agent_, sip_);
        dispatch(now, out);
    }
}

void PhoneEngine::sign_off(Instant now, PhoneOutputs& out) {
    if (registration_) {
        registration_->stop(now, agent_, sip_);
        dispatch(now, out);
    }
}

void PhoneEngine::handle_request_finished(Instant now,
                                          const sip::RequestFinished& finished,
                                          PhoneOutputs& out) {
    if (!registration_) {
        return;
    }
    if (const auto outcome = registration_->handle(now, finished, agent_, sip_)) {
        std::visit([&](const auto& one) { out.events.emplace_back(one); }, *outcome);
    }
}

void PhoneEngine::dispatch(Instant now, PhoneOutputs& out) {
    PB_ENSURE(sip_.broken.empty());  // a phone has one call and nobody to spare
    while (!sip_.events.empty() || !sip_.transmits.empty()) {
        for (sip::Transmit& transmit : std::exchange(sip_.transmits, {})) {
            out.transmits.push_back(std::move(transmit));
        }
        for (const sip::Event& event : std::exchange(sip_.events, {})) {
            handle(now, event, out);
        }
    }
}

void PhoneEngine::handle(Instant now, const sip::Event& event, PhoneOutputs& out) {
    const auto call = sip::call_of(event);
    if (followed_ && call == followed_->call) {
        return handle_followed(now, event, out);
    }
    const auto* incoming = std::get_if<sip::IncomingCall>(&event);
    if (call && incoming == nullptr && call != call_) {
        return;  // a call that this phone has left
    }
    if (incoming != nullptr && call_ && incoming->replaces == call_) {
        return handle_replacement(now, *incoming, out);
    }
    std::visit(
        Overloaded{
            [&](const sip::IncomingCall& e) { handle_incoming(now, e, out); },
            [&](const sip::Progress& e) { handle_progress(now, e, out); },
            [&](const sip::Answered& e) { handle_answered(now, e, out); },
            [&](const sip::Rejected& e) { handle_end(out, PhoneRejected{e.status, e.reason}); },
            [&](const sip::Canceled&) { handle_end(out, PhoneEnded{.by_far_end = true}); },
            [&](const sip::Ended& e) {
                handle_end(out, PhoneEnded{.by_far_end = e.cause == sip::EndCause::RemoteHangup});
            },
            [&](const sip::Reoffer& e) { handle_reoffer(now, e); },
            [&](const sip::ReofferAnswered& e) { handle_reoffer_answered(now, e); },
            [&](const sip::Confirmed& e) {
                if (audio_ && !audio_->is_running()) {
                    // A broken answer leaves the call without sound, as on any phone.
                    (void)audio_->apply_answer(now, e.ack.body());
                }
            },
            [](const sip::HopFailed&) {},
            [](const sip::HopNamed&) {},
            [&](const sip::ReofferConfirmed& e) {
                if (audio_ && !e.ack.body().empty()) {
                    (void)audio_->apply_answer(now, e.ack.body());
                }
            },
            [](const sip::ReofferCanceled&) {},
            [](const sip::ReofferRefused&) {},
            [](const sip::ProgressConfirmed&) {},
            [](const sip::MessageReceived&) {},
            [](const sip::MessageAnswered&) {},
            [&](const sip::ReferReceived& e) { handle_refer(now, e, out); },
            [](const sip::ReferAccepted&) {},
            [](const sip::ReferProgress&) {},
            [&](const sip::ReferFinished& e) {
                out.events.emplace_back(PhoneTransferred{e.status.status});
            },
            [](const sip::InfoReceived&) {},
            [](const sip::RegisterReceived&) {},
            [&](const sip::RequestFinished& e) { handle_request_finished(now, e, out); },
        },
        event);
}

void PhoneEngine::handle_incoming(Instant now,
                                  const sip::IncomingCall& incoming,
                                  PhoneOutputs& out) {
    if (call_) {
        agent_.reject(now, incoming.call, sip::Rejection{486, {}, {}}, sip_);
        return;
    }
    if (config_.behaviour.needs_media &&
        incoming.request.body().find("m=audio") == std::string_view::npos) {
        agent_.reject(now, incoming.call, sip::Rejection{488, {}, {}}, sip_);
        return;
    }
    call_ = incoming.call;
    offer_ = incoming.request.body();
    begin_audio();
    plans_.push_back({Due::Ring, now + config_.behaviour.ring_after});
    if (config_.behaviour.answer_after) {
        plans_.push_back({Due::Answer, now + *config_.behaviour.answer_after});
    }
    const auto from = incoming.request.get<sip::From>();
    out.events.emplace_back(PhoneRinging{from ? from->uri.to_string() : std::string()});
}

void PhoneEngine::ring(Instant now, PhoneOutputs& /*out*/) {
    sip::Provisional provisional;
    if (config_.behaviour.early_media && !offer_.empty()) {
        if (auto answer = audio_->answer(now, offer_)) {
            early_answer_ = std::move(*answer);
            provisional.status = 183;
            provisional.body = {std::string(kSdp), early_answer_};
        }
    }
    agent_.ring(now, *call_, std::move(provisional), sip_);
}

void PhoneEngine::answer(Instant now, PhoneOutputs& out) {
    if (config_.behaviour.reject) {
        agent_.reject(now, *call_, *config_.behaviour.reject, sip_);
        return;
    }
    sip::Answer response;
    if (!early_answer_.empty()) {
        response.body.text = config_.behaviour.answer_without_sdp ? "" : early_answer_;
    } else if (offer_.empty()) {
        response.body.text = audio_->offer();
    } else if (auto answer = audio_->answer(now, offer_)) {
        response.body.text = std::move(*answer);
    } else {
        agent_.reject(now, *call_, sip::Rejection{488, {}, {}}, sip_);
        return;
    }
    if (!response.body.text.empty()) {
        response.body.content_type = kSdp;
    }
    agent_.answer(now, *call_, std::move(response), sip_);
    enter_answered(now, out);
}

void PhoneEngine::enter_answered(Instant now, PhoneOutputs& out) {
    answered_ = true;
    const PhoneBehaviour& behaviour = config_.behaviour;
    if (!behaviour.keys.empty()) {
        plans_.push_back({Due::PressKeys, now + behaviour.keys_after});
    }
    if (behaviour.hang_up_after) {
        plans_.push_back({Due::HangUp, now + *behaviour.hang_up_after});
    }
    PhoneAnswered event;
    if (const auto& settled = audio_->negotiated()) {
        event.codec = settled->codec.name + "/" + std::to_string(settled->codec.clock_rate);
    }
    out.events.emplace_back(std::move(event));
}

Result<sip::InviteRequest> PhoneEngine::invitation(std::string_view sip_target,
                                                   const SocketAddress& at) {
    if (call_) {
        return fail(Errc::WrongState, "phone is in a call");
    }
    PB_TRY(const sip::Uri target, sip::Uri::parse(sip_target));
    sip::InviteRequest request;
    request.target = target.for_request();
    request.to.uri = target.for_request();
    request.from.uri = config_.registration
                           ? config_.registration->address_of_record
                           : sip::Uri::sip(config_.user, host_of(config_.sip.ip), config_.sip.port);
    const bool by_tcp = equals_ignoring_case(target.parameter("transport").value_or(""), "tcp");
    request.flow = {.transport = by_tcp ? sip::Transport::Tcp : sip::Transport::Udp,
                    .local = config_.sip,
                    .remote = at};
    request.credentials = config_.credentials;
    return request;
}

Result<void> PhoneEngine::call(Instant now,
                               std::string_view sip_target,
                               const SocketAddress& at,
                               PhoneOutputs& out,
                               const std::optional<sip::Replaces>& replaces) {
    PB_TRY(sip::InviteRequest request, invitation(sip_target, at));
    request.replaces = replaces;
    begin_audio();
    request.body = {std::string(kSdp), audio_->offer()};
    call_ = agent_.invite(now, std::move(request), sip_);
    dispatch(now, out);
    return {};
}

Result<void> PhoneEngine::call_without_offer(Instant now,
                                             std::string_view sip_target,
                                             const SocketAddress& at,
                                             PhoneOutputs& out) {
    PB_TRY(sip::InviteRequest request, invitation(sip_target, at));
    begin_audio();
    offer_requested_ = true;
    call_ = agent_.invite(now, std::move(request), sip_);
    dispatch(now, out);
    return {};
}

void PhoneEngine::handle_progress(Instant now, const sip::Progress& progress, PhoneOutputs& out) {
    if (!progress.response.body().empty() && audio_->apply_answer(now, progress.response.body())) {
        early_answer_ = progress.response.body();
    }
    out.events.emplace_back(PhoneRinging{});
}

void PhoneEngine::handle_answered(Instant now, const sip::Answered& answered, PhoneOutputs& out) {
    const std::string_view body = answered.response.body();
    if (std::exchange(offer_requested_, false)) {
        const Result<std::string> sdp = audio_->answer(now, body);
        agent_.acknowledge(now, answered.call, {std::string(kSdp), sdp.value_or("")}, sip_);
    } else if (!body.empty() && !audio_->apply_answer(now, body)) {
        hang_up(now, out);
        return;
    }
    enter_answered(now, out);
}

void PhoneEngine::hang_up(Instant now, PhoneOutputs& out) {
    leave_call(now);
    if (call_) {
        agent_.hangup(now, *call_, {}, sip_);
        dispatch(now, out);
    }
}

void PhoneEngine::handle_end(PhoneOutputs& out, PhoneEvent how) {
    if (auto* ended = std::get_if<PhoneEnded>(&how); ended != nullptr && audio_) {
        ended->audio = audio_->track().statistics();
    }
    call_.reset();
    audio_.reset();
    plans_.clear();
    offer_.clear();
    early_answer_.clear();
    answered_ = false;
    out.events.push_back(std::move(how));
}

void PhoneEngine::reoffer(Instant now,
                          sdp::Direction direction,
                          std::optional<std::vector<std::string>> codecs,
                          PhoneOutputs& out) {
    if (!call_ || !answered_) {
        return;
    }
    audio_->set_direction(direction);
    if (codecs) {
        audio_->set_codecs(codecs_named(*codecs));
    }
    agent_.reoffer(now, *call_, {std::string(kSdp), audio_->offer()}, {}, sip_);
    dispatch(now, out);
}

void PhoneEngine::ask_for_offer(Instant now, PhoneOutputs& out) {
    if (!call_ || !answered_) {
        return;
    }
    offer_requested_ = true;
    agent_.reoffer(now, *call_, {}, {}, sip_);
    dispatch(now, out);
}

void PhoneEngine::handle_reoffer(Instant now, const sip::Reoffer& reoffer) {
    const std::string_view offer = reoffer.request.body();
    Result<std::string> sdp =
        offer.empty() ? Result<std::string>(audio_->offer()) : audio_->answer(now, offer);
    if (!sdp) {
        agent_.refuse_reoffer(now, reoffer.call, sip::Rejection{488, {}, {}}, sip_);
        return;
    }
    agent_.answer_reoffer(now, reoffer.call, {{std::string(kSdp), std::move(*sdp)}, {}}, sip_);
}

void PhoneEngine::handle_reoffer_answered(Instant now, const sip::ReofferAnswered& answered) {
    const std::string_view body = answered.response.body();
    if (!std::exchange(offer_requested_, false)) {
        // A broken answer changes nothing; the session goes on as it was.
        (void)audio_->apply_answer(now, body);
        return;
    }
    const Result<std::string> sdp = audio_->answer(now, body);
    agent_.acknowledge(now, answered.call, {std::string(kSdp), sdp.value_or("")}, sip_);
}

}  // namespace patchbay::lab
