// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/audio_join.hpp"
#include "call/keys.hpp"
#include "call/operation.hpp"
#include "call/third_party.hpp"

#include <memory>
#include <optional>

namespace patchbay::call {

// A call that a third party has asked for, until its callee has answered: from then on it is two
// parties that hear each other, as any forwarded call.
struct ThirdPartyCall {
    OperationId operation;
    ThirdPartyRequest request;
    SessionKey caller;
    std::optional<SessionKey> callee;    // called
    std::optional<SessionKey> replaced;  // a transfer: whose place the callee takes
    bool in_call = false;  // the callee is in another call, and leaves it when all is settled
    std::shared_ptr<AudioJoin> join = std::make_shared<AudioJoin>();
    bool rings = false;  // the callee's first provisional response was told
};

}  // namespace patchbay::call
