// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/keys.hpp"
#include "call/peer_port.hpp"
#include "net/shard.hpp"
#include "net/tls_context.hpp"
#include "net/wakeup.hpp"
#include "webrtc/ice/candidate.hpp"
#include "webrtc/ice/outputs.hpp"
#include "webrtc/turn/servers.hpp"

#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace patchbay::app {

class PeerRelay;

// Addresses of ours on TURN servers, one for each call of a browser: an allocation with a socket of
// its own. A call whose relay dies gets another one while it goes on. Belongs to a shard.
class PeerRelays {
  public:
    struct Handlers {
        // Once after open(): the candidate, or none; and again when the call gets another relay.
        UniqueFunction<void(
            Instant now, call::SessionKey session, std::optional<webrtc::LocalCandidate> candidate)>
            gathered;
        // By way of a relay; `path.local` is its address.
        UniqueFunction<void(Instant now, const webrtc::IcePath& path, ByteView datagram)> received;
    };

    struct Options {
        std::vector<webrtc::TurnServer> servers;
        std::optional<IpAddress> listen;  // the address that servers see; absent: any
    };

    PeerRelays(
        net::Shard& shard, WallAnchor wall, Random& random, Options options, Handlers handlers);
    ~PeerRelays();
    PeerRelays(const PeerRelays&) = delete;
    PeerRelays& operator=(const PeerRelays&) = delete;

    // With which certificates servers of "turns:" are judged.
    void use_tls(std::optional<net::TlsContext> context) { tls_ = std::move(context); }

    // Whether there are any servers.
    bool serves() const { return !servers_.empty(); }
    void open(call::SessionKey session);
    void close(call::SessionKey session);
    // False: the path begins at no relay.
    bool send(const webrtc::IcePath& path, ByteView datagram);

  private:
    friend class PeerRelay;

    void allocated(PeerRelay& relay, const webrtc::LocalCandidate& candidate);
    void lost(const SocketAddress& relayed) { by_address_.erase(relayed); }
    SocketAddress bind_address(const IpAddress& server) const;

    net::Shard& shard_;
    WallAnchor wall_;
    Random& random_;
    webrtc::TurnServers servers_;
    std::optional<IpAddress> listen_;
    Handlers handlers_;
    std::optional<net::TlsContext> tls_;
    std::map<call::SessionKey, std::unique_ptr<PeerRelay>> relays_;
    std::map<SocketAddress, PeerRelay*> by_address_;
    // Closed, perhaps by what they said themselves: destroyed when they say nothing any more.
    std::vector<std::unique_ptr<PeerRelay>> closed_;
    net::Wakeup sweep_;
};

}  // namespace patchbay::app
