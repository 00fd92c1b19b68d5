// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"

#include <optional>

namespace patchbay::app {

// What a phone sends to a SIP port over UDP to keep its NAT open: a STUN binding request (RFC 5626
// 4.4.2), or a few line breaks, which want no answer.
bool is_keep_alive(ByteView datagram);

// Where the phone is seen, if the datagram is such a request; else silence.
std::optional<Bytes> answer_keep_alive(ByteView datagram, const SocketAddress& from);

}  // namespace patchbay::app
