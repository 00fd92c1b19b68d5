// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/peer/relays.hpp"
#include "app/peer/sockets.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/keys.hpp"
#include "call/peer_port.hpp"
#include "net/shard.hpp"
#include "net/tls_context.hpp"

#include <optional>

namespace patchbay::app {

// The ways on which browsers are reached from one shard: sockets of its own, which all calls share,
// and the relays of TURN servers, one for each call. Belongs to its shard.
class PeerPaths final : public call::PeerSink {
  public:
    struct Options {
        PeerSockets::Options sockets;
        PeerRelays::Options relays;
        bool relay_only = false;  // a browser is told of no address but its relay's
    };
    struct Handlers {
        PeerSockets::Received received;
        // The answer to open(), at once where nobody has to be asked; and once more, with all
        // candidates, when a call gets another relay. Unavailable: there is no address.
        UniqueFunction<void(
            Instant now, call::SessionKey session, const Result<call::PeerPort>& port)>
            opened;
    };

    PeerPaths(net::Shard& shard,
              WallAnchor wall,
              Random& random,
              const Options& options,
              Handlers handlers);

    void use_tls(std::optional<net::TlsContext> context) { relays_.use_tls(std::move(context)); }
    void open(Instant now, call::SessionKey session);
    void close(call::SessionKey session) { relays_.close(session); }

    void send(const webrtc::IcePath& path, ByteView datagram) override;

  private:
    Result<call::PeerPort> port(Instant now, const std::optional<webrtc::LocalCandidate>& relay);

    WallAnchor wall_;
    Random& random_;
    bool relay_only_;
    Handlers handlers_;
    PeerSockets sockets_;
    PeerRelays relays_;
};

}  // namespace patchbay::app
