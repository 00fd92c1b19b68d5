// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// The notifications of a command, in the two dialects of the original. Responses are the same in
// both: they carry `status` and `event`.
namespace patchbay::api::jsonrpc {

enum class Dialect : std::uint8_t {
    Contract,  // {"method":"Event","params":{"cmd_id","data":"CALL_START"}}
    OpenSips,  // {"method":"CallStart","params":{"cmd_id","event":"TransferStart","data":{}}}
};
std::optional<Dialect> dialect_named(std::string_view name);  // "seed", "opensips"

// Whom a notification is about.
struct CommandIdentity {
    std::string cmd_id;
    std::string method;  // as the client spelt it
    Command command;
};

// Nothing where the dialect has no word for the step.
std::optional<std::string> write_progress(Dialect dialect,
                                          const CommandIdentity& about,
                                          const Progress& progress);
std::string write_failure(Dialect dialect, const CommandIdentity& about, const std::string& text);
std::string write_end(Dialect dialect, const CommandIdentity& about);

}  // namespace patchbay::api::jsonrpc
