// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/command.hpp"
#include "base/json_text.hpp"
#include "base/strong.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

// What a backend says of the commands that it carries out; both dialects are written from it.
namespace patchbay::api::jsonrpc {

// One running command or query between a connection and the backend. Unique on its shard.
using CommandKey = Strong<std::uint64_t, struct CommandKeyTag>;

enum class Step : std::uint8_t {
    CallerAnswered,   // CallStart: the first party is there
    Transferring,     // CallStart: the callee is being called; transfers: the party accepted
    TransferStart,    // the new call is under way
    TransferPending,  // its provisional responses
    TransferDone,     // its answer
    Holding,          // the backend is at it
    HoldStart,        // one party is asked
    HoldDone,         // one party agreed
    Unholding,
    UnholdStart,
    UnholdDone,
    Reply,      // of Echo
    CallState,  // to a subscriber
};

struct Progress {
    Step step = Step::Reply;
    std::optional<std::string> callid = std::nullopt;  // of the call to use in later commands
    std::optional<Party> leg = std::nullopt;
    std::optional<std::string> destination = std::nullopt;  // as routed, if not as asked
    std::optional<std::string> extra = std::nullopt;        // "180 Ringing"
    std::optional<JsonText> data = std::nullopt;            // of Reply and CallState

    friend bool operator==(const Progress&, const Progress&) = default;
};

// The command is over, and did not do what it should.
struct Failed {
    int code = 0;      // SIP status, or a code of JSON-RPC
    std::string text;  // "486 Busy Here"

    friend bool operator==(const Failed&, const Failed&) = default;
};

// The command is over.
struct Done {
    friend bool operator==(const Done&, const Done&) = default;
};

// To a query.
struct QueryResult {
    JsonText result;

    friend bool operator==(const QueryResult&, const QueryResult&) = default;
};

using Report = std::variant<Progress, Failed, Done, QueryResult>;

}  // namespace patchbay::api::jsonrpc
