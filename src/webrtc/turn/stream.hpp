// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <vector>

namespace patchbay::webrtc {

// What a TURN server sends over TCP or TLS, cut into messages: STUN says its length, channel data
// too and is filled up to four bytes (RFC 8656 12.5).
class TurnStream {
  public:
    // The messages that are complete now, without what fills them up. Malformed: neither of the
    // two begins here, and where the next one does nobody knows: the connection is of no use.
    Result<std::vector<Bytes>> feed(ByteView bytes);

  private:
    Bytes rest_;  // of a message that is not complete
};

// Channel data as it goes over a stream; anything else as it is.
void pad_for_stream(Bytes& message);

}  // namespace patchbay::webrtc
