// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_function.hpp"
#include "bridge/graph/action.hpp"
#include "bridge/plan.hpp"
#include "net/http_pool.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"

namespace patchbay::app {

// WhatsApp's Graph API as one shard asks it: requests as JSON over kept connections. It decides
// nothing, and repeats nothing.
class GraphClient {
  public:
    using Done = UniqueFunction<void(const bridge::graph::ActionOutcome&)>;

    explicit GraphClient(net::Shard& shard) : pool_(shard) {}

    net::Operation send(const bridge::GraphAccount& account,
                        const bridge::graph::Action& action,
                        Done done);

  private:
    net::HttpPool pool_;
};

}  // namespace patchbay::app
