// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"
#include "app/webhook/plan.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/effects.hpp"
#include "call/keys.hpp"
#include "net/http_pool.hpp"
#include "net/operation.hpp"
#include "net/shard.hpp"
#include "net/wakeup.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace patchbay::app {

// "t=1640995200,v1=<hex of HMAC-SHA256 over `t.body`>": the application checks who sent it, and
// that it is fresh.
std::string webhook_signature(std::string_view secret, WallTime now, std::string_view body);

// Tells the application's server about incoming calls, by the plan of webhook_plan.hpp and one
// client for all calls. It decides nothing about a call. Belongs to one shard.
class Webhook {
  public:
    struct Counters {
        std::uint64_t taken = 0;
        std::uint64_t failed = 0;
        std::uint64_t requests = 0;
    };
    // Called when nobody could be told.
    using Missing = UniqueFunction<void(call::SessionKey)>;

    Webhook(net::Shard& shard, const HandlerConfig& config, WallAnchor wall, Missing missing);

    void notify(const call::AskApplication& call);
    // The call is over: nobody needs to hear of it any more.
    void forget(call::SessionKey session) { under_way_.erase(session); }

    const Counters& counters() const { return counters_; }

  private:
    struct Notification {
        WebhookPlan plan;
        std::string body;
        net::Operation request;
        std::optional<Instant> again_at;
    };

    void follow(call::SessionKey session, const WebhookPlan::Move& move);
    void send(call::SessionKey session, Notification& notification, std::size_t url);
    void answered(call::SessionKey session, const Result<net::HttpResponse>& response);
    void send_again(Instant now);
    void set_wakeup();

    net::Shard& shard_;
    const HandlerConfig& config_;
    WallAnchor wall_;
    Missing missing_;
    net::HttpPool pool_;
    net::Wakeup wakeup_;
    std::map<call::SessionKey, Notification> under_way_;
    std::size_t next_url_ = 0;
    Counters counters_;
};

}  // namespace patchbay::app
