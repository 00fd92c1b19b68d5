// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/webhook.hpp"

#include "api/bridge/call_shapes.hpp"
#include "app/limits.hpp"
#include "app/webhook/webhook.hpp"
#include "base/overloaded.hpp"

#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

namespace patchbay::app {

BridgeWebhook::BridgeWebhook(net::Shard& shard, WallAnchor wall)
    : shard_(shard),
      wall_(wall),
      pool_(shard),
      wakeup_(shard, [this](Instant now) { send_again(now); }) {}

void BridgeWebhook::tell(const BridgeCalls::News& news) {
    if (news.line.webhook_url.empty() || under_way_.size() >= kBridgeWebhooks) {
        return;
    }
    const std::uint64_t number = ++last_;
    auto& notification =
        under_way_
            .emplace(number, Notification{.line = news.line,
                                          .body = api::bridge::encode_body(news.change),
                                          .plan = {1, 0, kBridgeWebhookAttempts},
                                          .request = {},
                                          .again_at = {}})
            .first->second;
    follow(number, notification.plan.next());
}

void BridgeWebhook::follow(std::uint64_t number, const WebhookPlan::Move& move) {
    Notification& notification = under_way_.at(number);
    std::visit(Overloaded{
                   [&](const WebhookPlan::Ask&) { send(number, notification); },
                   [&](const WebhookPlan::Wait& wait) {
                       notification.again_at = wait.until;
                       set_wakeup();
                   },
                   [&](const WebhookPlan::Taken&) { under_way_.erase(number); },
                   [&](const WebhookPlan::GivenUp& given_up) {
                       spdlog::warn("the webhook of bridge '{}' took no news: status {}",
                                    notification.line.bridge, given_up.status);
                       under_way_.erase(number);
                   },
               },
               move);
}

void BridgeWebhook::send(std::uint64_t number, Notification& notification) {
    net::HttpFetch request;
    request.method = net::HttpMethod::Post;
    request.url = notification.line.webhook_url;
    request.time = kBridgeWebhookTime;
    request.fields.set("Content-Type", "application/json");
    if (notification.line.webhook_secret) {
        request.fields.set("X-Patchbay-Signature",
                           webhook_signature(notification.line.webhook_secret->reveal(),
                                             wall_.at(shard_.now()), notification.body));
    }
    request.body = notification.body;
    notification.request =
        pool_.send(std::move(request), [this, number](const Result<net::HttpResponse>& response) {
            const auto found = under_way_.find(number);
            if (found == under_way_.end()) {
                return;
            }
            const Result<int> status =
                response ? Result<int>(response->status) : tl::unexpected(response.error());
            follow(number, found->second.plan.handle(shard_.now(), status));
        });
}

void BridgeWebhook::send_again(Instant now) {
    std::vector<std::uint64_t> due;
    for (auto& [number, notification] : under_way_) {
        if (notification.again_at && *notification.again_at <= now) {
            notification.again_at.reset();
            due.push_back(number);
        }
    }
    for (const std::uint64_t number : due) {
        follow(number, under_way_.at(number).plan.next());
    }
    set_wakeup();
}

void BridgeWebhook::set_wakeup() {
    std::optional<Instant> next;
    for (const auto& [number, notification] : under_way_) {
        next = earlier(next, notification.again_at);
    }
    wakeup_.at(next);
}

}  // namespace patchbay::app
