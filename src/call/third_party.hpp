// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/limits.hpp"
#include "call/options.hpp"

#include <cstdint>
#include <optional>
#include <string>

// Calls between two parties that a third one asks for (RFC 3725): click-to-dial, and transfers of
// phones that do not know REFER. Plain data.
namespace patchbay::call {

// Which of the two parties of a call somebody is, whoever called whom in SIP.
enum class PartyRole : std::uint8_t { Caller, Callee };

struct ThirdPartyRequest {
    std::string caller;  // SIP or tel URI, or a bare number
    std::string callee;
    std::string caller_name;                // shown to the callee
    std::string callee_name;                // shown to the caller
    std::optional<Milliseconds> ring_time;  // of each of them
    TextMap headers;                        // on both INVITEs
    std::optional<RecorderOption> recorder;
    bool direct = false;  // media flows from phone to phone, and not here
};

enum class ThirdPartyStage : std::uint8_t {
    CallerAnswered,  // the first party is there
    CalleeCalled,    // the INVITE to the other one has been asked for
    CalleeRings,     // a provisional response of his
    CalleeAnswered,  // the two are in a call; the last stage
    Failed,          // the last stage as well; nothing of the new call is left
};

struct ThirdPartyStatus {
    ThirdPartyStage stage = ThirdPartyStage::Failed;
    std::string call_id;  // of the newest leg
    int status = 0;       // SIP's, of CalleeRings and Failed
    std::string reason;   // of Failed

    friend bool operator==(const ThirdPartyStatus&, const ThirdPartyStatus&) = default;
};

}  // namespace patchbay::call
