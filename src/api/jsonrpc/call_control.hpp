// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/client_command.hpp"
#include "call/ids.hpp"
#include "call/operation.hpp"
#include "call/summary.hpp"
#include "call/third_party.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::api::jsonrpc {

// What the embedded backend needs of the server's calls, whichever shard has them. `app` implements
// it over the shards, tests over one Exchange. Reports of operations come to OwnCalls::handle().
class CallControl {
  public:
    CallControl() = default;
    CallControl(const CallControl&) = delete;
    CallControl& operator=(const CallControl&) = delete;
    virtual ~CallControl() = default;

    virtual std::vector<call::SessionSummary> list() const = 0;
    // By session id or SIP Call-ID.
    virtual std::optional<call::SessionSummary> find(std::string_view callid) const = 0;
    virtual call::OperationId next_operation() = 0;

    virtual void start(call::OperationId operation, call::ThirdPartyRequest request) = 0;
    virtual void command(const call::SessionId& session, call::ClientCommand command) = 0;
    virtual void redirect(call::OperationId operation,
                          const call::SessionId& party,
                          std::string destination) = 0;
    virtual void connect(call::OperationId operation,
                         const call::SessionId& party,
                         const call::SessionId& other) = 0;
    // Of start() and redirect().
    virtual void cancel(call::OperationId operation, const call::SessionId& party) = 0;
    virtual void kill(const call::SessionId& session) = 0;
    // From now on changes of calls are handed to OwnCalls::handle(), or not any more.
    virtual void watch(bool on) = 0;
};

}  // namespace patchbay::api::jsonrpc
