// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/audio_join.hpp"
#include "call/ids.hpp"
#include "call/keys.hpp"
#include "call/operation.hpp"
#include "sip/header/call_id.hpp"

#include <memory>
#include <optional>
#include <string>

namespace patchbay::call {

// A call wants to hear another one, wherever on the server that lives.
struct BridgeRequest {
    SessionKey session;  // who asks: the join's first side
    SessionId id;
    SessionId target;
    std::optional<std::string> request_id = std::nullopt;  // under which the client hears of it
    std::shared_ptr<AudioJoin> join = nullptr;             // shared by the two calls
    // A third party connects the two: each leaves the call that it is in, and ends with the other.
    std::optional<OperationId> operation = std::nullopt;
    // The far end of a call connects the other party of that call, which is `session`, with the
    // other party of this dialog, in place of `target`.
    std::optional<sip::Replaces> dialog = std::nullopt;
    SessionKey asked_by = {};

    bool connects() const { return operation || dialog; }
};

}  // namespace patchbay::call
