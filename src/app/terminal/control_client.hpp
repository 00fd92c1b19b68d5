// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/terminal/command_line.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/command.hpp"
#include "call/event.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/web_socket.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::app {

// The control connection of one call, seen from the client: a WebSocket to /call/sip of a running
// server. Belongs to one shard.
class ControlClient {
  public:
    struct Handlers {
        UniqueFunction<void()> opened;
        // `json` is the event as it came.
        UniqueFunction<void(const call::Event&, std::string_view json)> event;
        // Once, when the connection could not be opened or is over; a sentence for a person, with
        // the remedy where there is one.
        UniqueFunction<void(const std::string& why)> closed;
    };

    ControlClient(net::Shard& shard, Handlers handlers)
        : shard_(shard), handlers_(std::move(handlers)) {}

    // `id`: of the call, as the application names it.
    void open(const ServerOptions& server, const std::string& id);
    // Ignored while the connection is not open.
    void send(const call::Command& command);

  private:
    void start(net::WebSocket socket);
    void handle_text(std::string_view text);

    net::Shard& shard_;
    Handlers handlers_;
    net::Operation connecting_;
    std::optional<net::WebSocket> socket_;
};

}  // namespace patchbay::app
