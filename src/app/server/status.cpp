// SPDX-License-Identifier: Apache-2.0
// What a server tells of itself: /health, /metrics, the traces of calls and how they sound.
#include "api/messages/call_quality.hpp"
#include "api/prometheus.hpp"
#include "app/limits.hpp"
#include "app/server/gather.hpp"
#include "app/server/state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace patchbay::app {
namespace {

bool belongs_to(const call::SessionSummary& one, const call::SessionId& id) {
    return one.id == id || one.main_call == id || one.partner == id;
}

// The latest of them, since it is they that somebody looks at.
std::vector<call::SessionId> to_measure(const std::vector<call::SessionSummary>& calls,
                                        const std::optional<call::SessionId>& id) {
    std::vector<call::SessionId> ids;
    for (auto one = calls.rbegin(); one != calls.rend() && ids.size() < kMaxMeasuredCalls; ++one) {
        if (!id || belongs_to(*one, *id)) {
            ids.push_back(one->id);
        }
    }
    return ids;
}

}  // namespace

ShardSnapshot Server::State::snapshot(const ShardHouse& house) const {
    return {.index = house.shard->index(),
            .runtime = house.runtime->counters(),
            .control = house.active_call->counters(),
            .control_sockets = house.active_call->sockets(),
            .http_connections = house.http->connections(),
            .http_refused = house.http->refused_connections()};
}

void Server::State::scrape(net::Responder responder) {
    gather(
        houses_, [this](const ShardHouse& house) { return snapshot(house); },
        [this, responder = std::move(responder)](std::vector<ShardSnapshot> snapshots) mutable {
            std::sort(snapshots.begin(), snapshots.end(),
                      [](const auto& a, const auto& b) { return a.index < b.index; });
            net::HttpResponse response = net::HttpResponse::text(
                200, write_metrics(snapshots, {.uptime = net::monotonic_now() - started_,
                                               .tls_reloads_refused = tls_reloads_refused_.load(),
                                               .services = sip_services_->counts()}));
            response.fields.set("Content-Type", std::string(api::PrometheusText::kContentType));
            responder.send(std::move(response));
        });
}

// The shards are asked how their registrations and trunks do.
void Server::State::answer_health(net::Responder responder) {
    gather(
        houses_, [](const ShardHouse& house) { return house.runtime->neighbours(); },
        [this, responder = std::move(responder)](
            const std::vector<ShardRuntime::Neighbours>& neighbours) mutable {
            ServerHealth health{.draining = draining_,
                                .uptime = net::monotonic_now() - started_,
                                .calls = directory_.count(),
                                .shards = houses_.size(),
                                .accounts = {},
                                .trunks = {}};
            for (const auto& [accounts, trunks] : neighbours) {
                health.accounts.insert(health.accounts.end(), accounts.begin(), accounts.end());
                health.trunks.insert(health.trunks.end(), trunks.begin(), trunks.end());
            }
            responder.send(net::HttpResponse::json(200, write_health(health)));
        });
}

void Server::State::answer_quality(const std::optional<call::SessionId>& id,
                                   net::Responder responder) {
    auto ids = to_measure(directory_.list(), id);
    if (id && ids.empty()) {
        responder.send(
            net::HttpResponse::error(404, fmt::format("no call has the id '{}'", id->value())));
        return;
    }
    gather(
        houses_,
        [ids = std::move(ids)](const ShardHouse& house) { return house.runtime->summaries(ids); },
        [responder = std::move(responder)](
            const std::vector<std::vector<call::SessionSummary>>& found) mutable {
            std::vector<call::SessionSummary> calls;
            for (const auto& some : found) {
                calls.insert(calls.end(), some.begin(), some.end());
            }
            std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) {
                return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
            });
            responder.send(
                net::HttpResponse::json(200, api::encode_body(api::make_quality_list(calls))));
        });
}

// All shards are asked, because a call that is over is in no directory any more.
void Server::State::answer_trace(const std::string& id, net::Responder responder) {
    gather(
        houses_, [id](const ShardHouse& house) { return house.runtime->trace(id); },
        [id, responder =
                 std::move(responder)](std::vector<std::optional<api::CallTrace>> traces) mutable {
            const auto found = std::find_if(traces.begin(), traces.end(),
                                            [](const auto& trace) { return trace.has_value(); });
            responder.send(found == traces.end()
                               ? net::HttpResponse::error(
                                     404, fmt::format("no trace of a call '{}' is kept", id))
                               : net::HttpResponse::json(200, api::encode_body(**found)));
        });
}

}  // namespace patchbay::app
