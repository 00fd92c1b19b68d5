// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/bridge/calls.hpp"
#include "app/webhook/plan.hpp"
#include "base/time.hpp"
#include "net/http_pool.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/wakeup.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace patchbay::app {

// Tells the users of call control what becomes of their calls: signed as all webhooks of ours, and
// again where the first try fails. Belongs to one shard.
class BridgeWebhook {
  public:
    BridgeWebhook(net::Shard& shard, WallAnchor wall);

    void tell(const BridgeCalls::News& news);

  private:
    struct Notification {
        bridge::WhatsAppLine line;
        std::string body;
        WebhookPlan plan;
        net::Operation request;
        std::optional<Instant> again_at;
    };

    void follow(std::uint64_t number, const WebhookPlan::Move& move);
    void send(std::uint64_t number, Notification& notification);
    void send_again(Instant now);
    void set_wakeup();

    net::Shard& shard_;
    WallAnchor wall_;
    net::HttpPool pool_;
    net::Wakeup wakeup_;
    std::map<std::uint64_t, Notification> under_way_;
    std::uint64_t last_ = 0;
};

}  // namespace patchbay::app
