// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/audio_join.hpp"
#include "call/keys.hpp"
#include "call/operation.hpp"
#include "call/third_party.hpp"
#include "sip/event.hpp"

#include <memory>
#include <optional>
#include <string>

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
    // The party who is replaced has asked for it by REFER, and is the only one who is told.
    struct Asker {
        SessionKey session;
        sip::CallHandle call;
        sip::ReferHandle refer;
    };
    std::optional<Asker> asker;
    std::string trunk;   // by which the callee is called; empty: as is dialled
    bool rings = false;  // the callee's first provisional response was told
};

}  // namespace patchbay::call
