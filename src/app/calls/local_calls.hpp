// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/calls.hpp"
#include "app/shard/runtime.hpp"

#include <atomic>
#include <memory>
#include <vector>

namespace patchbay::app {

// The calls of the server as the API of one shard sees them: new ones are born on this shard, lists
// come from the directory, and whatever means a call of another shard crosses to it.
class LocalCalls final : public api::activecall::Calls {
  public:
    // `draining`: set when the server goes down; no new call begins from then on.
    LocalCalls(ShardRuntime& runtime,
               const std::vector<ShardRuntime*>& runtimes,
               const std::atomic<bool>& draining)
        : runtime_(runtime), runtimes_(runtimes), draining_(draining) {}

    Result<std::unique_ptr<api::activecall::PendingCall>> reserve(
        const call::SessionId& id) override;
    Result<std::unique_ptr<api::activecall::PendingCall>> resume(
        const call::SessionId& id, std::string_view token, std::uint64_t last_sequence) override;
    call::SessionId make_id() override;
    std::vector<call::SessionSummary> list() const override;
    Result<void> kill(const call::SessionId& id) override;
    Result<void> command(const call::SessionId& id, call::ClientCommand command) override;
    Result<std::unique_ptr<api::activecall::Observation>> observe(
        const call::SessionId& id, api::activecall::CallListener& listener) override;

  private:
    Result<ShardRuntime*> owner_of(const call::SessionId& id) const;

    ShardRuntime& runtime_;
    const std::vector<ShardRuntime*>& runtimes_;
    const std::atomic<bool>& draining_;
};

}  // namespace patchbay::app
