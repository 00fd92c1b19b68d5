// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_function.hpp"
#include "load/plan.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/web_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::bench {

// One API client with one call: connects, invites our phone of the same number, and says what
// happens. Events are found by their text, so that a fault of the server's JSON code is no fault
// here as well.
class ControlCall {
  public:
    enum class Happened : std::uint8_t { Answer, PlayStarted, Interrupted, Hangup, Error, Closed };
    using Event = UniqueFunction<void(Instant now, Happened what, std::string_view text)>;

    ControlCall(net::Shard& shard, const Plan& plan, std::size_t number, Event event);

    void play(std::string_view file);
    void interrupt();
    void hang_up();

    bool closed() const { return closed_; }

  private:
    void connected(net::WebSocket socket);
    void invite();
    void send(std::string command);
    void handle_text(Instant now, std::string_view text);
    void handle_closed(Instant now);

    const Plan& plan_;
    std::size_t number_;
    Event event_;
    net::Operation connecting_;
    std::optional<net::WebSocket> socket_;
    bool closed_ = false;
};

}  // namespace patchbay::bench
