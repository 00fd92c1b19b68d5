// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

namespace patchbay::webrtc {

// The datagram without its plain alerts. Before the keys are there anybody can write an alert, so
// none of those may end a handshake (CVE-2023-51443); if it was an honest one, the handshake's time
// limit ends it. Empty when nothing is left or the records do not fill the datagram (RFC 6347 4.1).
Bytes without_plain_alerts(ByteView datagram);

}  // namespace patchbay::webrtc
