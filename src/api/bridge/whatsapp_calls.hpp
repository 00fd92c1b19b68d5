// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::api::bridge {

// A call with a WhatsApp user, by whichever side, in the words that users of WhatsApp call APIs
// know.
struct WhatsAppCall {
    std::string call_id;  // of the engine: all other APIs know it by that
    std::string bridge;
    std::string direction;       // "inbound": the user calls; "outbound"
    std::string status;          // "connecting", "ringing", "active", "ended"
    std::string phone;           // of the user, or his id
    bool awaits_accept = false;  // nobody but a client of this API can answer it
    DateTime started_at;
    std::optional<DateTime> accepted_at;
    std::optional<DateTime> ended_at;
    std::optional<std::string> end_reason;  // "terminate", "rejected", "missed", "busy", ...
    std::optional<int> end_status;          // SIP's
    std::optional<std::string> error;       // in words, where the other side gave any
};

// A change of one call, as the webhook tells it: "call.ringing", "call.active", "call.ended".
struct WhatsAppCallChange {
    std::string event;
    DateTime timestamp;
    WhatsAppCall call;
};

// The calls of all bridges and shards. Any thread.
class WhatsAppCalls {
  public:
    WhatsAppCalls() = default;
    WhatsAppCalls(const WhatsAppCalls&) = delete;
    WhatsAppCalls& operator=(const WhatsAppCalls&) = delete;
    virtual ~WhatsAppCalls() = default;

    // Those that are, oldest first.
    virtual std::vector<WhatsAppCall> active() const = 0;
    // Those that were, the latest first; a restart forgets none.
    virtual std::vector<WhatsAppCall> history(std::size_t most) const = 0;
    virtual std::optional<WhatsAppCall> find(std::string_view call_id) const = 0;
    // The callee, for the engine, that leads to a number by a bridge. NotFound: there is no such
    // bridge. WrongState: it is not enabled, or nothing leads to WhatsApp.
    virtual Result<std::string> callee_of(std::string_view bridge,
                                          std::string_view number) const = 0;
    // What was said of a call that failed.
    virtual void note_error(std::string_view call_id, std::string_view words) = 0;

    // By which the client of a call may come back from another connection, and what it has seen.
    struct Control {
        std::string token;
        std::uint64_t last_sequence = 0;
    };
    virtual std::optional<Control> control(std::string_view call_id) const = 0;
    virtual void set_control(std::string_view call_id, const Control& control) = 0;
};

}  // namespace patchbay::api::bridge
