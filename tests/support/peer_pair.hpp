// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"
#include "base/random.hpp"
#include "support/datagram_network.hpp"
#include "support/manual_clock.hpp"
#include "webrtc/peer.hpp"

#include <algorithm>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::test {

// Two ends of a WebRTC transport, the second one in the part of a browser, and the network between.
class PeerPair {
  public:
    struct Side {
        Side(webrtc::IceSettings settings, std::uint64_t seed, std::string_view address)
            : random(seed),
              context(*webrtc::DtlsContext::make(WallTime{1'790'000'000'000}, random)),
              peer(std::move(settings), context, random),
              base(*SocketAddress::parse(address)) {}

        bool has(const webrtc::PeerEvent& event) const {
            return std::ranges::find(events, event) != events.end();
        }
        const webrtc::PeerSecured* secured() const {
            for (const webrtc::PeerEvent& event : events) {
                if (const auto* found = std::get_if<webrtc::PeerSecured>(&event)) {
                    return found;
                }
            }
            return nullptr;
        }

        SeededRandom random;
        webrtc::DtlsContext context;
        webrtc::Peer peer;
        SocketAddress base;
        std::vector<webrtc::PeerEvent> events;
        std::vector<Bytes> media;  // what came up
        std::vector<UdpDatagram> received;
    };

    explicit PeerPair(webrtc::IceSettings ours = {}, std::uint64_t seed = 1)
        : network(seed),
          server(std::move(ours), seed * 2, "198.51.100.20:6000"),
          browser({.role = webrtc::IceRole::Controlling}, seed * 2 + 1, "192.0.2.10:5000") {
        for (Side* side : {&server, &browser}) {
            network.add_host(side->base.ip);
            act(*side, [&](webrtc::PeerOutputs& out) {
                PB_ENSURE(side->peer.add_local_candidate(
                    clock.now(), webrtc::make_host_candidate(side->base, 65535), out));
            });
        }
    }

    static webrtc::PeerDescription description_of(const Side& side, webrtc::DtlsSetup setup) {
        webrtc::PeerDescription description;
        description.ice.credentials = side.peer.ice().credentials();
        description.ice.lite = side.peer.lite();
        for (const auto& local : side.peer.ice().local_candidates()) {
            description.ice.candidates.push_back(local.candidate);
        }
        description.fingerprints = {side.peer.fingerprint()};
        description.setup = setup;
        return description;
    }
    // The browser's offer, whose setup may be anything, and the server's answer.
    Result<void> exchange(const webrtc::PeerDescription& offer) {
        Result<void> result;
        act(server, [&](webrtc::PeerOutputs& out) {
            result = server.peer.handle_offer(clock.now(), offer, out);
        });
        if (!result) {
            return result;
        }
        const auto setup = server.peer.dtls_role() == webrtc::DtlsRole::Client
                               ? webrtc::DtlsSetup::Active
                               : webrtc::DtlsSetup::Passive;
        act(browser, [&](webrtc::PeerOutputs& out) {
            result = browser.peer.handle_answer(clock.now(), description_of(server, setup), out);
        });
        return result;
    }
    Result<void> exchange(webrtc::DtlsSetup setup = webrtc::DtlsSetup::ActPass) {
        return exchange(description_of(browser, setup));
    }

    bool connected() const {
        return server.peer.state() == webrtc::PeerState::Connected &&
               browser.peer.state() == webrtc::PeerState::Connected;
    }

    void send(const Side& from, const SocketAddress& to, Bytes bytes) {
        network.send(clock.now(), {from.base, to, std::move(bytes)});
    }
    void inject(Side& to, const SocketAddress& from, const Bytes& bytes) {
        deliver(to, {from, to.base, bytes});
    }

    void run_for(Nanoseconds duration) {
        const Instant end = clock.now() + duration;
        while (true) {
            const auto next = earlier(network.next_timeout(), earlier(server.peer.next_timeout(),
                                                                      browser.peer.next_timeout()));
            if (!next || *next > end) {
                break;
            }
            clock.advance_to(std::max(*next, clock.now()));
            step();
        }
        clock.advance_to(end);
    }

    template <class Input>
    void act(Side& side, Input&& input) {
        webrtc::PeerOutputs out;
        std::forward<Input>(input)(out);
        for (webrtc::IceTransmit& transmit : out.transmits) {
            network.send(clock.now(),
                         {transmit.path.local, transmit.path.remote, std::move(transmit.packet)});
        }
        side.events.insert(side.events.end(), out.events.begin(), out.events.end());
    }

    ManualClock clock;
    DatagramNetwork network;
    Side server;
    Side browser;

  private:
    void deliver(Side& side, const UdpDatagram& datagram) {
        act(side, [&](webrtc::PeerOutputs& out) {
            const auto media = side.peer.handle_packet(clock.now(), {datagram.to, datagram.from},
                                                       datagram.bytes, out);
            if (media) {
                side.media.emplace_back(media->begin(), media->end());
            }
        });
    }
    void step() {
        for (const UdpDatagram& datagram : network.receive(clock.now())) {
            Side& side = datagram.to.ip == server.base.ip ? server : browser;
            side.received.push_back(datagram);
            deliver(side, datagram);
        }
        for (Side* side : {&server, &browser}) {
            if (side->peer.next_timeout().value_or(clock.now() + Seconds(1)) <= clock.now()) {
                act(*side,
                    [&](webrtc::PeerOutputs& out) { side->peer.handle_timeout(clock.now(), out); });
            }
        }
    }
};

}  // namespace patchbay::test
