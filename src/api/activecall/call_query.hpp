// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/ids.hpp"
#include "net/http_message.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace patchbay::api::activecall {

// What the address of a call's WebSocket says. Every parameter has the spelling of the contract and
// those that the original and its documents use; where two are present the contract's wins.
struct CallQuery {
    std::optional<call::SessionId> id;             // id
    bool dump = true;                              // dump, dump_events
    Seconds resume{0};                             // resume: the call survives its socket so long
    std::optional<std::string> resume_token;       // resumeToken: the client comes back
    std::uint64_t last_sequence = 0;               // lastSeq: of the last event that it saw
    Seconds ping_interval{20};                     // pingInterval, ping, ping_interval; 0: none
    bool binary_as_json = false;                   // binaryEvents=json
    std::string server_track = "serverSideTrack";  // serverSideTrack, server_side_track

    friend bool operator==(const CallQuery&, const CallQuery&) = default;
};

// Unknown parameters are ignored. The error is a sentence for the client: it names the parameter.
tl::expected<CallQuery, std::string> parse_call_query(const net::HttpRequest& request);

}  // namespace patchbay::api::activecall
