// SPDX-License-Identifier: Apache-2.0
#include "app/peer/paths.hpp"

#include <utility>

namespace patchbay::app {

PeerPaths::PeerPaths(
    net::Shard& shard, WallAnchor wall, Random& random, const Options& options, Handlers handlers)
    : wall_(wall),
      random_(random),
      relay_only_(options.relay_only),
      handlers_(std::move(handlers)),
      sockets_(shard,
               options.sockets,
               [this](Instant now, const webrtc::IcePath& path, ByteView datagram) {
                   handlers_.received(now, path, datagram);
               }),
      relays_(shard,
              wall,
              random,
              options.relays,
              {.gathered =
                   [this](Instant now,
                          call::SessionKey session,
                          const std::optional<webrtc::LocalCandidate>& candidate) {
                       handlers_.opened(now, session, port(now, candidate));
                   },
               .received =
                   [this](Instant now, const webrtc::IcePath& path, ByteView datagram) {
                       handlers_.received(now, path, datagram);
                   }}) {}

void PeerPaths::open(Instant now, call::SessionKey session) {
    if (relays_.serves()) {
        relays_.open(session);
    } else {
        handlers_.opened(now, session, port(now, std::nullopt));
    }
}

Result<call::PeerPort> PeerPaths::port(Instant now,
                                       const std::optional<webrtc::LocalCandidate>& relay) {
    PB_TRY(call::PeerPort port, sockets_.open(wall_.at(now), random_));
    port.sink = this;
    if (relay_only_) {
        port.candidates.clear();
    }
    if (relay) {
        port.candidates.push_back(*relay);
    }
    if (port.candidates.empty()) {
        return fail(Errc::Unavailable, "TURN relay");
    }
    return port;
}

void PeerPaths::send(const webrtc::IcePath& path, ByteView datagram) {
    if (!relays_.send(path, datagram)) {
        sockets_.send(path, datagram);
    }
}

}  // namespace patchbay::app
