// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/page/line.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "bridge/plan.hpp"
#include "net/shard.hpp"
#include "net/wakeup.hpp"
#include "sip/flow.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace patchbay::app {

// The bridges whose WhatsApp side is a page. A page is one tab of one browser, so that one shard
// has them all; calls of the others come to it and go from it as messages of SIP.
class PageSides {
  public:
    PageSides(
        net::Shard& shard,
        WallAnchor wall,
        Random& random,
        UniqueFunction<void(Instant now, const sip::Flow& flow, std::string message)> to_engine);

    // A side that is not among them takes no new calls, and goes with its last one.
    void use(const std::vector<bridge::PageAccount>& accounts);
    // A message of the engine's, by a flow that leads_to_side().
    void deliver(const sip::Transmit& transmit);
    std::map<std::string, bridge::SideState> states() const;

  private:
    void handle_timeout(Instant now);
    void tick(Instant now);
    void set_wakeup();

    net::Shard& shard_;
    WallAnchor wall_;
    Random& random_;
    UniqueFunction<void(Instant now, const sip::Flow& flow, std::string message)> to_engine_;
    net::Wakeup wakeup_;
    std::map<std::string, std::unique_ptr<PageLine>> lines_;  // by bridge
};

}  // namespace patchbay::app
