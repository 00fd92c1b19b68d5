// SPDX-License-Identifier: Apache-2.0
#include "app/peer/relays.hpp"

#include "app/peer/relay.hpp"

#include <utility>

namespace patchbay::app {

PeerRelays::PeerRelays(
    net::Shard& shard, WallAnchor wall, Random& random, Options options, Handlers handlers)
    : shard_(shard),
      wall_(wall),
      random_(random),
      servers_(std::move(options.servers)),
      listen_(options.listen),
      handlers_(std::move(handlers)),
      sweep_(shard, [this](Instant) { closed_.clear(); }) {}

PeerRelays::~PeerRelays() = default;

void PeerRelays::open(call::SessionKey session) {
    auto& relay = relays_[session];
    if (relay) {
        return relay->tell_again();  // a page in the place of another one
    }
    relay = std::make_unique<PeerRelay>(*this, session);
    relay->start();
}

void PeerRelays::close(call::SessionKey session) {
    const auto relay = relays_.find(session);
    if (relay == relays_.end()) {
        return;
    }
    relay->second->close();
    closed_.push_back(std::move(relay->second));
    relays_.erase(relay);
    sweep_.at(shard_.now());
}

bool PeerRelays::send(const webrtc::IcePath& path, ByteView datagram) {
    const auto relay = by_address_.find(path.local);
    if (relay == by_address_.end()) {
        return false;
    }
    relay->second->send(path.remote, datagram);
    return true;
}

SocketAddress PeerRelays::bind_address(const IpAddress& server) const {
    if (listen_ && listen_->is_v6() == server.is_v6()) {
        return {*listen_, 0};
    }
    return {server.is_v6() ? IpAddress::v6({}) : IpAddress::v4(0, 0, 0, 0), 0};
}

void PeerRelays::allocated(PeerRelay& relay, const webrtc::LocalCandidate& candidate) {
    by_address_[candidate.base] = &relay;
    handlers_.gathered(shard_.now(), relay.session(), candidate);
}

}  // namespace patchbay::app
