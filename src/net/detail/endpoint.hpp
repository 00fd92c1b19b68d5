// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <string_view>

namespace patchbay::net::detail {

boost::asio::ip::tcp::endpoint to_endpoint(const SocketAddress& address);
SocketAddress from_endpoint(const boost::asio::ip::tcp::endpoint& endpoint);

// The class of an error of the loop, with its number as detail.
Error to_error(const boost::system::error_code& error, std::string_view where);

// Small control messages must not wait for each other, and a peer that vanished must be noticed.
void set_connection_options(boost::asio::ip::tcp::socket& socket);

}  // namespace patchbay::net::detail
