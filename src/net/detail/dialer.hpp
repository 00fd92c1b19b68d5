// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "net/detail/await.hpp"
#include "net/detail/channel.hpp"
#include "net/shard.hpp"
#include "net/url.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <vector>

namespace patchbay::net::detail {

// Opens the connection that a URL asks for: name, TCP, TLS. The one who waits owns the time limit
// and calls stop() when it has passed.
class Dialer {
  public:
    using Admit = UniqueFunction<bool(const SocketAddress&)>;

    Dialer(Shard& shard, Url url, Admit admit);

    Awaitable<Result<void>> dial();
    void stop();

    const Url& url() const { return url_; }
    // After dial().
    Channel& channel() { return channel_; }

  private:
    Awaitable<Result<std::vector<SocketAddress>>> resolve();
    Awaitable<Result<void>> connect(SocketAddress address);
    Awaitable<Result<void>> shake_hands();

    Url url_;
    Admit admit_;
    boost::asio::ip::tcp::resolver resolver_;
    Channel channel_;
    bool stopped_ = false;
};

}  // namespace patchbay::net::detail
