// SPDX-License-Identifier: Apache-2.0
#include "call/peer_routes.hpp"

#include "call/limits.hpp"
#include "rtp/packet.hpp"
#include "webrtc/ice/check_message.hpp"
#include "webrtc/stun/message.hpp"

namespace patchbay::call {

void PeerRoutes::add(const std::string& ufrag, SessionKey session) {
    auto& generations = generations_[session];
    if (generations.size() == kIceGenerations) {
        by_ufrag_.erase(generations.front());
        generations.erase(generations.begin());
    }
    generations.push_back(ufrag);
    by_ufrag_[ufrag] = session;
}

void PeerRoutes::remove(SessionKey session) {
    if (const auto known = generations_.extract(session)) {
        for (const std::string& ufrag : known.mapped()) {
            by_ufrag_.erase(ufrag);
        }
    }
    std::erase_if(by_path_, [&](const auto& entry) { return entry.second == session; });
}

std::optional<SessionKey> PeerRoutes::find(const webrtc::IcePath& path, ByteView datagram) const {
    if (rtp::classify(datagram) == rtp::PacketKind::Stun) {
        const auto message = webrtc::StunMessage::parse(datagram);
        if (!message) {
            return std::nullopt;
        }
        if (message->message_class() == webrtc::StunClass::Request) {
            const auto ufrag = webrtc::addressed_ufrag(*message);
            const auto found = ufrag ? by_ufrag_.find(std::string(*ufrag)) : by_ufrag_.end();
            return found != by_ufrag_.end() ? std::optional(found->second) : std::nullopt;
        }
    }
    const auto found = by_path_.find(path);
    return found != by_path_.end() ? std::optional(found->second) : std::nullopt;
}

}  // namespace patchbay::call
