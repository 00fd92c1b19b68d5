// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/opensips/mi_message.hpp"

#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <limits>

namespace patchbay::api::jsonrpc::opensips {

// A reply or a notification: whichever members it has.
struct MiDatagram {
    std::optional<std::int64_t> id;
    std::optional<MiError> error;
    std::optional<JsonText> result;
    std::optional<std::string> method;
    std::optional<MiParameters> params;
};
struct MiRequest {
    std::string jsonrpc = "2.0";
    std::int64_t id = 0;
    std::string method;
    MiParameters params;
};
struct MiServer {
    std::optional<std::string> server;
};
struct MiDialogs {
    std::optional<MiDialog> dialog;
    std::vector<MiDialog> dialogs;
};

BOOST_DESCRIBE_STRUCT(MiError, (), (code, message))
BOOST_DESCRIBE_STRUCT(MiDatagram, (), (id, error, result, method, params))
BOOST_DESCRIBE_STRUCT(MiRequest, (), (jsonrpc, id, method, params))
BOOST_DESCRIBE_STRUCT(MiTransaction, (), (status, ruri, next_hop, routes, message))
BOOST_DESCRIBE_STRUCT(MiServer, (), (server))
BOOST_DESCRIBE_STRUCT(MiDialog, (), (callid, state, from_uri, to_uri))
BOOST_DESCRIBE_STRUCT(MiDialogs, (), (dialog, dialogs))

}  // namespace patchbay::api::jsonrpc::opensips

namespace patchbay::wire {

namespace opensips = api::jsonrpc::opensips;

template <>
struct Spelling<opensips::MiTransaction> {
    static constexpr std::array kWireNames{
        Rename{"status", "Status"}, Rename{"ruri", "RURI"}, Rename{"next_hop", "Next-hop"},
        Rename{"routes", "Routes"}, Rename{"message", "Message"}};
};
template <>
struct Spelling<opensips::MiServer> {
    static constexpr std::array kWireNames{Rename{"server", "Server"}};
};
template <>
struct Spelling<opensips::MiDialog> {
    static constexpr Case kWireCase = Case::Snake;
};
template <>
struct Spelling<opensips::MiDialogs> {
    static constexpr std::array kWireNames{Rename{"dialog", "Dialog"},
                                           Rename{"dialogs", "Dialogs"}};
};

}  // namespace patchbay::wire

namespace patchbay::api::jsonrpc::opensips {

std::string write_mi_request(std::uint32_t id,
                             std::string_view method,
                             const MiParameters& parameters) {
    return wire::encode(MiRequest{.id = id, .method = std::string(method), .params = parameters});
}

std::string MiError::text() const {
    return std::to_string(code.value_or(0)) + " " + message.value_or("");
}

std::string MiEvent::text(std::string_view key) const {
    const auto found = parameters.find(key);
    return found == parameters.end() ? std::string() : found->second;
}

std::optional<std::variant<MiReply, MiEvent>> read_mi_datagram(std::string_view text) {
    auto datagram = wire::decode_document<MiDatagram>(text);
    if (!datagram) {
        return std::nullopt;
    }
    if (!datagram->id) {
        if (!datagram->method || !datagram->params) {
            return std::nullopt;
        }
        return MiEvent{*std::move(datagram->method), *std::move(datagram->params)};
    }
    if (*datagram->id < 0 || *datagram->id > std::numeric_limits<std::int32_t>::max() ||
        (!datagram->error && !datagram->result)) {
        return std::nullopt;
    }
    return MiReply{.id = static_cast<std::uint32_t>(*datagram->id),
                   .error = std::move(datagram->error),
                   .result = datagram->result.value_or(JsonText())};
}

MiTransaction read_transaction(const JsonText& result) {
    return wire::decode_document<MiTransaction>(result.json()).value_or(MiTransaction());
}

std::string read_server(const JsonText& result) {
    return wire::decode_document<MiServer>(result.json()).value_or(MiServer()).server.value_or("");
}

std::vector<MiDialog> read_dialogs(const JsonText& result) {
    MiDialogs read = wire::decode_document<MiDialogs>(result.json()).value_or(MiDialogs());
    if (read.dialog) {
        read.dialogs.push_back(*std::move(read.dialog));
    }
    return std::move(read.dialogs);
}

}  // namespace patchbay::api::jsonrpc::opensips
