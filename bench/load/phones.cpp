// SPDX-License-Identifier: Apache-2.0
#include "load/phones.hpp"

#include "base/overloaded.hpp"
#include "base/text.hpp"
#include "media/g711.hpp"
#include "media/tone.hpp"
#include "sdp/codec.hpp"

#include <cstdio>
#include <utility>

namespace patchbay::bench {
namespace {

constexpr std::string_view kSdp = "application/sdp";
constexpr std::uint8_t kPcmu = 0;
constexpr std::size_t kPacketSamples = 160;
constexpr std::uint64_t kMillisecondsPerPacket = 20;

// Eight samples at 8 kHz, so that one packet repeated is a tone without seams.
constexpr double kPhoneTone = 1000;

Bytes make_payload() {
    media::ToneGenerator generator({.frequency = kPhoneTone, .level = -20}, 8000);
    std::array<std::int16_t, kPacketSamples> samples{};
    generator.generate(samples);
    Bytes payload(kPacketSamples);
    media::encode_ulaw(samples, payload);
    return payload;
}

sip::UserAgentConfig agent_config() {
    sip::UserAgentConfig config;
    config.product = "load";
    return config;
}

sdp::LocalMedia local_media(const net::RtpSocketPair& sockets) {
    sdp::LocalMedia local;
    local.rtp = sockets.rtp.local();
    local.codecs = {*sdp::known_codec("pcmu")};
    return local;
}

}  // namespace

Phones::Phones(net::Shard& shard, const Plan& plan, Events events)
    : shard_(shard),
      plan_(plan),
      events_(std::move(events)),
      agent_(agent_config(), random_),
      wakeup_(shard,
              [this](Instant now) {
                  agent_.handle_timeout(now, out_);
                  drain(now);
              }),
      ports_(plan.rtp_ports),
      payload_(make_payload()),
      silence_(kPacketSamples, media::encode_ulaw(0)) {
    shard_.on_tick([this](const net::Tick& tick) { this->tick(tick); });
}

Result<void> Phones::listen() {
    PB_TRY(socket_, net::UdpSocket::open(
                        shard_, plan_.phones, {.receive_buffer = net::kSignallingReceiveBuffer},
                        [this](Instant now, const SocketAddress& from, ByteView datagram) {
                            agent_.handle_message(now, {sip::Transport::Udp, plan_.phones, from, 0},
                                                  datagram, out_);
                            drain(now);
                        }));
    return {};
}

void Phones::tick(const net::Tick& tick) {
    const std::uint64_t phase = tick.number % kMillisecondsPerPacket;
    for (auto& [handle, call] : calls_) {
        if (!call->remote || call->number % kMillisecondsPerPacket != phase) {
            continue;
        }
        const std::uint64_t packet = tick.number / kMillisecondsPerPacket + call->number;
        const bool mark = plan_.scenario == Scenario::Application && packet % kMessagesPerMark == 0;
        (void)call->sockets->rtp.send(
            *call->remote,
            call->sender.write(kPcmu, mark ? silence_ : payload_, kPacketSamples, packet_));
        ++packets_sent_;
        if (mark) {
            events_.marked(tick.now, call->number);
        }
    }
}

void Phones::drain(Instant now) {
    // A call's end or beginning makes the agent say more; the outer loop hands that on.
    if (std::exchange(draining_, true)) {
        return;
    }
    while (!out_.transmits.empty() || !out_.events.empty()) {
        for (const sip::Transmit& transmit : std::exchange(out_.transmits, {})) {
            (void)socket_->send(transmit.flow.remote, as_bytes(transmit.bytes));
        }
        for (const sip::Event& event : std::exchange(out_.events, {})) {
            handle(now, event);
        }
    }
    draining_ = false;
    wakeup_.at(agent_.next_timeout());
}

void Phones::handle(Instant now, const sip::Event& event) {
    std::visit(Overloaded{
                   [&](const sip::IncomingCall& e) { handle_incoming(now, e); },
                   [&](const sip::Answered& e) { handle_answered(now, e); },
                   [&](const sip::Rejected& e) { handle_end(now, e.call); },
                   [&](const sip::Canceled& e) { handle_end(now, e.call); },
                   [&](const sip::Ended& e) { handle_end(now, e.call); },
                   [](const auto&) {},
               },
               event);
}

// Rings and answers at once.
void Phones::handle_incoming(Instant now, const sip::IncomingCall& incoming) {
    const auto target = sip::Uri::parse(incoming.request.request_uri());
    const auto number = target ? parse_number<std::size_t>(target->user()) : std::nullopt;
    auto call = number ? make_call(*number) : fail(Errc::NotFound, "phone");
    if (call) {
        agent_.ring(now, incoming.call, {}, out_);
        if (answer(now, incoming.call, **call, incoming.request.body())) {
            add(incoming.call, std::move(*call));
            return;
        }
    }
    agent_.reject(now, incoming.call, sip::Rejection{.status = 500, .reason = {}, .headers = {}},
                  out_);
}

Result<void> Phones::answer(Instant now,
                            sip::CallHandle handle,
                            Call& call,
                            std::string_view offer) {
    PB_TRY(const auto description, sdp::SessionDescription::parse(offer));
    PB_TRY(sdp::Answer made, sdp::make_answer(description, local_media(*call.sockets)));
    call.remote = made.audio.remote_rtp;
    agent_.answer(now, handle,
                  {{std::string(kSdp), call.session.publish(std::move(made.description))}, {}},
                  out_);
    return {};
}

void Phones::call(std::size_t number) {
    const Instant now = shard_.now();
    auto call = make_call(number);
    if (!call) {
        std::fprintf(stderr, "load: no RTP port for call %zu\n", number);
        events_.ended(now, number);
        return;
    }
    sip::InviteRequest request;
    request.target = sip::Uri::sip("echo", plan_.sip.ip.to_string(), plan_.sip.port);
    request.to.uri = request.target;
    request.from.uri =
        sip::Uri::sip(std::to_string(number), plan_.phones.ip.to_string(), plan_.phones.port);
    request.flow = {sip::Transport::Udp, plan_.phones, plan_.sip, 0};
    request.body = {std::string(kSdp),
                    (*call)->session.publish(sdp::make_offer(local_media(*(*call)->sockets)))};
    add(agent_.invite(now, std::move(request), out_), std::move(*call));
    drain(now);
}

void Phones::handle_answered(Instant now, const sip::Answered& answered) {
    const auto found = calls_.find(answered.call);
    if (found == calls_.end()) {
        return;
    }
    events_.answered(now, found->second->number);
    agent_.hangup(now, answered.call, {}, out_);
}

void Phones::handle_end(Instant now, sip::CallHandle handle) {
    const auto found = calls_.find(handle);
    if (found == calls_.end()) {
        return;
    }
    const std::unique_ptr<Call> call = std::move(found->second);
    calls_.erase(found);
    by_number_.erase(call->number);
    ports_.give_back(call->sockets->rtp.local().port);
    events_.ended(now, call->number);
}

Result<std::unique_ptr<Phones::Call>> Phones::make_call(std::size_t number) {
    auto call = std::make_unique<Call>(number, plan_.tone, random_);
    PB_TRY(call->sockets,
           net::open_rtp_pair(
               shard_, ports_, plan_.phones.ip,
               [&heard = call->heard](Instant now, const SocketAddress&, ByteView packet) {
                   heard.handle_packet(now, packet);
               },
               {}));
    return call;
}

void Phones::add(sip::CallHandle handle, std::unique_ptr<Call> call) {
    by_number_[call->number] = call.get();
    calls_.emplace(handle, std::move(call));
}

void Phones::reset_heard() {
    for (auto& [handle, call] : calls_) {
        call->heard.reset();
    }
}

Heard Phones::heard() const {
    Heard sum;
    for (const auto& [handle, call] : calls_) {
        sum += call->heard.heard();
    }
    return sum;
}

void Phones::expect_mark(Instant now, std::size_t number, Percentiles& delays) {
    if (const auto found = by_number_.find(number); found != by_number_.end()) {
        found->second->heard.expect_mark(now, delays);
    }
}

Instant Phones::last_sound(std::size_t number) const {
    const auto found = by_number_.find(number);
    return found != by_number_.end() ? found->second->heard.last_sound() : Instant();
}

}  // namespace patchbay::bench
