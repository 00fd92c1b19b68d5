// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/backend.hpp"
#include "api/jsonrpc/opensips/proxy_calls.hpp"
#include "base/address.hpp"
#include "base/random.hpp"
#include "net/shard.hpp"
#include "net/udp_socket.hpp"
#include "net/wakeup.hpp"

#include <memory>
#include <optional>
#include <string>

namespace patchbay::app {

// The Call API's backend of one shard where an OpenSIPS proxy carries the calls: the two sockets
// and the clock around opensips::ProxyCalls.
class ProxyBackend final : public api::jsonrpc::Backend {
  public:
    struct Options {
        SocketAddress proxy;   // its management interface
        std::string next_hop;  // of the INVITE of CallStart
    };
    // Fails where no socket can be had.
    static Result<std::unique_ptr<ProxyBackend>> open(net::Shard& shard,
                                                      Options options,
                                                      Random& random);

    void on_report(Tell tell) override { tell_ = std::move(tell); }
    void begin(api::jsonrpc::CommandKey key,
               const api::jsonrpc::Command& command,
               const IpAddress& client) override;
    void ask(api::jsonrpc::CommandKey key, const api::jsonrpc::Query& query) override;
    void cancel(api::jsonrpc::CommandKey key) override;

  private:
    ProxyBackend(net::Shard& shard, Options options)
        : shard_(shard), options_(std::move(options)) {}

    void receive(Instant now, const SocketAddress& from, ByteView datagram);
    void perform(api::jsonrpc::opensips::ProxyOutputs outputs);

    net::Shard& shard_;
    Options options_;
    Tell tell_;
    std::optional<net::UdpSocket> requests_;
    std::optional<net::UdpSocket> events_;
    std::optional<api::jsonrpc::opensips::ProxyCalls> calls_;
    std::optional<net::Wakeup> wakeup_;
};

}  // namespace patchbay::app
