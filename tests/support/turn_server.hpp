// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "webrtc/stun/integrity.hpp"
#include "webrtc/stun/message.hpp"
#include "webrtc/stun/writer.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {

// A TURN server in miniature, for one client: what a datagram is answered, and what would reach a
// peer.
class TurnServer {
  public:
    struct Sent {
        SocketAddress peer;
        Bytes bytes;
    };

    // The answer of one datagram, if it has one.
    std::optional<Bytes> handle(Instant now, ByteView datagram) {
        if ((datagram[0] & 0xC0U) == 0x40U) {
            relay_channel(now, datagram);
            return std::nullopt;
        }
        const auto message = *webrtc::StunMessage::parse(datagram);
        if (message.message_class() == webrtc::StunClass::Indication) {
            relay(now, *message.address(webrtc::StunAttribute::XorPeerAddress),
                  *message.find(webrtc::StunAttribute::Data));
            return std::nullopt;
        }
        ++requests;
        if (!message.has_integrity()) {
            return challenge(message, 401);
        }
        if (message.text(webrtc::StunAttribute::Nonce, 763) != nonce) {
            return challenge(message, 438);
        }
        if (message.text(webrtc::StunAttribute::Username, 512) != "user" ||
            !message.verify(key())) {
            return challenge(message, 401);
        }
        return serve(now, message);
    }

    // A peer's packet, as it reaches the client.
    Bytes from_peer(const SocketAddress& peer, ByteView bytes) const {
        for (const auto& [channel, address] : channels) {
            if (address == peer) {
                ByteWriter out;
                out.u16(channel);
                out.u16(static_cast<std::uint16_t>(bytes.size()));
                out.bytes(bytes);
                return out.take();
            }
        }
        return webrtc::StunWriter(webrtc::StunClass::Indication, webrtc::StunMethod::Data, {})
            .address(webrtc::StunAttribute::XorPeerAddress, peer)
            .bytes(webrtc::StunAttribute::Data, bytes)
            .finish();
    }

    std::string nonce = "first";
    std::uint32_t lifetime = 600;
    std::map<webrtc::StunMethod, int> refuse;  // with these codes
    std::optional<Instant> ends_at;
    std::map<IpAddress, Instant> permissions;
    std::map<std::uint16_t, SocketAddress> channels;
    std::vector<Sent> sent;
    std::size_t dropped = 0;  // without permission
    std::size_t by_channel = 0;
    std::size_t requests = 0;
    const SocketAddress relayed = *SocketAddress::parse("203.0.113.50:49152");
    const SocketAddress mapped = *SocketAddress::parse("203.0.113.1:40000");

  private:
    static Bytes key() { return webrtc::long_term_key("user", "example.org", "pass"); }

    Bytes challenge(const webrtc::StunMessage& request, int code) const {
        return webrtc::StunWriter(webrtc::StunClass::Error, request.method(), request.transaction())
            .error(code)
            .text(webrtc::StunAttribute::Realm, "example.org")
            .text(webrtc::StunAttribute::Nonce, nonce)
            .finish();
    }
    Bytes serve(Instant now, const webrtc::StunMessage& request) {
        using webrtc::StunAttribute;
        using webrtc::StunMethod;
        webrtc::StunWriter answer(webrtc::StunClass::Success, request.method(),
                                  request.transaction());
        if (const auto refused = refuse.find(request.method()); refused != refuse.end()) {
            return webrtc::StunWriter(webrtc::StunClass::Error, request.method(),
                                      request.transaction())
                .error(refused->second)
                .finish(key());
        }
        if (request.method() == StunMethod::Allocate || request.method() == StunMethod::Refresh) {
            const std::uint32_t wanted = request.number(StunAttribute::Lifetime).value_or(lifetime);
            ends_at = wanted == 0 ? std::nullopt : std::optional(now + Seconds(wanted));
            answer.address(StunAttribute::XorRelayedAddress, relayed)
                .address(StunAttribute::XorMappedAddress, mapped)
                .number(StunAttribute::Lifetime, wanted);
        } else {
            const auto peer = *request.address(StunAttribute::XorPeerAddress);
            permissions[peer.ip] = now + Seconds(300);
            if (const auto channel = request.number(StunAttribute::ChannelNumber)) {
                channels[static_cast<std::uint16_t>(*channel >> 16U)] = peer;
            }
        }
        return answer.finish(key());
    }
    void relay(Instant now, const SocketAddress& peer, ByteView bytes) {
        const auto permission = permissions.find(peer.ip);
        if (permission == permissions.end() || permission->second <= now) {
            ++dropped;
            return;
        }
        sent.push_back({peer, Bytes(bytes.begin(), bytes.end())});
    }
    void relay_channel(Instant now, ByteView datagram) {
        ++by_channel;
        const auto channel = channels.find(load_be16(datagram.data()));
        if (channel != channels.end()) {
            relay(now, channel->second, datagram.subspan(4, load_be16(datagram.data() + 2)));
        }
    }
};

}  // namespace patchbay::test
