// SPDX-License-Identifier: Apache-2.0
// What the Call API asks of a shard's calls.
#include "app/calls/reports.hpp"
#include "app/shard/runtime.hpp"

#include <utility>

namespace patchbay::app {
namespace {

call::ThirdPartyReported gone(call::OperationId operation) {
    return {operation,
            {.stage = call::ThirdPartyStage::Failed,
             .call_id = {},
             .status = 481,
             .reason = "481 the call has ended"}};
}

}  // namespace

void ShardRuntime::start_call(call::OperationId operation, call::ThirdPartyRequest request) {
    ++counters_.calls_begun;
    step([&](call::Effects& out) {
        exchange_.start_call(shard_.now(), operation, std::move(request), out);
    });
}

void ShardRuntime::redirect(call::OperationId operation,
                            const call::SessionId& party,
                            const std::string& destination) {
    const auto key = exchange_.find(party);
    if (!key) {
        return services_.reports.tell(shard_.index(), gone(operation));
    }
    step([&](call::Effects& out) {
        exchange_.redirect(shard_.now(), operation, *key, destination, out);
    });
}

void ShardRuntime::connect(call::OperationId operation,
                           const call::SessionId& party,
                           const call::SessionId& other) {
    const auto first = exchange_.find(party);
    if (!first) {
        return services_.reports.tell(shard_.index(), gone(operation));
    }
    step([&](call::Effects& out) {
        exchange_.connect(shard_.now(), operation, *first, other, out);
    });
}

void ShardRuntime::cancel(call::OperationId operation) {
    step([&](call::Effects& out) { (void)exchange_.cancel(shard_.now(), operation, out); });
}

std::optional<sip::DialogIdentity> ShardRuntime::dialog(const call::SessionId& id) const {
    const auto key = exchange_.find(id);
    return key ? exchange_.dialog(*key) : std::nullopt;
}

}  // namespace patchbay::app
