// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/own_calls.hpp"
#include "call/effects.hpp"
#include "net/shard.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

namespace patchbay::app {

// Brings what the shards report of operations to the shard that asked for them, and changes of
// calls to the shards where somebody listens. Shared by the shards, complete before they start.
class CallReports {
  public:
    // The shard that asked stands in the upper bits of an operation's name.
    static call::OperationId operation(unsigned shard, std::uint64_t number) {
        return call::OperationId((std::uint64_t{shard} << kShardBit) | number);
    }

    void add(net::Shard& shard, api::jsonrpc::OwnCalls& calls);
    // Any thread: whether this shard hears changes of calls.
    void watch(unsigned shard, bool on);

    // From the thread of shard `from`.
    void tell(unsigned from, const call::OperationReported& report) const;
    void tell(unsigned from, const call::ThirdPartyReported& report) const;
    void changed(unsigned from, const call::SessionSummary& summary) const;

  private:
    static constexpr unsigned kShardBit = 48;
    struct Desk {
        Desk(net::Shard& shard_in, api::jsonrpc::OwnCalls& calls_in)
            : shard(shard_in), calls(calls_in) {}

        net::Shard& shard;
        api::jsonrpc::OwnCalls& calls;
        std::atomic<bool> watches{false};
    };
    template <class Report>
    static void hand(unsigned from, Desk& desk, const Report& report);

    std::vector<std::unique_ptr<Desk>> desks_;  // by shard
};

}  // namespace patchbay::app
