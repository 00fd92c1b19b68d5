// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/detail/acceptor.hpp"
#include "net/detail/channel.hpp"
#include "net/http_server.hpp"
#include "net/shard.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

namespace patchbay::net::detail {

using UpgradeRequest = boost::beast::http::request<boost::beast::http::string_body>;

// Answers the opening handshake and hands the socket on. When the client is gone by then, or its
// handshake is wrong, `open` is destroyed uncalled.
void accept_web_socket(Shard& shard,
                       Channel channel,
                       ConnectionPlace place,
                       UpgradeRequest request,
                       const HttpServerOptions& options,
                       SubprotocolOpen open);

}  // namespace patchbay::net::detail
