// SPDX-License-Identifier: Apache-2.0
#include "app/webhook/webhook.hpp"

#include "api/messages/incoming_notice.hpp"
#include "base/hmac_sha256.hpp"
#include "base/overloaded.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

namespace patchbay::app {

std::string webhook_signature(std::string_view secret, WallTime now, std::string_view body) {
    const std::int64_t seconds = now.milliseconds / 1000;
    return fmt::format("t={},v1={}", seconds,
                       hmac_sha256_hex(secret, fmt::format("{}.{}", seconds, body)));
}

Webhook::Webhook(net::Shard& shard, const HandlerConfig& config, WallAnchor wall, Missing missing)
    : shard_(shard),
      config_(config),
      wall_(wall),
      missing_(std::move(missing)),
      pool_(shard),
      wakeup_(shard, [this](Instant now) { send_again(now); }) {}

void Webhook::notify(const call::AskApplication& call) {
    const api::IncomingNotice notice{.dialog_id = call.id.value(),
                                     .created_at = {call.created_at},
                                     .caller = call.caller,
                                     .callee = call.callee,
                                     .event = "invite",
                                     .headers = call.headers,
                                     .offer = call.offer};
    const auto [entry, added] = under_way_.insert_or_assign(
        call.session, Notification{.plan = {config_.urls.size(), next_url_++, config_.attempts},
                                   .body = api::encode_body(notice),
                                   .request = {},
                                   .again_at = std::nullopt});
    follow(call.session, entry->second.plan.next());
}

void Webhook::follow(call::SessionKey session, const WebhookPlan::Move& move) {
    Notification& notification = under_way_.at(session);
    std::visit(Overloaded{
                   [&](const WebhookPlan::Ask& ask) { send(session, notification, ask.url); },
                   [&](const WebhookPlan::Wait& wait) {
                       notification.again_at = wait.until;
                       set_wakeup();
                   },
                   [&](const WebhookPlan::Taken&) {
                       ++counters_.taken;
                       under_way_.erase(session);
                   },
                   [&](const WebhookPlan::GivenUp&) {
                       ++counters_.failed;
                       under_way_.erase(session);
                       missing_(session);
                   },
               },
               move);
}

void Webhook::send(call::SessionKey session, Notification& notification, std::size_t url) {
    ++counters_.requests;
    net::HttpFetch request;
    request.method = net::parse_http_method(config_.method);
    request.url = config_.urls[url];
    request.time = config_.timeout;
    request.fields.add("Content-Type", "application/json");
    for (const auto& [name, value] : config_.headers) {
        request.fields.set(name, value.reveal());
    }
    if (config_.secret) {
        request.fields.set(
            "X-Patchbay-Signature",
            webhook_signature(config_.secret->reveal(), wall_.at(shard_.now()), notification.body));
    }
    request.body = notification.body;
    notification.request =
        pool_.send(std::move(request), [this, session](const Result<net::HttpResponse>& response) {
            answered(session, response);
        });
}

void Webhook::answered(call::SessionKey session, const Result<net::HttpResponse>& response) {
    const auto found = under_way_.find(session);
    if (found == under_way_.end()) {
        return;
    }
    Result<int> status = fail(Errc::Unavailable, "webhook");
    if (response) {
        status = response->status;
    } else {
        status = tl::unexpected(response.error());
        spdlog::warn("the webhook was not reached: {}", describe(response.error()));
    }
    follow(session, found->second.plan.handle(shard_.now(), status));
}

void Webhook::send_again(Instant now) {
    std::vector<call::SessionKey> due;
    for (auto& [session, notification] : under_way_) {
        if (notification.again_at && *notification.again_at <= now) {
            notification.again_at.reset();
            due.push_back(session);
        }
    }
    for (const call::SessionKey session : due) {
        follow(session, under_way_.at(session).plan.next());
    }
    set_wakeup();
}

void Webhook::set_wakeup() {
    std::optional<Instant> next;
    for (const auto& [session, notification] : under_way_) {
        next = earlier(next, notification.again_at);
    }
    wakeup_.at(next);
}

}  // namespace patchbay::app
