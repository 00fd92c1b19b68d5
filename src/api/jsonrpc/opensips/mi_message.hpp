// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/json_text.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The datagrams of OpenSIPS: one JSON-RPC object each, requests to its management interface (module
// mi_datagram) and their replies, and the notifications of module event_datagram.
namespace patchbay::api::jsonrpc::opensips {

using MiParameters = std::map<std::string, std::string, std::less<>>;

// Ids are 32-bit signed numbers there; never a batch, which takes the whole proxy down.
std::string write_mi_request(std::uint32_t id,
                             std::string_view method,
                             const MiParameters& parameters);

struct MiError {
    std::optional<int> code;
    std::optional<std::string> message;

    std::string text() const;  // "404 Dialog not found"
};
// The answer to the request of this id: a result, or an error.
struct MiReply {
    std::uint32_t id = 0;
    std::optional<MiError> error;
    JsonText result;
};
// "E_CALL_TRANSFER" with its parameters; one that is null is not there.
struct MiEvent {
    std::string name;
    MiParameters parameters;

    std::string text(std::string_view key) const;  // empty: not there
};
// Nothing: it is neither, such as the plain text that a request which is no JSON is answered with.
std::optional<std::variant<MiReply, MiEvent>> read_mi_datagram(std::string_view datagram);

// The result of t_uac_dlg; what it does not have is empty.
struct MiTransaction {
    std::optional<std::string> status;  // "200 OK", "486 Busy Here"
    std::optional<std::string> ruri;    // where requests of the dialog go; of a 2xx only
    std::optional<std::string> next_hop;
    std::vector<std::string> routes;
    std::optional<std::string> message;  // headers and body of the response
};
MiTransaction read_transaction(const JsonText& result);

// The result of version: "OpenSIPS (4.1.0-dev (x86_64/linux))".
std::string read_server(const JsonText& result);

// A dialog as dlg_list shows it.
struct MiDialog {
    std::optional<std::string> callid;
    std::optional<int>
        state;  // 1 unconfirmed, 2 early, 3 confirmed without ACK, 4 confirmed, 5 deleted
    std::optional<std::string> from_uri;
    std::optional<std::string> to_uri;
};
// Of {"Dialogs": [...]} and {"Dialog": {...}}.
std::vector<MiDialog> read_dialogs(const JsonText& result);

}  // namespace patchbay::api::jsonrpc::opensips
