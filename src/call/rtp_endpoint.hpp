// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "call/keys.hpp"
#include "media/frame.hpp"

namespace patchbay::call {

// An RTP port of the runtime.
struct RtpEndpoint {
    RtpPort port;
    // What the SDP says: the local or external address, and the port.
    SocketAddress advertised;
    // Sends from the port (RTCP from the port above, told apart as RFC 5761 4 does). Outlives the
    // CloseRtpPort effect.
    media::PacketSink* sink = nullptr;
};

}  // namespace patchbay::call
