// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/control_socket.hpp"
#include "app/server/services.hpp"
#include "app/shard/runtime.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace patchbay::app {

// Everything that one shard counts, copied at one moment.
struct ShardSnapshot {
    unsigned index = 0;
    ShardCounters runtime;
    api::activecall::ControlCounters control;
    std::size_t control_sockets = 0;
    std::size_t http_connections = 0;
    std::uint64_t http_refused = 0;
};

// What the server counts beside its shards.
struct ServerCounts {
    Nanoseconds uptime{0};
    std::uint64_t tls_reloads_refused = 0;
    ServerServices::Counts services;
};

// The body of GET /metrics: sums over the shards, and per shard what only makes sense there.
std::string write_metrics(std::span<const ShardSnapshot> shards, const ServerCounts& server);

// What /health tells.
struct ServerHealth {
    bool draining = false;
    Nanoseconds uptime{0};
    std::size_t calls = 0;
    std::size_t shards = 0;
    std::vector<call::AccountStatus> accounts;
    std::vector<call::TrunkStatus> trunks;
};
// The body of GET /health: {"status":"ok","version":"0.1.0","uptime":12,"calls":3,"shards":2},
// and "registrations" and "trunks" (those that are pinged) where there are any.
std::string write_health(const ServerHealth& health);

}  // namespace patchbay::app
