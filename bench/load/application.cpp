// SPDX-License-Identifier: Apache-2.0
#include "load/application.hpp"

#include "base/text.hpp"
#include "media/tone.hpp"

#include <cstdlib>
#include <utility>
#include <vector>

namespace patchbay::bench {
namespace {

constexpr int kSampleRate = 16000;
constexpr std::size_t kMessageBytes = 640;
constexpr std::uint64_t kMillisecondsPerMessage = 20;
constexpr std::uint64_t kMessagesPerSecond = 50;

// A second, in which any whole frequency has whole periods: seconds join without a seam.
Bytes make_tone(double frequency) {
    media::ToneGenerator generator({.frequency = frequency, .level = -12}, kSampleRate);
    std::vector<std::int16_t> samples(kSampleRate);
    generator.generate(samples);
    Bytes bytes;
    for (const std::int16_t sample : samples) {
        const auto bits = static_cast<std::uint16_t>(sample);
        bytes.push_back(static_cast<std::uint8_t>(bits & 0xFF));
        bytes.push_back(static_cast<std::uint8_t>(bits >> 8));
    }
    return bytes;
}

double mean_of(ByteView message) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i + 1 < message.size(); i += 2) {
        sum += std::abs(static_cast<std::int16_t>(message[i] | message[i + 1] << 8));
    }
    return static_cast<double>(2 * sum) / static_cast<double>(message.size());
}

}  // namespace

Application::Application(net::Shard& shard, const Plan& plan, Percentiles& delays, Events events)
    : plan_(plan),
      delays_(delays),
      events_(std::move(events)),
      server_(shard),
      tone_(make_tone(plan.tone)),
      silence_(kMessageBytes) {
    server_.upgrade(
        "/call/{number}", [this](const net::HttpRequest& request) -> net::UpgradeDecision {
            const auto number = parse_number<std::size_t>(request.parameter("number").value_or(""));
            if (!number) {
                return net::HttpResponse::error(404, "no such call");
            }
            return net::WebSocketOpen([this, number = *number](net::WebSocket socket) {
                open(number, std::move(socket));
            });
        });
    shard.on_tick([this](const net::Tick& tick) { this->tick(tick); });
}

Result<void> Application::listen() {
    PB_CHECK(server_.listen(plan_.application));
    return {};
}

void Application::open(std::size_t number, net::WebSocket socket) {
    Call& call = calls_
                     .insert_or_assign(number, Call{.socket = std::move(socket),
                                                    .watch = MarkWatch(delays_),
                                                    .said = 0,
                                                    .silent = false})
                     .first->second;
    call.socket.start({
        .text = {},
        .binary = [this, number](Instant now, ByteView message) { hear(now, number, message); },
        .pong = {},
        .closed = {},
    });
    events_.connected(number);
}

void Application::hear(Instant now, std::size_t number, ByteView message) {
    ++heard_;
    if (const auto call = calls_.find(number); call != calls_.end()) {
        (void)call->second.watch.heard(now, mean_of(message));
    }
}

void Application::mark_sent(Instant now, std::size_t number) {
    if (const auto call = calls_.find(number); call != calls_.end()) {
        call->second.watch.sent(now);
    }
}

// The next 20 ms of the tone; a mark is silent in the place of it.
void Application::say(Call& call, bool mark) {
    const std::size_t piece = call.said++ % kMessagesPerSecond;
    const ByteView tone = ByteView(tone_).subspan(piece * kMessageBytes, kMessageBytes);
    call.socket.send_binary(mark ? ByteView(silence_) : tone);
}

void Application::tick(const net::Tick& tick) {
    for (auto& [number, call] : calls_) {
        if (call.silent || (tick.number + number) % kMillisecondsPerMessage != 0) {
            continue;
        }
        // Not at the same time as the phone's.
        const std::uint64_t message = tick.number / kMillisecondsPerMessage + number;
        const bool mark = message % kMessagesPerMark == kMessagesPerMark / 2;
        say(call, mark);
        if (mark) {
            events_.marked(tick.now, number);
        }
    }
}

void Application::say_all(std::size_t number) {
    const auto call = calls_.find(number);
    if (call == calls_.end()) {
        return;
    }
    call->second.silent = true;
    for (std::uint64_t i = 0; i < kMessagesPerSecond; ++i) {
        say(call->second, false);
    }
}

std::uint64_t Application::missed_marks() const {
    std::uint64_t missed = 0;
    for (const auto& [number, call] : calls_) {
        missed += call.watch.missed();
    }
    return missed;
}

}  // namespace patchbay::bench
