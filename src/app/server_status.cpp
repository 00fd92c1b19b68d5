// SPDX-License-Identifier: Apache-2.0
// What a server tells of itself: /health, /metrics, the traces of calls.
#include "api/prometheus.hpp"
#include "app/server_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

namespace patchbay::app {
namespace {

// Asks every shard for a copy of something, each on its own thread; the one that answers last hands
// all of them to `done`.
template <class Copy, class Done>
void gather(const std::vector<std::unique_ptr<ShardHouse>>& houses, Copy copy, Done done) {
    using Value = std::invoke_result_t<Copy&, const ShardHouse&>;
    struct Round {
        Round(Copy how, Done then, std::size_t count)
            : copy(std::move(how)), finish(std::move(then)), missing(count) {}

        Copy copy;
        Done finish;
        std::mutex mutex;  // guards the rest
        std::vector<Value> values;
        std::size_t missing;
    };
    // Shared by the shards that still have to answer.
    const auto round = std::make_shared<Round>(std::move(copy), std::move(done), houses.size());
    for (const auto& house : houses) {
        (void)house->shard->post([round, one = house.get()] {
            Value value = round->copy(*one);
            const std::lock_guard lock(round->mutex);
            round->values.push_back(std::move(value));
            if (--round->missing == 0) {
                round->finish(std::move(round->values));
            }
        });
    }
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

// The shards are asked how their registrations do.
void Server::State::answer_health(net::Responder responder) {
    gather(
        houses_, [](const ShardHouse& house) { return house.runtime->accounts(); },
        [this, responder = std::move(responder)](
            std::vector<std::vector<call::AccountStatus>> accounts) mutable {
            ServerHealth health{.draining = draining_,
                                .uptime = net::monotonic_now() - started_,
                                .calls = directory_.count(),
                                .shards = houses_.size(),
                                .accounts = {}};
            for (const auto& of_shard : accounts) {
                health.accounts.insert(health.accounts.end(), of_shard.begin(), of_shard.end());
            }
            responder.send(net::HttpResponse::json(200, write_health(health)));
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
