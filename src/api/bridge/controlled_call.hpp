// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/calls.hpp"
#include "api/bridge/whatsapp_calls.hpp"
#include "net/web_socket.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::api::bridge {

// The client of one call that call control has begun: holds it until somebody streams its audio,
// and is that stream then. Belongs to the shard of the connection that asked for it.
class ControlledCall final : public activecall::CallListener {
  public:
    // Until the stream comes: the call lives without it.
    ControlledCall(call::SessionId id, WhatsAppCalls& calls);
    // The user's voice goes out as s16le at 16 kHz, and what comes in is spoken to him; a socket
    // that closes hangs up.
    ControlledCall(call::SessionId id, WhatsAppCalls& calls, net::WebSocket stream);
    ~ControlledCall() override;

    // Begins a call, takes one that waits, or comes back to one.
    Result<void> begin(activecall::PendingCall& pending,
                       const IpAddress& client,
                       std::string token);
    void command(call::Command command);
    // The stream, once begin() has succeeded.
    void start_stream();
    bool is_over() const { return over_; }

    void on_event(const call::Event& event, std::uint64_t sequence) override;
    void on_audio(ByteView bytes) override;
    void on_displaced(std::string_view reason) override;
    void on_ended() override;

  private:
    void close(std::uint16_t code, const std::string& reason);

    call::SessionId id_;
    WhatsAppCalls& calls_;
    std::optional<net::WebSocket> stream_;
    std::unique_ptr<activecall::CallPort> port_;
    std::string token_;
    bool over_ = false;
};

}  // namespace patchbay::api::bridge
