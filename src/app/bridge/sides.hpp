// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/bridge/graph_client.hpp"
#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "bridge/graph/side.hpp"
#include "bridge/plan.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/wakeup.hpp"
#include "sip/flow.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

// The WhatsApp sides of one shard that live in this process: carries their messages to the engine
// and back, and their requests to Graph. Belongs to its shard.
class BridgeSides {
  public:
    // Hands a message to the engine, as if it had come by the flow.
    using ToEngine = UniqueFunction<void(Instant now, const sip::Flow& flow, ByteView message)>;

    BridgeSides(net::Shard& shard, WallAnchor wall, Random& random, ToEngine to_engine);

    // `shards`: of the server. A side that is not among them takes no new calls, and goes with its
    // last one.
    void use(const std::vector<bridge::GraphAccount>& accounts, unsigned shards);
    // A message of the engine, by a flow that leads_to_side().
    // False: it is of none of these.
    [[nodiscard]] bool deliver(const sip::Transmit& transmit);
    void notify(const std::string& bridge, const std::vector<bridge::graph::Notice>& notices);
    std::map<std::string, bridge::SideState> states() const;

  private:
    struct Line {
        Line(bridge::GraphAccount of,
             const bridge::graph::SideSettings& settings,
             WallAnchor wall,
             Random& random);

        bridge::GraphAccount account;
        sip::Flow flow;
        bridge::graph::Side side;
        std::map<bridge::graph::ActionId, net::Operation> requests;
    };

    void retire(const std::vector<bridge::GraphAccount>& accounts);
    template <class Action>
    void step(Line& line, Action&& action);
    void ask(Line& line, const bridge::graph::ActionRequest& request);
    void handle_timeout(Instant now);
    void set_wakeup();

    net::Shard& shard_;
    WallAnchor wall_;
    Random& random_;
    ToEngine to_engine_;
    GraphClient client_;
    net::Wakeup wakeup_;
    std::map<std::string, std::unique_ptr<Line>> lines_;  // by bridge
};

}  // namespace patchbay::app
