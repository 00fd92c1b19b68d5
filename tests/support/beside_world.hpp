// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/browser_world.hpp"
#include "support/datagram_network.hpp"
#include "support/world.hpp"

#include <utility>

namespace patchbay::test {

// A World with phones, and somebody with WebRTC media beside it on a network of its own.
class BesideWorld : public call::PeerSink {
  public:
    explicit BesideWorld(WorldOptions options) : world(std::move(options)) {
        network.add_host(BrowserWorld::kServer.ip);
        world.on_open_peer_port = [this] {
            return call::PeerPort{
                {webrtc::make_host_candidate(BrowserWorld::kServer, 65535)}, &context, this};
        };
    }
    virtual ~BesideWorld() = default;
    BesideWorld(const BesideWorld&) = delete;
    BesideWorld& operator=(const BesideWorld&) = delete;

    void send(const webrtc::IcePath& path, ByteView datagram) override {
        network.send(world.now(),
                     {path.local, path.remote, Bytes(datagram.begin(), datagram.end())});
    }
    void run(Nanoseconds duration) {
        const Instant end = world.now() + duration;
        while (world.now() < end) {
            world.run(Milliseconds(5));
            for (const UdpDatagram& datagram : network.receive(world.now())) {
                if (datagram.to == BrowserWorld::kServer) {
                    world.receive_from_browser({BrowserWorld::kServer, datagram.from},
                                               datagram.bytes);
                } else {
                    receive(world.now(), datagram);
                }
            }
            step(world.now());
        }
    }

    World world;
    DatagramNetwork network;
    SeededRandom random{5};
    webrtc::DtlsContext context{*webrtc::DtlsContext::make(WallTime{1'790'000'000'000}, random)};

  private:
    // Whoever is beside: a datagram for him, and 5 ms that have gone by.
    virtual void receive(Instant now, const UdpDatagram& datagram) = 0;
    virtual void step(Instant now) = 0;
};

}  // namespace patchbay::test
