// SPDX-License-Identifier: Apache-2.0
#include "app/calls/reports.hpp"

#include <cstddef>

namespace patchbay::app {

void CallReports::add(net::Shard& shard, api::jsonrpc::OwnCalls& calls) {
    desks_.push_back(std::make_unique<Desk>(shard, calls));
}

void CallReports::watch(unsigned shard, bool on) {
    desks_[shard]->watches = on;
}

// At once where it is the same thread, so that reports and their effects keep their order. A full
// mailbox loses it, as it loses packets; what waits for it has a time of its own.
template <class Report>
void CallReports::hand(unsigned from, Desk& desk, const Report& report) {
    if (desk.shard.index() == from) {
        desk.calls.handle(report);
    } else {
        (void)desk.shard.post([&desk, report] { desk.calls.handle(report); });
    }
}

void CallReports::tell(unsigned from, const call::OperationReported& report) const {
    const auto shard = static_cast<std::size_t>(report.operation.value() >> kShardBit);
    if (shard < desks_.size()) {
        hand(from, *desks_[shard], report);
    }
}

void CallReports::tell(unsigned from, const call::ThirdPartyReported& report) const {
    const auto shard = static_cast<std::size_t>(report.operation.value() >> kShardBit);
    if (shard < desks_.size()) {
        hand(from, *desks_[shard], report);
    }
}

void CallReports::changed(unsigned from, const call::SessionSummary& summary) const {
    for (const auto& desk : desks_) {
        if (desk->watches) {
            hand(from, *desk, summary);
        }
    }
}

}  // namespace patchbay::app
