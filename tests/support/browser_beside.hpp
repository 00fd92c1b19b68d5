// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/browser_world.hpp"
#include "support/world.hpp"

#include <utility>

namespace patchbay::test {

// A World with phones, and a browser beside it on a network of its own.
class BrowserBeside : public call::PeerSink {
  public:
    // `role`: a browser that is called is controlled.
    explicit BrowserBeside(WorldOptions options = {},
                           webrtc::IceRole role = webrtc::IceRole::Controlling)
        : world(std::move(options)), browser(network, "198.51.100.10:5000", 3, role) {
        network.add_host(BrowserWorld::kServer.ip);
        world.on_open_peer_port = [this] {
            return call::PeerPort{
                {webrtc::make_host_candidate(BrowserWorld::kServer, 65535)}, &context, this};
        };
    }

    virtual ~BrowserBeside() = default;
    BrowserBeside(const BrowserBeside&) = delete;
    BrowserBeside& operator=(const BrowserBeside&) = delete;

    void send(const webrtc::IcePath& path, ByteView datagram) override {
        network.send(world.now(),
                     {path.local, path.remote, Bytes(datagram.begin(), datagram.end())});
    }
    void run(Nanoseconds duration) {
        const Instant end = world.now() + duration;
        while (world.now() < end) {
            world.run(Milliseconds(5));
            step(world.now());
        }
    }

    World world;
    DatagramNetwork network;
    SeededRandom random{5};
    webrtc::DtlsContext context{*webrtc::DtlsContext::make(WallTime{1'790'000'000'000}, random)};
    TestBrowser browser;

  private:
    void step(Instant now) {
        for (const UdpDatagram& datagram : network.receive(now)) {
            if (datagram.to == BrowserWorld::kServer) {
                world.receive_from_browser({BrowserWorld::kServer, datagram.from}, datagram.bytes);
            } else {
                browser.receive(now, datagram);
            }
        }
        if (browser.next_timeout().value_or(now + Seconds(1)) <= now) {
            browser.handle_timeout(now);
        }
        if (++steps_ % 4 == 0) {
            browser.tick(now);
        }
    }

    unsigned steps_ = 0;
};

}  // namespace patchbay::test
