// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::bridge::page {

// A description with one ICE candidate (RFC 8839 5.1): the first by UDP that has the address; where
// none has it, because a translator stands between, the first by UDP, told under that address.
// Without an address the description as it is.
std::string with_only_candidate(std::string_view sdp, const std::optional<IpAddress>& address);

}  // namespace patchbay::bridge::page
