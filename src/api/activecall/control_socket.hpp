// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/call_query.hpp"
#include "api/activecall/calls.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/event.hpp"
#include "net/web_socket.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::api::activecall {

// What a control socket counts; one per shard, summed at scrape.
struct ControlCounters {
    std::uint64_t commands = 0;
    std::uint64_t malformed_commands = 0;
    std::uint64_t events = 0;
    std::uint64_t audio_received = 0;  // binary messages
    std::uint64_t audio_sent = 0;
};

// One WebSocket that controls one call: text in is a command, an event is text out. It knows JSON
// and pings, and nothing of what a command does. A message that is no command is answered by an
// `error` event, and neither the socket nor the call ends of it; a closed socket ends the call, or
// lets it wait for the client, as the query asked. Binary messages are audio, passed on both ways
// as they are.
//
// Belongs to the shard that accepted the socket.
class ControlSocket final : public CallListener {
  public:
    struct Environment {
        WallAnchor wall;
        ControlCounters& counters;
        // Called once, when the socket is over and the object may be destroyed; not from inside a
        // call of its own members.
        UniqueFunction<void(ControlSocket&)> done;
        std::string resume_token;  // by which the client can come back
    };

    ControlSocket(net::WebSocket socket, const CallQuery& query, Environment environment);
    ~ControlSocket() override;

    // Begins the call and reads from the socket.
    void start(Instant now, PendingCall& pending, call::SessionKind kind);
    // Sends the ping that is due.
    void handle_time(Instant now);
    // The server goes down: tells the client before the socket closes.
    void close(std::uint16_t code, std::string reason);

    void on_event(const call::Event& event, std::uint64_t sequence) override;
    void on_audio(ByteView bytes) override;
    void on_displaced(std::string_view reason) override;
    void on_ended() override;

  private:
    void handle_text(Instant now, std::string_view text);
    void handle_binary(ByteView bytes);
    void ping(Instant now);
    void send_error(Instant now,
                    std::string text,
                    int code,
                    std::optional<std::string> request_id = std::nullopt);
    void send(const call::Event& event, std::optional<std::uint64_t> sequence);
    void finish();

    net::WebSocket socket_;
    CallQuery query_;
    call::SessionId id_;
    std::optional<Instant> next_ping_;
    Environment environment_;
    std::unique_ptr<CallPort> port_;
    bool token_sent_ = false;
    std::string hangup_reason_;  // the word of the `hangup` event, for the close frame
    bool finished_ = false;
};

}  // namespace patchbay::api::activecall
