// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace patchbay::webrtc {

// The types of the IANA registry that RFC 8489, 8445 and 8656 define. Those below 0x8000 must be
// understood by who gets them; the others may be skipped (RFC 8489 14).
enum class StunAttribute : std::uint16_t {
    MappedAddress = 0x0001,
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    UnknownAttributes = 0x000A,
    ChannelNumber = 0x000C,
    Lifetime = 0x000D,
    XorPeerAddress = 0x0012,
    Data = 0x0013,
    Realm = 0x0014,
    Nonce = 0x0015,
    XorRelayedAddress = 0x0016,
    RequestedAddressFamily = 0x0017,
    EvenPort = 0x0018,
    RequestedTransport = 0x0019,
    DontFragment = 0x001A,
    MessageIntegritySha256 = 0x001C,
    XorMappedAddress = 0x0020,
    ReservationToken = 0x0022,
    Priority = 0x0024,
    UseCandidate = 0x0025,
    Software = 0x8022,
    AlternateServer = 0x8023,
    Fingerprint = 0x8028,
    IceControlled = 0x8029,
    IceControlling = 0x802A,
};

enum class StunClass : std::uint8_t { Request = 0, Indication = 1, Success = 2, Error = 3 };

// RFC 8489 18.2, RFC 8656 17. Other numbers are kept as they came.
enum class StunMethod : std::uint16_t {
    Binding = 0x001,
    Allocate = 0x003,
    Refresh = 0x004,
    Send = 0x006,
    Data = 0x007,
    CreatePermission = 0x008,
    ChannelBind = 0x009,
};

}  // namespace patchbay::webrtc
