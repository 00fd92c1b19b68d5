// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/history.hpp"

#include "api/bridge/call_shapes.hpp"
#include "app/limits.hpp"
#include "store/line_file.hpp"
#include "store/one_time_job.hpp"
#include "store/whole_file.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>

namespace patchbay::app {

std::vector<api::bridge::WhatsAppCall> BridgeHistory::restore() const {
    const std::vector<std::string> lines = store::last_lines(file_, kKeptWhatsAppCalls);
    std::vector<api::bridge::WhatsAppCall> calls;
    std::string kept;
    for (const std::string& line : lines) {
        if (auto call = api::bridge::read_call(line)) {
            calls.push_back(*std::move(call));
            kept += line + '\n';
        }
    }
    if (lines.size() == kKeptWhatsAppCalls) {
        (void)store::write_whole_file(file_, kept, store::Durability::Process);
    }
    std::ranges::reverse(calls);
    return calls;
}

void BridgeHistory::add(const api::bridge::WhatsAppCall& call) {
    disk_.add(store::make_one_time_job([file = file_, line = api::bridge::encode_body(call)] {
        if (const auto written = store::append_line(file, line); !written) {
            spdlog::warn("a WhatsApp call is not kept in {}: {}", file.string(),
                         describe(written.error()));
        }
    }));
}

}  // namespace patchbay::app
