// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/strong.hpp"

#include <cstdint>
#include <string>

namespace patchbay::call {

// Names one long-running command of a client that wants to hear how it goes: hold, transfer. Chosen
// by that client, unique among its own.
using OperationId = Strong<std::uint64_t, struct OperationIdTag>;

// How far an operation has come, in words of SIP.
struct OperationStatus {
    int status = 0;      // 100-199: under way; 200-299: done; from 300 on: failed; 0: unknown
    std::string reason;  // empty: the RFC's phrase
    bool final = false;  // nothing more will be said

    friend bool operator==(const OperationStatus&, const OperationStatus&) = default;
};

}  // namespace patchbay::call
