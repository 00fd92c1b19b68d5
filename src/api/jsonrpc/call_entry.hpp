// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/command.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What lists and notifications show of a call.
namespace patchbay::api::jsonrpc {

enum class CallState : std::uint8_t { Calling, Ringing, Answered, Ended };

// One party that this server has a dialog with.
struct CallLeg {
    Party leg = Party::Caller;
    std::string uri;
    std::string callid;   // SIP Call-ID; empty until there is one
    std::string session;  // its name in the Active Call API; empty behind a proxy
    CallState state = CallState::Calling;

    friend bool operator==(const CallLeg&, const CallLeg&) = default;
};

struct CallEntry {
    std::string callid;  // by which it is named in commands; so do the callid and session of a leg
    CallState state = CallState::Calling;
    std::string caller;
    std::string callee;
    std::optional<DateTime> created_at;
    std::optional<DateTime> answered_at;
    std::optional<DateTime> ended_at;
    std::optional<std::string> reason;  // of the end
    std::vector<CallLeg> legs;

    friend bool operator==(const CallEntry&, const CallEntry&) = default;
};

// The results of queries.
struct CallListResult {
    std::vector<CallEntry> calls;
};
struct CallInfoResult {
    CallEntry call;
};

JsonText to_json(const CallEntry& entry);
JsonText to_json(const CallListResult& result);
JsonText to_json(const CallInfoResult& result);

}  // namespace patchbay::api::jsonrpc
