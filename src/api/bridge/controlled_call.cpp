// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/controlled_call.hpp"

#include "api/limits.hpp"

#include <utility>
#include <variant>

namespace patchbay::api::bridge {
namespace {

// Of a binary message of a subscription: whose audio follows.
constexpr std::uint8_t kCallerSide = 1;

}  // namespace

ControlledCall::ControlledCall(call::SessionId id, WhatsAppCalls& calls)
    : id_(std::move(id)), calls_(calls) {}

ControlledCall::ControlledCall(call::SessionId id, WhatsAppCalls& calls, net::WebSocket stream)
    : id_(std::move(id)), calls_(calls), stream_(std::move(stream)) {}

ControlledCall::~ControlledCall() = default;

// A call whose stream has begun ends with it; one that waits for its stream goes on without.
Result<void> ControlledCall::begin(activecall::PendingCall& pending,
                                   const IpAddress& client,
                                   std::string token) {
    token_ = std::move(token);
    const activecall::ControlTerms terms{.client = client,
                                         .hold = stream_ ? Seconds(0) : kStreamWait,
                                         .resume_token = token_,
                                         .dump = false};
    PB_TRY(port_, pending.begin({.id = id_, .kind = call::SessionKind::Sip}, terms, *this));
    return {};
}

void ControlledCall::command(call::Command command) {
    port_->command({.command = std::move(command), .request_id = {}});
}

void ControlledCall::start_stream() {
    net::WebSocketHandlers handlers;
    handlers.binary = [this](Instant, ByteView bytes) {
        if (port_) {
            port_->audio(bytes);
        }
    };
    handlers.closed = [this](Instant, const net::WebSocketClosed&) { over_ = true; };
    stream_->start(std::move(handlers));
}

void ControlledCall::on_event(const call::Event& event, std::uint64_t sequence) {
    if (const auto* reject = std::get_if<call::event::Reject>(&event)) {
        calls_.note_error(id_.value(), reject->reason);
    }
    if (!stream_) {
        calls_.set_control(id_.value(), {token_, sequence});
    }
}

void ControlledCall::on_audio(ByteView bytes) {
    if (stream_ && bytes.size() > 1 && bytes.front() == kCallerSide) {
        stream_->send_binary(bytes.subspan(1));
    }
}

void ControlledCall::on_displaced(std::string_view reason) {
    close(1008, std::string(reason));
}

void ControlledCall::on_ended() {
    close(1000, "the call has ended");
}

void ControlledCall::close(std::uint16_t code, const std::string& reason) {
    if (stream_) {
        stream_->close(code, reason);
    }
    over_ = true;
}

}  // namespace patchbay::api::bridge
