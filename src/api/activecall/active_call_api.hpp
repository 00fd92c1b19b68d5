// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/calls.hpp"
#include "api/activecall/control_socket.hpp"
#include "api/activecall/event_stream.hpp"
#include "api/activecall/precache.hpp"
#include "base/time.hpp"
#include "net/http_server.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace patchbay::api::activecall {

// The Active Call dialect on one shard: the WebSocket paths and the REST paths of the contract,
// with the original's other spellings. Owns the control sockets. It knows JSON and HTTP, and
// reaches calls only through `Calls`.
class ActiveCallApi {
  public:
    struct Options {
        WallAnchor wall;
        // The whole body of GET /iceservers; its credentials may depend on the time.
        std::function<std::string(WallTime)> ice_servers;
        Precache precache;
    };

    ActiveCallApi(Calls& calls, Options options);

    // Before the server's first listen().
    void add_routes(net::HttpServer& server);
    // On every tick of the shard: pings that are due, sockets that are over.
    void handle_time(Instant now);
    // The server is down: every control socket is told and closed.
    void close_all(std::uint16_t code, const std::string& reason);

    std::size_t sockets() const { return sockets_.size(); }
    const ControlCounters& counters() const { return counters_; }

  private:
    net::UpgradeDecision admit_call(const net::HttpRequest& request, call::SessionKind kind);
    void open_socket(net::WebSocket socket,
                     const CallQuery& query,
                     PendingCall& pending,
                     call::SessionKind kind);
    void add_list_routes(net::HttpServer& server);
    void add_kill_routes(net::HttpServer& server);
    void add_steering_routes(net::HttpServer& server);
    void carry_command(const net::HttpRequest& request, net::Responder responder);
    void precache(const net::HttpRequest& request, net::Responder responder);
    void stream_events(const net::HttpRequest& request, net::Responder responder);
    Result<std::unique_ptr<PendingCall>> find_call(const CallQuery& query);

    Calls& calls_;
    Options options_;
    ControlCounters counters_;
    std::vector<std::unique_ptr<ControlSocket>> sockets_;
    std::vector<std::unique_ptr<EventStream>> streams_;
    std::vector<ControlSocket*> finished_;  // to be destroyed outside their own calls
    Instant next_look_;
};

}  // namespace patchbay::api::activecall
