// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"
#include "base/random.hpp"
#include "support/datagram_network.hpp"
#include "support/manual_clock.hpp"
#include "webrtc/ice/agent.hpp"

#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::test {

// Two ICE agents that talk through a network in miniature.
class IcePair {
  public:
    struct Peer {
        Peer(webrtc::IceSettings settings, std::uint64_t seed)
            : random(seed), agent(std::move(settings), random) {}

        bool has(const webrtc::IceEvent& event) const {
            return std::ranges::find(events, event) != events.end();
        }
        std::size_t count_selected() const {
            return static_cast<std::size_t>(std::ranges::count_if(events, [](const auto& event) {
                return std::holds_alternative<webrtc::IcePathSelected>(event);
            }));
        }

        SeededRandom random;
        webrtc::IceAgent agent;
        std::vector<SocketAddress> bases;
        std::vector<webrtc::IceEvent> events;
        std::vector<UdpDatagram> received;  // kept when `keep` is set
        bool keep = false;
        std::size_t transmitted = 0;
    };

    IcePair(webrtc::IceSettings a, webrtc::IceSettings b, std::uint64_t seed = 1)
        : network(seed), alice(std::move(a), seed * 2), bob(std::move(b), seed * 2 + 1) {}
    // Alice made the offer.
    IcePair()
        : IcePair({.role = webrtc::IceRole::Controlling}, {.role = webrtc::IceRole::Controlled}) {}

    void add_address(Peer& peer, std::string_view address, Nat* nat = nullptr) {
        const auto base = *SocketAddress::parse(address);
        network.add_host(base.ip, nat);
        const auto preference = static_cast<std::uint16_t>(65535 - peer.bases.size());
        peer.bases.push_back(base);
        act(peer, [&](webrtc::IceOutputs& out) {
            PB_ENSURE(peer.agent.add_local_candidate(
                clock.now(), webrtc::make_host_candidate(base, preference), out));
        });
    }

    static webrtc::IceDescription description_of(const Peer& peer, bool with_candidates = true) {
        webrtc::IceDescription description{peer.agent.credentials(), false, {}};
        for (const auto& local : peer.agent.local_candidates()) {
            if (with_candidates) {
                description.candidates.push_back(local.candidate);
            }
        }
        return description;
    }
    void describe(Peer& to, const webrtc::IceDescription& description) {
        act(to, [&](webrtc::IceOutputs& out) {
            PB_ENSURE(to.agent.handle_description(clock.now(), description, out));
        });
    }
    // Offer and answer at once.
    void exchange() {
        const auto offer = description_of(alice);
        describe(bob, offer);
        const auto answer = description_of(bob);
        describe(alice, answer);
    }
    void trickle(Peer& to, const webrtc::Candidate& candidate) {
        act(to, [&](webrtc::IceOutputs& out) {
            static_cast<void>(to.agent.handle_candidate(clock.now(), candidate, out));
        });
    }
    // A datagram that nobody of the two sent.
    void inject(Peer& to, const webrtc::IcePath& path, ByteView bytes) {
        act(to, [&](webrtc::IceOutputs& out) {
            to.agent.handle_packet(clock.now(), path, bytes, out);
        });
    }

    void run_for(Nanoseconds duration) {
        const Instant end = clock.now() + duration;
        while (true) {
            const auto next = earlier(network.next_timeout(), earlier(alice.agent.next_timeout(),
                                                                      bob.agent.next_timeout()));
            if (!next || *next > end) {
                break;
            }
            clock.advance_to(std::max(*next, clock.now()));
            step();
        }
        clock.advance_to(end);
    }

    bool connected() const {
        return alice.agent.state() == webrtc::IceState::Connected &&
               bob.agent.state() == webrtc::IceState::Connected;
    }

    template <class Input>
    void act(Peer& peer, Input&& input) {
        webrtc::IceOutputs out;
        std::forward<Input>(input)(out);
        for (webrtc::IceTransmit& transmit : out.transmits) {
            ++peer.transmitted;
            network.send(clock.now(),
                         {transmit.path.local, transmit.path.remote, std::move(transmit.packet)});
        }
        peer.events.insert(peer.events.end(), out.events.begin(), out.events.end());
    }

    ManualClock clock;
    DatagramNetwork network;
    Peer alice;
    Peer bob;

  private:
    void step() {
        for (UdpDatagram& datagram : network.receive(clock.now())) {
            Peer& peer = owns(alice, datagram.to) ? alice : bob;
            act(peer, [&](webrtc::IceOutputs& out) {
                peer.agent.handle_packet(clock.now(), {datagram.to, datagram.from}, datagram.bytes,
                                         out);
            });
            if (peer.keep) {
                peer.received.push_back(std::move(datagram));
            }
        }
        for (Peer* peer : {&alice, &bob}) {
            if (peer->agent.next_timeout().value_or(clock.now() + Seconds(1)) <= clock.now()) {
                act(*peer,
                    [&](webrtc::IceOutputs& out) { peer->agent.handle_timeout(clock.now(), out); });
            }
        }
    }
    static bool owns(const Peer& peer, const SocketAddress& address) {
        return std::ranges::find(peer.bases, address) != peer.bases.end();
    }
};

}  // namespace patchbay::test
