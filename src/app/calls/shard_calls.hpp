// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/call_control.hpp"
#include "app/calls/reports.hpp"
#include "app/shard/runtime.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace patchbay::app {

// The calls of the server as the Call API of one shard steers them: new ones are born on this
// shard, the others are reached on theirs. Whatever is asked of a call that is gone is reported as
// failed.
class ShardCalls final : public api::jsonrpc::CallControl {
  public:
    ShardCalls(ShardRuntime& runtime,
               const std::vector<ShardRuntime*>& runtimes,
               CallReports& reports,
               const std::atomic<bool>& draining)
        : runtime_(runtime), runtimes_(runtimes), reports_(reports), draining_(draining) {}

    std::vector<call::SessionSummary> list() const override;
    std::optional<call::SessionSummary> find(std::string_view callid) const override;
    call::OperationId next_operation() override;
    void start(call::OperationId operation, call::ThirdPartyRequest request) override;
    void command(const call::SessionId& session, call::ClientCommand command) override;
    void redirect(call::OperationId operation,
                  const call::SessionId& party,
                  std::string destination) override;
    void connect(call::OperationId operation,
                 const call::SessionId& party,
                 const call::SessionId& other) override;
    void cancel(call::OperationId operation, const call::SessionId& party) override;
    void kill(const call::SessionId& session) override;
    void watch(bool on) override;

  private:
    ShardRuntime* owner(const call::SessionId& session) const;
    // Runs it on the shard of that runtime. False when that shard takes nothing more.
    template <class Action>
    bool run(ShardRuntime& owner, Action action) const;
    void report_gone(call::OperationId operation) const;
    void refuse(std::optional<call::OperationId> operation, int status, std::string reason) const;
    void deliver(const call::SessionId& session, call::ClientCommand command) const;

    ShardRuntime& runtime_;
    const std::vector<ShardRuntime*>& runtimes_;
    CallReports& reports_;
    const std::atomic<bool>& draining_;
    std::uint64_t last_operation_ = 0;
};

}  // namespace patchbay::app
