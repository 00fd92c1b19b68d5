// SPDX-License-Identifier: Apache-2.0
#include "load/control_call.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::bench {
namespace {

std::optional<ControlCall::Happened> meaning_of(std::string_view text) {
    using Happened = ControlCall::Happened;
    constexpr std::string_view kKey = R"("event":")";
    const std::size_t at = text.find(kKey);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view rest = text.substr(at + kKey.size());
    const std::string_view name = rest.substr(0, rest.find('"'));
    if (name == "answer") {
        return Happened::Answer;
    }
    if (name == "trackStart" && text.find("playId") != std::string_view::npos) {
        return Happened::PlayStarted;
    }
    if (name == "interruption") {
        return Happened::Interrupted;
    }
    if (name == "hangup") {
        return Happened::Hangup;
    }
    if (name == "error" || name == "reject") {
        return Happened::Error;
    }
    return std::nullopt;
}

}  // namespace

ControlCall::ControlCall(net::Shard& shard, const Plan& plan, std::size_t number, Event event)
    : plan_(plan), number_(number), event_(std::move(event)) {
    net::WebSocketConnect request;
    request.url = fmt::format("ws://{}/call/sip", plan.api.to_string());
    connecting_ = net::connect_web_socket(
        shard, std::move(request),
        [this, &shard](tl::expected<net::WebSocket, net::WebSocketRefusal> socket) {
            if (socket) {
                connected(std::move(*socket));
            } else {
                event_(shard.now(), Happened::Error, describe(socket.error().error));
                handle_closed(shard.now());
            }
        });
}

void ControlCall::connected(net::WebSocket socket) {
    socket_.emplace(std::move(socket));
    socket_->start({
        .text = [this](Instant now, std::string_view text) { handle_text(now, text); },
        .binary = {},
        .pong = {},
        .closed = [this](Instant now, const net::WebSocketClosed&) { handle_closed(now); },
    });
    invite();
}

void ControlCall::invite() {
    std::string more = plan_.record ? R"(,"recorder":{})" : "";
    if (!plan_.vad.empty()) {
        more += fmt::format(R"(,"vad":{{"type":"{}"}})", plan_.vad);
    }
    if (plan_.scenario == Scenario::Application) {
        more += fmt::format(R"(,"mediaPass":{{"url":"ws://{}/call/{}","inputSampleRate":16000,)"
                            R"("outputSampleRate":16000,"packetSize":640}})",
                            plan_.application.to_string(), number_);
    }
    send(fmt::format(
        R"({{"command":"invite","option":{{"caller":"sip:load@{0}","callee":"sip:{1}@{0}"{2}}}}})",
        plan_.phones.to_string(), number_, more));
}

void ControlCall::play(std::string_view file) {
    send(fmt::format(R"({{"command":"play","url":"{}"}})", file));
}

void ControlCall::interrupt() {
    send(R"({"command":"interrupt"})");
}

void ControlCall::hang_up() {
    send(R"({"command":"hangup"})");
}

// A call that could not connect has said so.
void ControlCall::send(std::string command) {
    if (socket_) {
        socket_->send_text(std::move(command));
    }
}

void ControlCall::handle_text(Instant now, std::string_view text) {
    if (const auto what = meaning_of(text)) {
        event_(now, *what, text);
    }
}

void ControlCall::handle_closed(Instant now) {
    if (!std::exchange(closed_, true)) {
        event_(now, Happened::Closed, {});
    }
}

}  // namespace patchbay::bench
