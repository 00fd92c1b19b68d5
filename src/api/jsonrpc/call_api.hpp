// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/backend.hpp"
#include "api/jsonrpc/connection.hpp"
#include "base/random.hpp"
#include "net/http_server.hpp"
#include "net/web_socket.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace patchbay::api::jsonrpc {

inline constexpr std::string_view kCallApiPath = "/call-api";

struct CallApiCounters {
    std::uint64_t connections = 0;
    std::uint64_t texts = 0;
    std::uint64_t commands = 0;
};

// The Call API on one shard: the WebSockets, each with its Connection, and the way between them and
// the backend. A socket that closes ends no call: what its commands still report reaches nobody.
class CallApi {
  public:
    CallApi(Backend& backend, Random& random, Dialect dialect);
    ~CallApi();

    // Before the server's first listen().
    void add_routes(net::HttpServer& server, const std::string& path);
    // On every tick of the shard: sockets that are over go.
    void handle_time();
    void close_all(std::uint16_t code, const std::string& reason);

    std::size_t sockets() const { return clients_.size(); }
    const CallApiCounters& counters() const { return counters_; }

  private:
    using ClientId = std::uint64_t;
    struct Client {
        Client(net::WebSocket socket_in, Connection connection_in)
            : socket(std::move(socket_in)), connection(std::move(connection_in)) {}

        net::WebSocket socket;
        Connection connection;
        bool over = false;
    };

    net::UpgradeDecision admit(const net::HttpRequest& request);
    void open(net::WebSocket socket, Dialect dialect);
    void handle_text(ClientId id, std::string_view text);
    void handle_report(CommandKey key, const Report& report);
    void handle_closed(ClientId id);
    void perform(ClientId id, ConnectionOutputs outputs);

    Backend& backend_;
    Random& random_;
    Dialect dialect_;
    std::uint64_t last_key_ = 0;
    ClientId last_client_ = 0;
    std::map<ClientId, std::unique_ptr<Client>> clients_;
    std::unordered_map<CommandKey, ClientId> owners_;
    bool any_over_ = false;
    CallApiCounters counters_;
};

}  // namespace patchbay::api::jsonrpc
