// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json_text.hpp"
#include "base/strong.hpp"
#include "call/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

// What clients of the Call API ask for, as plain data. How it is spelt stands in
// command_description.hpp; docs/call-api.openrpc.json is made from both.
namespace patchbay::api::jsonrpc {

// The role of a party in the call, whichever way its SIP dialog was set up.
enum class Party : std::uint8_t { Caller, Callee };
std::string_view to_string(Party party);
inline Party other(Party party) {
    return party == Party::Caller ? Party::Callee : Party::Caller;
}

// Names a recording; `true` takes the call's own name.
using RecordName = Strong<std::string, struct RecordNameTag>;

// Where the audio of a call flows.
enum class MediaPath : std::uint8_t {
    Relay,   // through this server, which can record, transcode and steer it
    Direct,  // from phone to phone
};

// Calls the caller, and when he answers, the callee (RFC 3725).
struct CallStart {
    static constexpr std::string_view kMethod = "CallStart";
    std::string caller;
    std::string callee;
    std::optional<std::string> caller_name;         // shown to the callee
    std::optional<std::string> callee_name;         // shown to the caller
    std::optional<call::HandshakeTimeout> timeout;  // how long each of them may ring
    call::TextMap headers;                          // on both INVITEs
    std::optional<RecordName> record;
    std::optional<MediaPath> media;

    friend bool operator==(const CallStart&, const CallStart&) = default;
};

// Asks one party by REFER to call somebody else, and leaves the call (RFC 5359 2.4).
struct CallBlindTransfer {
    static constexpr std::string_view kMethod = "CallBlindTransfer";
    std::string callid;
    Party leg = Party::Caller;
    std::string destination;

    friend bool operator==(const CallBlindTransfer&, const CallBlindTransfer&) = default;
};

// Joins one party of each of two calls (RFC 5359 2.5).
struct CallAttendedTransfer {
    static constexpr std::string_view kMethod = "CallAttendedTransfer";
    std::string callid_a;
    Party leg_a = Party::Caller;
    std::string callid_b;
    Party leg_b = Party::Caller;
    std::optional<std::string> destination;  // mandatory by the contract, absent in later clients

    friend bool operator==(const CallAttendedTransfer&, const CallAttendedTransfer&) = default;
};

// Without a leg both parties are held.
struct CallHold {
    static constexpr std::string_view kMethod = "CallHold";
    std::string callid;
    std::optional<Party> leg;

    friend bool operator==(const CallHold&, const CallHold&) = default;
};

struct CallUnHold {
    static constexpr std::string_view kMethod = "CallUnHold";
    std::string callid;
    std::optional<Party> leg;

    friend bool operator==(const CallUnHold&, const CallUnHold&) = default;
};

struct CallEnd {
    static constexpr std::string_view kMethod = "CallEnd";
    std::string callid;

    friend bool operator==(const CallEnd&, const CallEnd&) = default;
};

// Sends keys to one party.
struct CallDtmf {
    static constexpr std::string_view kMethod = "CallDtmf";
    std::string callid;
    Party leg = Party::Callee;
    std::string digits;

    friend bool operator==(const CallDtmf&, const CallDtmf&) = default;
};

// Tells each change of state of one call, or of all calls of the server, until it is canceled.
struct CallSubscribe {
    static constexpr std::string_view kMethod = "CallSubscribe";
    std::optional<std::string> callid;

    friend bool operator==(const CallSubscribe&, const CallSubscribe&) = default;
};

// Gives its parameters back.
struct Echo {
    static constexpr std::string_view kMethod = "Echo";
    JsonText params;

    friend bool operator==(const Echo&, const Echo&) = default;
};

// Commands run: each has a `cmd_id`, is `Started`, tells how it goes, and is `Ended` once.
using Command = std::variant<CallStart,
                             CallBlindTransfer,
                             CallAttendedTransfer,
                             CallHold,
                             CallUnHold,
                             CallEnd,
                             CallDtmf,
                             CallSubscribe,
                             Echo>;
std::string_view method_of(const Command& command);

// The calls of the server.
struct CallList {
    static constexpr std::string_view kMethod = "CallList";

    friend bool operator==(const CallList&, const CallList&) = default;
};

struct CallInfo {
    static constexpr std::string_view kMethod = "CallInfo";
    std::string callid;

    friend bool operator==(const CallInfo&, const CallInfo&) = default;
};

// Ends a command that runs on this connection: a call that is being started is hung up.
struct CallCancel {
    static constexpr std::string_view kMethod = "CallCancel";
    std::string cmd_id;

    friend bool operator==(const CallCancel&, const CallCancel&) = default;
};

// Queries are answered by their response, and that is all.
using Query = std::variant<CallList, CallInfo, CallCancel>;

}  // namespace patchbay::api::jsonrpc
