// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"
#include "base/address.hpp"
#include "base/secret.hpp"

#include <tl/expected.hpp>

#include <memory>
#include <string>
#include <vector>

namespace patchbay::app {

// Where a server listens beside its plain ports.
struct Listeners {
    std::vector<SocketAddress> https;
    std::vector<SocketAddress> sip_tls;
    std::vector<SocketAddress> sip_ws;   // for SIP alone
    std::vector<SocketAddress> sip_wss;  // for SIP alone
    std::vector<SocketAddress> call_api;
};

// The whole server: shards, listeners, and what they share. Start-up failures are one sentence for
// a person, with the remedy.
class Server {
  public:
    static tl::expected<std::unique_ptr<Server>, std::string> start(const Config& config);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Where it really listens: port 0 in the configuration took a free one.
    const std::vector<SocketAddress>& http_addresses() const;
    const std::vector<SocketAddress>& sip_addresses() const;
    const Listeners& listeners() const;

    // Calls in progress. Any thread.
    std::size_t calls() const;

    // Runs until stop(), SIGTERM or SIGINT, and until the calls in progress have ended, or their
    // time is up. A second signal ends at once. The calling thread becomes shard 0.
    void run();
    // Any thread: as the first SIGTERM.
    void stop();

  private:
    class State;
    explicit Server(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace patchbay::app
