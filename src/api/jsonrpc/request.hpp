// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/command.hpp"
#include "base/json_text.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// JSON-RPC 2.0 (jsonrpc.org/specification): what a text of a client holds.
namespace patchbay::api::jsonrpc {

// Section 5.1 of the specification, and one of ours.
namespace error_code {
inline constexpr int kParse = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;
inline constexpr int kServer = -32000;
}  // namespace error_code

struct Request {
    std::optional<JsonText> id;  // absent: a notification, to which nobody answers
    std::string method;          // as it was spelt
    std::optional<std::string> cmd_id;
    std::variant<Command, Query> what;
};

// A request that cannot be served. `id` as above; null where it could not be read.
struct RefusedRequest {
    std::optional<JsonText> id;
    int code = error_code::kInvalidRequest;
    std::string message;
    // Where only the command's own parameters are wrong: what the original's clients are told of a
    // command that has started.
    std::optional<std::string> method;
    std::optional<std::string> cmd_id;
};

using ReadRequest = std::variant<Request, RefusedRequest>;

struct Document {
    bool is_batch = false;
    std::vector<ReadRequest> requests;  // at least one
};

Document read_document(std::string_view text);

std::string write_result(const JsonText& id, const JsonText& result);
std::string write_error(const JsonText& id, int code, const std::string& message);

}  // namespace patchbay::api::jsonrpc
