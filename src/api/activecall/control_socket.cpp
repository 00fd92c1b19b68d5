// SPDX-License-Identifier: Apache-2.0
#include "api/activecall/control_socket.hpp"

#include "api/messages/command_json.hpp"
#include "api/messages/event_json.hpp"
#include "base/result.hpp"

#include <utility>

namespace patchbay::api::activecall {
namespace {

// A close frame carries at most 123 bytes of reason (RFC 6455 5.5).
constexpr std::size_t kMaxCloseReason = 123;

}  // namespace

ControlSocket::ControlSocket(net::WebSocket socket, const CallQuery& query, Environment environment)
    : socket_(std::move(socket)),
      query_(query),
      id_(*query.id),
      environment_(std::move(environment)) {}

ControlSocket::~ControlSocket() = default;

void ControlSocket::start(Instant now, PendingCall& pending, call::SessionKind kind) {
    socket_.start({
        .text = [this](Instant t, std::string_view text) { handle_text(t, text); },
        .binary = [this](Instant, ByteView bytes) { handle_binary(bytes); },
        .pong = {},
        .closed = [this](Instant, const net::WebSocketClosed&) { finish(); },
    });
    id_ = pending.id();
    const ControlTerms terms{.client = socket_.peer().ip,
                             .hold = query_.resume,
                             .resume_token = environment_.resume_token,
                             .dump = query_.dump};
    auto port =
        pending.begin({.id = id_, .kind = kind, .server_track = query_.server_track}, terms, *this);
    if (!port) {
        send_error(now, describe(port.error()), 503);
        socket_.close(net::close_code::kTryAgainLater, "no call could be begun");
        return;
    }
    port_ = std::move(*port);
    if (query_.ping_interval > Seconds(0)) {
        ping(now);
    }
}

void ControlSocket::handle_time(Instant now) {
    if (next_ping_ && *next_ping_ <= now) {
        ping(now);
    }
}

void ControlSocket::close(std::uint16_t code, std::string reason) {
    socket_.close(code, std::move(reason));
}

void ControlSocket::on_event(const call::Event& event, std::uint64_t sequence) {
    send(event, sequence);
}

// A client that may come back gets the numbers of the events, and with the first message of each
// connection the token.
void ControlSocket::send(const call::Event& event, std::optional<std::uint64_t> sequence) {
    if (const auto* hangup = std::get_if<call::event::Hangup>(&event)) {
        hangup_reason_ = hangup->reason.value_or("").substr(0, kMaxCloseReason);
    }
    ++environment_.counters.events;
    if (query_.resume == Seconds(0)) {
        socket_.send_text(encode_event(event));
        return;
    }
    EventEnvelope envelope{.sequence = sequence, .resume_token = std::nullopt};
    if (!std::exchange(token_sent_, true)) {
        envelope.resume_token = environment_.resume_token;
    }
    socket_.send_text(encode_event(event, envelope));
}

void ControlSocket::on_displaced(std::string_view reason) {
    next_ping_.reset();
    socket_.close(net::close_code::kPolicy, std::string(reason));
}

void ControlSocket::on_audio(ByteView bytes) {
    ++environment_.counters.audio_sent;
    if (query_.binary_as_json) {
        const call::event::Binary event{.track_id = call::TrackId(id_.value()),
                                        .timestamp = environment_.wall.at(net::monotonic_now()),
                                        .data = Bytes(bytes.begin(), bytes.end())};
        send(event, std::nullopt);
    } else {
        socket_.send_binary(bytes);
    }
}

void ControlSocket::on_ended() {
    next_ping_.reset();
    socket_.close(net::close_code::kNormal, hangup_reason_);
}

void ControlSocket::handle_text(Instant now, std::string_view text) {
    if (!port_) {
        return;  // the call is over and the socket is closing
    }
    ++environment_.counters.commands;
    auto command = decode_command(text);
    if (!command) {
        ++environment_.counters.malformed_commands;
        send_error(now, describe(command.error().error), 400,
                   std::move(command.error().request_id));
        return;
    }
    port_->command(
        {.command = std::move(command->command), .request_id = std::move(command->request_id)});
}

// Whether the call takes audio this way is its own business; it says so when it does not.
void ControlSocket::handle_binary(ByteView bytes) {
    if (port_) {
        ++environment_.counters.audio_received;
        port_->audio(bytes);
    }
}

// Both kinds: the JSON event that the contract names, and the control frame that keeps proxies and
// the original's clients content.
void ControlSocket::ping(Instant now) {
    next_ping_ = now + query_.ping_interval;
    const WallTime wall = environment_.wall.at(now);
    send(call::event::Ping{.timestamp = wall, .payload = std::nullopt}, std::nullopt);
    socket_.ping(to_rfc3339(wall));
}

void ControlSocket::send_error(Instant now,
                               std::string text,
                               int code,
                               std::optional<std::string> request_id) {
    send(call::event::Error{.track_id = call::TrackId(id_.value()),
                            .timestamp = environment_.wall.at(now),
                            .sender = "command",
                            .error = std::move(text),
                            .code = code,
                            .request_id = std::move(request_id)},
         std::nullopt);
}

void ControlSocket::finish() {
    if (std::exchange(finished_, true)) {
        return;
    }
    next_ping_.reset();
    port_.reset();
    environment_.done(*this);
}

}  // namespace patchbay::api::activecall
