// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/request.hpp"

#include "api/jsonrpc/command_description.hpp"
#include "api/limits.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::api::jsonrpc {
namespace {

using boost::json::object;
using boost::json::value;

// The later clients of the original spell it so; both are in use.
constexpr std::string_view kUnholdOfTheOriginal = "CallUnhold";

// The members of a request (section 4): what a described struct cannot tell is an id that is null
// from one that is absent, and parameters of the wrong kind from none.
constexpr std::string_view kId = "id";
constexpr std::string_view kVersion = "jsonrpc";
constexpr std::string_view kMethod = "method";
constexpr std::string_view kParams = "params";
constexpr std::string_view kCommandId = "cmd_id";

struct Envelope {
    std::optional<JsonText> id;
    std::string method;
    std::optional<std::string> cmd_id;
    const value* params = nullptr;
};

RefusedRequest refuse(std::optional<JsonText> id, int code, std::string message) {
    return {.id = std::move(id),
            .code = code,
            .message = std::move(message),
            .method = std::nullopt,
            .cmd_id = std::nullopt};
}

// What has no readable id is answered with null (section 5).
Expected<std::optional<JsonText>, RefusedRequest> read_id(const object& request) {
    const value* id = request.if_contains(kId);
    if (id == nullptr) {
        return std::nullopt;
    }
    if (!id->is_string() && !id->is_number() && !id->is_null()) {
        return tl::unexpected(refuse(JsonText(), error_code::kInvalidRequest,
                                     "the id must be a string, a number or null"));
    }
    return wire::read_json_text(*id);
}

Expected<Envelope, RefusedRequest> read_envelope(const value& json) {
    const object* request = json.if_object();
    if (request == nullptr) {
        return tl::unexpected(
            refuse(JsonText(), error_code::kInvalidRequest, "a request must be an object"));
    }
    Envelope out;
    PB_TRY(out.id, read_id(*request));
    const auto invalid = [&](std::string why) {
        return tl::unexpected(
            refuse(out.id.value_or(JsonText()), error_code::kInvalidRequest, std::move(why)));
    };
    // Clients of the original need not say it.
    const value* version = request->if_contains(kVersion);
    if (version != nullptr && *version != "2.0") {
        return invalid("jsonrpc must be \"2.0\"");
    }
    const value* method = request->if_contains(kMethod);
    if (method == nullptr || !method->is_string()) {
        return invalid("method must be a string");
    }
    out.method = std::string(method->get_string());
    out.params = request->if_contains(kParams);
    return out;
}

Expected<void, RefusedRequest> read_parameters(Envelope& envelope) {
    static const value kNone = object();
    const auto invalid = [&](std::string why) {
        return tl::unexpected(refuse(envelope.id, error_code::kInvalidParams, std::move(why)));
    };
    if (envelope.params == nullptr) {
        envelope.params = &kNone;
    }
    const object* params = envelope.params->if_object();
    if (params == nullptr) {
        return invalid("params must be an object");
    }
    if (const value* cmd_id = params->if_contains(kCommandId); cmd_id != nullptr) {
        if (!cmd_id->is_string()) {
            return invalid("bad cmd_id (must be a string)");
        }
        if (cmd_id->get_string().size() > kCommandIdText) {
            return invalid("cmd_id is too long");
        }
        if (!cmd_id->get_string().empty()) {
            envelope.cmd_id = std::string(cmd_id->get_string());
        }
    }
    return {};
}

// The first mandatory text that is empty.
template <class T>
std::optional<std::string_view> empty_member(const T& command) {
    std::optional<std::string_view> found;
    boost::mp11::mp_for_each<wire::Members<T>>([&](auto descriptor) {
        using Descriptor = decltype(descriptor);
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(command.*Descriptor::pointer)>,
                                     std::string>) {
            if (!found && (command.*Descriptor::pointer).empty()) {
                found = wire::key_of<T, Descriptor>();
            }
        }
    });
    return found;
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// What goes into SIP messages as it is must not end a line there.
std::optional<std::string_view> broken_member(const CallStart& start) {
    for (const auto& [name, text] :
         {std::pair("caller", start.caller), std::pair("callee", start.callee),
          std::pair("caller_name", start.caller_name.value_or("")),
          std::pair("callee_name", start.callee_name.value_or(""))}) {
        if (has_control(text)) {
            return name;
        }
    }
    const bool bad_header = std::ranges::any_of(start.headers, [](const auto& header) {
        return header.first.empty() || has_control(header.first) || has_control(header.second) ||
               header.first.find_first_of(" :\t") != std::string::npos;
    });
    return bad_header ? std::optional<std::string_view>("headers") : std::nullopt;
}

template <class T>
wire::Decoded<T> decode_command(const value& params) {
    if constexpr (std::is_same_v<T, Echo>) {
        return Echo{wire::read_json_text(params)};
    } else {
        PB_TRY(T command, wire::decode<T>(params));
        if (const auto empty = empty_member(command)) {
            return tl::unexpected(wire::DecodeError{
                .code = Errc::Malformed, .path = std::string(*empty), .problem = "required"});
        }
        if constexpr (std::is_same_v<T, CallStart>) {
            if (const auto broken = broken_member(command)) {
                return tl::unexpected(wire::DecodeError{.code = Errc::Malformed,
                                                        .path = std::string(*broken),
                                                        .problem = "not fit for SIP"});
            }
        }
        return command;
    }
}

bool names(std::string_view method, std::string_view wanted) {
    return method == wanted || (wanted == CallUnHold::kMethod && method == kUnholdOfTheOriginal);
}

template <class Variant, std::size_t kIndex = 0>
std::optional<wire::Decoded<Variant>> decode_named(std::string_view method, const value& params) {
    if constexpr (kIndex == std::variant_size_v<Variant>) {
        return std::nullopt;
    } else {
        using Alternative = std::variant_alternative_t<kIndex, Variant>;
        if (!names(method, Alternative::kMethod)) {
            return decode_named<Variant, kIndex + 1>(method, params);
        }
        auto command = decode_command<Alternative>(params);
        if (!command) {
            return wire::Decoded<Variant>(tl::unexpected(std::move(command).error()));
        }
        return wire::Decoded<Variant>(Variant(std::move(*command)));
    }
}

ReadRequest read_request(const value& json) {
    auto envelope = read_envelope(json);
    if (!envelope) {
        return std::move(envelope).error();
    }
    const auto good = read_parameters(*envelope);
    Request request{.id = envelope->id,
                    .method = envelope->method,
                    .cmd_id = envelope->cmd_id,
                    .what = Query(CallList{})};
    const auto finish = [&](auto decoded) -> ReadRequest {
        if (!good) {
            return good.error();
        }
        if (!*decoded) {
            return RefusedRequest{.id = request.id,
                                  .code = error_code::kInvalidParams,
                                  .message = describe(decoded->error()),
                                  .method = request.method,
                                  .cmd_id = request.cmd_id};
        }
        request.what = std::move(**decoded);
        return std::move(request);
    };
    const value& params = *envelope->params;
    if (auto command = decode_named<Command>(request.method, params)) {
        return finish(std::move(command));
    }
    if (auto query = decode_named<Query>(request.method, params)) {
        return finish(std::move(query));
    }
    return refuse(request.id, error_code::kMethodNotFound, "unknown JSON-RPC method");
}

}  // namespace

std::string_view to_string(Party party) {
    return party == Party::Caller ? "caller" : "callee";
}

std::string_view method_of(const Command& command) {
    return std::visit([](const auto& one) { return one.kMethod; }, command);
}

Document read_document(std::string_view text) {
    const auto json = wire::parse_json(text);
    if (!json) {
        return {.is_batch = false,
                .requests = {refuse(JsonText(), error_code::kParse,
                                    "not JSON: " + wire::describe(json.error()))}};
    }
    const boost::json::array* batch = json->if_array();
    if (batch == nullptr) {
        return {.is_batch = false, .requests = {read_request(*json)}};
    }
    if (batch->empty() || batch->size() > kBatchRequests) {
        return {.is_batch = false,
                .requests = {refuse(
                    JsonText(), error_code::kInvalidRequest,
                    batch->empty() ? "the batch is empty" : "too many requests in one batch")}};
    }
    Document out{.is_batch = true, .requests = {}};
    for (const value& one : *batch) {
        out.requests.push_back(read_request(one));
    }
    return out;
}

std::string write_result(const JsonText& id, const JsonText& result) {
    wire::JsonWriter writer;
    writer.begin_object();
    writer.key("jsonrpc");
    writer.text("2.0");
    writer.key("result");
    writer.verbatim(result.json());
    writer.key("id");
    writer.verbatim(id.json());
    writer.end_object();
    return writer.take();
}

std::string write_error(const JsonText& id, int code, const std::string& message) {
    wire::JsonWriter writer;
    writer.begin_object();
    writer.key("jsonrpc");
    writer.text("2.0");
    writer.key("error");
    writer.begin_object();
    writer.key("code");
    writer.number(std::int64_t{code});
    writer.key("message");
    writer.text(message);
    writer.end_object();
    writer.key("id");
    writer.verbatim(id.json());
    writer.end_object();
    return writer.take();
}

JsonText to_json(const CallEntry& entry) {
    return JsonText::verbatim(wire::encode(entry));
}

JsonText to_json(const CallListResult& result) {
    return JsonText::verbatim(wire::encode(result));
}

JsonText to_json(const CallInfoResult& result) {
    return JsonText::verbatim(wire::encode(result));
}

}  // namespace patchbay::api::jsonrpc
