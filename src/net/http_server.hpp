// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/connection_caps.hpp"
#include "net/http_message.hpp"
#include "net/limits.hpp"
#include "net/port_sharing.hpp"
#include "net/responder.hpp"
#include "net/shard.hpp"
#include "net/tls_context.hpp"
#include "net/web_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace patchbay::net {

namespace detail {
struct HttpServices;
}

struct HttpServerOptions {
    ConnectionLimits limits;
    std::size_t header_limit = kHttpHeader;
    std::size_t body_limit = kHttpBody;
    Nanoseconds request_time = kHttpRequestTime;
    Nanoseconds keep_alive_time = kHttpKeepAlive;
    Nanoseconds response_time = kHttpResponseTime;
    Nanoseconds web_socket_unread_time = kWebSocketUnread;
    std::string server_name = "patchbay";
    PortSharing sharing = PortSharing::Exclusive;
    std::vector<std::string> shared_origins;  // pages that may read answers (cross_origin.hpp)
};

// Answers now or later, here or from another shard.
using HttpHandler = UniqueFunction<void(HttpRequest request, Responder responder)>;

// Owns what was reserved for a socket that is about to open; destroyed uncalled when the client
// vanished during the handshake.
using WebSocketOpen = UniqueFunction<void(WebSocket socket)>;
// The same, for a client that offered this subprotocol (RFC 6455 11.3.4).
struct SubprotocolOpen {
    std::string subprotocol;
    WebSocketOpen open;
};
// Before the upgrade: refuse with a response, or accept with what is to happen then.
using UpgradeDecision = std::variant<HttpResponse, WebSocketOpen, SubprotocolOpen>;
using UpgradeCheck = UniqueFunction<UpgradeDecision(const HttpRequest& request)>;

// Looked at before routes and bodies: tokens, origins. A response refuses.
using HttpAdmission = UniqueFunction<std::optional<HttpResponse>(const HttpRequest& request)>;

// An HTTP/1.1 server on one shard: routes by method and pattern, keep-alive, limits, WebSocket
// upgrades. It knows no API: tokens, origins and JSON are its users' business, its own refusals are
// {"error": "..."}.
//
// Patterns are paths whose segments may be {names}: "/call/kill/{id}". A static segment wins over a
// name, and a trailing slash makes no difference. HEAD is served by the GET route without its body,
// OPTIONS is answered with Allow unless a route exists.
class HttpServer {
  public:
    HttpServer(Shard& shard, const HttpServerOptions& options = {});
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    ~HttpServer();  // stops listening and closes what is still HTTP; WebSockets live on

    // Before the first listen().
    void route(HttpMethod method, std::string pattern, HttpHandler handler);
    void upgrade(std::string pattern, UpgradeCheck check);
    void admission(HttpAdmission admission);

    // May be called for several addresses. Returns the bound address; Errc::System with errno.
    Result<SocketAddress> listen(const SocketAddress& address);
    // The same with TLS, by the context that use_tls() gave; without one nobody gets in.
    Result<SocketAddress> listen_tls(const SocketAddress& address);
    // For connections that are accepted from now on.
    void use_tls(TlsContext context);
    // Refuses new connections and ends idle ones; requests under way are answered.
    void drain();

    std::size_t connections() const;
    std::uint64_t refused_connections() const;

  private:
    Result<SocketAddress> listen(const SocketAddress& address, bool secure);

    std::shared_ptr<detail::HttpServices> services_;  // shared with connections that still answer
};

}  // namespace patchbay::net
