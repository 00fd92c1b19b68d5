// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "webrtc/stun/message.hpp"

namespace patchbay::webrtc {

inline constexpr std::uint32_t kStunMagicCookie = 0x2112A442;

// MAPPED-ADDRESS and the like, plain or masked with cookie and transaction id, as the type says
// (RFC 8489 14.1, 14.2).
Result<SocketAddress> read_stun_address(StunAttribute type,
                                        ByteView value,
                                        const TransactionId& transaction);
Bytes write_stun_address(StunAttribute type,
                         const SocketAddress& address,
                         const TransactionId& transaction);

}  // namespace patchbay::webrtc
