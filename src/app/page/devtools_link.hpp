// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/http_client.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/web_socket.hpp"

#include <optional>
#include <string>

namespace patchbay::app {

// The errands of a bridge::page::RemoteChrome: asks a helper for a browser, a browser for its
// address, and holds the WebSocket to it. It decides nothing and repeats nothing. Belongs to its
// shard.
class DevToolsLink {
  public:
    struct Handlers {
        // What was found: a ws: URL; or why there is none, in words.
        UniqueFunction<void(std::string url, std::string words)> started;
        UniqueFunction<void(std::string url, std::string words)> found;
        UniqueFunction<void()> connected;
        UniqueFunction<void(const std::string& words)> disconnected;
        UniqueFunction<void(std::string_view text)> message;
    };

    DevToolsLink(net::Shard& shard, Handlers handlers);

    // POST helper/browser/start, see docs/whatsapp-bridge.md.
    void start_browser(const std::string& helper,
                       const std::optional<Secret<std::string>>& token,
                       const std::string& bridge);
    void find_browser(const std::string& url);
    void connect(std::string url);
    void disconnect();
    void send(std::string text);

  private:
    // Chrome answers to addresses only, so that no page can point a name at it.
    void with_address(std::string url, UniqueFunction<void(std::string url)> then);
    void open(std::string url);
    void enter(net::WebSocket socket);

    net::Shard& shard_;
    Handlers handlers_;
    net::Operation operation_;
    net::Operation name_;
    std::optional<net::WebSocket> socket_;
};

}  // namespace patchbay::app
