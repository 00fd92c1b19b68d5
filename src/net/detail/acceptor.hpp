// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "net/connection_caps.hpp"
#include "net/port_sharing.hpp"
#include "net/shard.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <utility>

namespace patchbay::net::detail {

// A connection's place under the caps of its listener, given back when it is destroyed.
class ConnectionPlace {
  public:
    ConnectionPlace(std::shared_ptr<ConnectionCaps> caps, const IpAddress& source)
        : caps_(std::move(caps)), source_(source) {}
    ConnectionPlace(ConnectionPlace&& other) noexcept
        : caps_(std::move(other.caps_)), source_(other.source_) {}
    ConnectionPlace& operator=(ConnectionPlace&&) = delete;
    ~ConnectionPlace() {
        if (caps_) {
            caps_->leave(source_);
        }
    }

  private:
    std::shared_ptr<ConnectionCaps> caps_;  // connections outlive their listener
    IpAddress source_;
};

// Listens on one address and hands on what the caps admit.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
  public:
    using Accept = UniqueFunction<void(boost::asio::ip::tcp::socket socket, ConnectionPlace place)>;

    static Result<std::shared_ptr<Acceptor>> open(Shard& shard,
                                                  const SocketAddress& local,
                                                  PortSharing sharing,
                                                  std::shared_ptr<ConnectionCaps> caps,
                                                  Accept accept);
    Acceptor(Shard& shard, std::shared_ptr<ConnectionCaps> caps, Accept accept);

    const SocketAddress& local() const { return local_; }
    void close();

  private:
    Result<void> listen(const SocketAddress& local, PortSharing sharing);
    void accept_next();
    void accepted(const boost::system::error_code& error, boost::asio::ip::tcp::socket socket);

    Shard& shard_;
    std::shared_ptr<ConnectionCaps> caps_;
    Accept accept_;
    boost::asio::ip::tcp::acceptor acceptor_;
    boost::asio::steady_timer pause_;
    SocketAddress local_;
};

}  // namespace patchbay::net::detail
