// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/beside_world.hpp"

#include <utility>

namespace patchbay::test {

// A World with phones, and a browser beside it.
class BrowserBeside : public BesideWorld {
  public:
    // `role`: a browser that is called is controlled.
    explicit BrowserBeside(WorldOptions options = {},
                           webrtc::IceRole role = webrtc::IceRole::Controlling)
        : BesideWorld(std::move(options)), browser(network, "198.51.100.10:5000", 3, role) {}

    TestBrowser browser;

  private:
    void receive(Instant now, const UdpDatagram& datagram) override {
        browser.receive(now, datagram);
    }
    void step(Instant now) override {
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
