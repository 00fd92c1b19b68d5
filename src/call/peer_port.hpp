// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "webrtc/dtls/context.hpp"
#include "webrtc/ice/candidate.hpp"
#include "webrtc/ice/outputs.hpp"

#include <vector>

namespace patchbay::call {

// Sends datagrams to browsers from the shard's sockets.
class PeerSink {
  public:
    virtual void send(const webrtc::IcePath& path, ByteView datagram) = 0;

  protected:
    ~PeerSink() = default;
};

// The UDP port that all browsers of a shard share, on each address of this machine. Outlives every
// session.
struct PeerPort {
    std::vector<webrtc::LocalCandidate> candidates;
    const webrtc::DtlsContext* dtls = nullptr;
    PeerSink* sink = nullptr;
};

}  // namespace patchbay::call
