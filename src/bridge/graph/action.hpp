// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"
#include "bridge/graph/notice.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace patchbay::bridge::graph {

enum class ActionKind : std::uint8_t { Connect, PreAccept, Accept, Reject, Terminate, Probe };

// One request to Graph: POST /{phone-number-id}/calls; a Probe is GET /{phone-number-id}.
struct Action {
    ActionKind kind = ActionKind::Probe;
    std::string call_id;  // none of Connect
    std::string to;       // of Connect: number without plus
    std::string sdp;      // of Connect, PreAccept, Accept
    std::string opaque;   // of Connect: comes back in its webhooks

    friend bool operator==(const Action&, const Action&) = default;
};

using ActionId = Strong<std::uint64_t, struct ActionIdTag>;
struct ActionRequest {
    ActionId id;
    Action action;
};

// What came of it.
struct Response {
    int status = 0;       // of HTTP
    std::string call_id;  // of a Connect that was taken
    std::optional<GraphError> error;
    std::optional<Seconds> retry_after;

    bool is_success() const { return status / 100 == 2 && !error; }
};
using ActionOutcome = Result<Response>;

}  // namespace patchbay::bridge::graph
