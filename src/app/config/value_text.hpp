// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"
#include "base/address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

// Values as people write them, the same in the configuration file and on the command line.

// "200ms", "50s", "1m30s", "2h". A number without a unit is refused: the reader could not tell
// which.
Result<Milliseconds> parse_duration(std::string_view text);

// "0.0.0.0", "::1", or "localhost" for both loopbacks.
Result<std::vector<IpAddress>> parse_listen_ip(std::string_view text);

// "127.0.0.1:8080", "[::]:8080", "localhost:8080", or a port alone, which means both loopbacks.
Result<std::vector<SocketAddress>> parse_listen_address(std::string_view text);

// "12000-31999"
struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;

    friend bool operator==(const PortRange&, const PortRange&) = default;
};
Result<PortRange> parse_port_range(std::string_view text);

// "10.0.0.0/8", "fd00::/8", or an address alone.
Result<AddressRange> parse_address_range(std::string_view text);

// "https://app.example.com/calls": http or https, without a user or a password.
Result<std::string> parse_web_url(std::string_view text);

// A codec that a call can use, in lower case; Unsupported: one that exists and is not served.
Result<std::string> parse_codec_name(std::string_view text);
inline constexpr std::string_view kCodecNames = "pcmu, pcma, g722, l16";

// Telephone events are always offered, so naming them among the codecs changes nothing.
bool is_telephone_event(std::string_view text);

}  // namespace patchbay::app
