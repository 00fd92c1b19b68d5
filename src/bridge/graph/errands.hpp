// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "bridge/gateway.hpp"
#include "bridge/graph/action.hpp"

#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace patchbay::bridge::graph {

// The requests to Graph: of one call one after the other, so that none overtakes another, and again
// after a pause where that may help. An engine; it knows no call's state and no HTTP.
class Errands {
  public:
    using Requests = std::vector<ActionRequest>;

    // Handle 0: of no call.
    void add(Instant now, GatewayCall call, Action action, Requests& out);
    // Forgets what has not been sent.
    void drop_waiting(GatewayCall call);

    struct Done {
        GatewayCall call;
        Action action;
    };
    // Nothing: it is tried again, or nobody knows the request.
    std::optional<Done> handle(Instant now,
                               ActionId id,
                               const ActionOutcome& outcome,
                               Requests& out);
    void handle_timeout(Instant now, Requests& out);
    std::optional<Instant> next_timeout() const;

  private:
    struct Line {
        std::deque<Action> actions;  // the first is under way, or waits for its next try
        ActionId id;
        unsigned attempts = 0;
        std::optional<Instant> again_at;
    };

    void send(GatewayCall call, Line& line, Requests& out);

    std::map<GatewayCall, Line> lines_;
    std::map<ActionId, GatewayCall> under_way_;
    std::uint64_t last_id_ = 0;
};

}  // namespace patchbay::bridge::graph
