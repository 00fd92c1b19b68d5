// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "net/web_socket.hpp"

#include <optional>
#include <string>

namespace patchbay::app {

// What a page in a remote Chrome finds at wasmServerIP:wasmServerPort: the host page, and a
// WebSocket for frames of audio, to which a path beyond guessing leads. Belongs to its shard.
class PageServer {
  public:
    // `token`: the last part of the WebSocket's path. `frames`: what came by it.
    PageServer(net::Shard& shard, std::string token, UniqueFunction<void(ByteView)> frames);

    // On that address; on all addresses where it is none of this machine's, because a translator
    // stands between.
    Result<SocketAddress> listen(const SocketAddress& address);
    bool is_connected() const { return socket_.has_value(); }
    void send(ByteView frames);

  private:
    net::UpgradeDecision accept(const net::HttpRequest& request);

    std::string token_;
    UniqueFunction<void(ByteView)> frames_;
    std::optional<net::WebSocket> socket_;  // the latest
    net::HttpServer http_;
};

}  // namespace patchbay::app
