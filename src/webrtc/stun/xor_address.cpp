// SPDX-License-Identifier: Apache-2.0
#include "webrtc/stun/xor_address.hpp"

#include <algorithm>

namespace patchbay::webrtc {
namespace {

constexpr std::uint8_t kFamilyV4 = 1;
constexpr std::uint8_t kFamilyV6 = 2;

bool is_masked(StunAttribute type) {
    return type == StunAttribute::XorMappedAddress || type == StunAttribute::XorPeerAddress ||
           type == StunAttribute::XorRelayedAddress;
}

// The cookie, and for IPv6 the transaction id behind it; port and address are masked from its
// start.
using Mask = std::array<std::uint8_t, 16>;

Mask make_mask(StunAttribute type, const TransactionId& transaction) {
    Mask mask{};
    if (is_masked(type)) {
        store_be32(mask.data(), kStunMagicCookie);
        std::ranges::copy(transaction, mask.begin() + 4);
    }
    return mask;
}

}  // namespace

Result<SocketAddress> read_stun_address(StunAttribute type,
                                        ByteView value,
                                        const TransactionId& transaction) {
    const bool v4 = value.size() == 8 && value[1] == kFamilyV4;
    const bool v6 = value.size() == 20 && value[1] == kFamilyV6;
    if (!v4 && !v6) {
        return fail(Errc::Malformed, "STUN address", static_cast<std::int64_t>(value.size()));
    }
    const Mask mask = make_mask(type, transaction);
    std::array<std::uint8_t, 16> ip{};
    for (std::size_t i = 0; i < value.size() - 4; ++i) {
        ip[i] = value[i + 4] ^ mask[i];
    }
    const auto port =
        static_cast<std::uint16_t>(load_be16(value.data() + 2) ^ load_be16(mask.data()));
    return SocketAddress{v4 ? IpAddress::v4(ip[0], ip[1], ip[2], ip[3]) : IpAddress::v6(ip), port};
}

Bytes write_stun_address(StunAttribute type,
                         const SocketAddress& address,
                         const TransactionId& transaction) {
    const Mask mask = make_mask(type, transaction);
    const ByteView ip = address.ip.bytes();
    Bytes value(4 + ip.size());
    value[1] = address.ip.is_v6() ? kFamilyV6 : kFamilyV4;
    store_be16(value.data() + 2, static_cast<std::uint16_t>(address.port ^ load_be16(mask.data())));
    for (std::size_t i = 0; i < ip.size(); ++i) {
        value[i + 4] = ip[i] ^ mask[i];
    }
    return value;
}

}  // namespace patchbay::webrtc
