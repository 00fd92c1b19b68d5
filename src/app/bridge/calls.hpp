// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/bridge/whatsapp_calls.hpp"
#include "bridge/plan.hpp"
#include "call/summary.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::app {

class BridgeHistory;

// The calls with WhatsApp users of all shards, by the trunks of the bridges: those that are, and
// the latest that were. Any thread.
class BridgeCalls final : public api::bridge::WhatsAppCalls {
  public:
    // At the start: knows what the history has, and adds to it from now on.
    void keep_in(BridgeHistory& history);
    // From now on; calls in progress keep the line that they began with.
    void use(std::vector<bridge::WhatsAppLine> lines);

    // Whom to tell what.
    struct News {
        bridge::WhatsAppLine line;
        api::bridge::WhatsAppCallChange change;
    };
    // From the call's shard, in the order of its changes; the end is one.
    std::optional<News> changed(const call::SessionSummary& summary, WallTime now);

    std::vector<api::bridge::WhatsAppCall> active() const override;
    std::vector<api::bridge::WhatsAppCall> history(std::size_t most) const override;
    std::optional<api::bridge::WhatsAppCall> find(std::string_view call_id) const override;
    Result<std::string> callee_of(std::string_view bridge, std::string_view number) const override;
    void note_error(std::string_view call_id, std::string_view words) override;
    std::optional<Control> control(std::string_view call_id) const override;
    void set_control(std::string_view call_id, const Control& control) override;

  private:
    struct Entry {
        bridge::WhatsAppLine line;
        api::bridge::WhatsAppCall call;
        std::string told;  // the latest event
    };

    const bridge::WhatsAppLine* line_of(const call::SessionSummary& summary) const;

    mutable std::mutex mutex_;  // guards the rest
    std::vector<bridge::WhatsAppLine> lines_;
    std::map<std::string, Entry, std::less<>> active_;        // by call id
    std::map<std::string, Control, std::less<>> controls_;    // of calls that a client holds
    std::map<std::string, std::string, std::less<>> errors_;  // said before the end
    std::deque<api::bridge::WhatsAppCall> ended_;             // the latest first
    BridgeHistory* history_ = nullptr;                        // null: nothing outlives the server
};

}  // namespace patchbay::app
