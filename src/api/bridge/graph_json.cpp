// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/graph_json.hpp"

#include "base/json_text.hpp"
#include "base/text.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace patchbay::api::bridge {
namespace {

namespace graph = patchbay::bridge::graph;
using OptionalText = std::optional<std::string>;

struct SnakeCase {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
};

struct ErrorData : SnakeCase {
    OptionalText details;
};
struct ErrorBody : SnakeCase {
    std::optional<std::int64_t> code;
    std::optional<std::int64_t> error_subcode;
    OptionalText message;
    OptionalText title;
    std::optional<ErrorData> error_data;
};
struct SessionBody : SnakeCase {
    OptionalText sdp_type;
    OptionalText sdp;
};
struct CallBody : SnakeCase {
    std::string id;
    OptionalText event;
    OptionalText direction;
    OptionalText from;
    OptionalText to;
    OptionalText from_user_id;
    std::optional<JsonText> timestamp;  // text or number
    std::optional<SessionBody> session;
    std::optional<JsonText> status;  // "COMPLETED", "Failed", or a list of one
    std::vector<ErrorBody> errors;
    OptionalText biz_opaque_callback_data;
    OptionalText cta_payload;
    OptionalText deeplink_payload;
};
struct StatusBody : SnakeCase {
    std::string id;
    OptionalText type;
    OptionalText status;
    OptionalText biz_opaque_callback_data;
};
struct ProfileBody : SnakeCase {
    OptionalText name;
};
struct ContactBody : SnakeCase {
    std::optional<ProfileBody> profile;
};
struct MetadataBody : SnakeCase {
    OptionalText phone_number_id;
    OptionalText display_phone_number;
};
struct ValueBody : SnakeCase {
    std::optional<MetadataBody> metadata;
    std::vector<ContactBody> contacts;
    std::vector<CallBody> calls;
    std::vector<StatusBody> statuses;
    std::vector<ErrorBody> errors;
};
struct ChangeBody : SnakeCase {
    OptionalText field;
    std::optional<ValueBody> value;
};
struct EntryBody : SnakeCase {
    std::vector<ChangeBody> changes;
};
struct WebhookBody : SnakeCase {
    OptionalText object;
    std::vector<EntryBody> entry;
};
BOOST_DESCRIBE_STRUCT(ErrorData, (), (details))
BOOST_DESCRIBE_STRUCT(ErrorBody, (), (code, error_subcode, message, title, error_data))
BOOST_DESCRIBE_STRUCT(SessionBody, (), (sdp_type, sdp))
BOOST_DESCRIBE_STRUCT(CallBody,
                      (),
                      (id,
                       event,
                       direction,
                       from,
                       to,
                       from_user_id,
                       timestamp,
                       session,
                       status,
                       errors,
                       biz_opaque_callback_data,
                       cta_payload,
                       deeplink_payload))
BOOST_DESCRIBE_STRUCT(StatusBody, (), (id, type, status, biz_opaque_callback_data))
BOOST_DESCRIBE_STRUCT(ProfileBody, (), (name))
BOOST_DESCRIBE_STRUCT(ContactBody, (), (profile))
BOOST_DESCRIBE_STRUCT(MetadataBody, (), (phone_number_id, display_phone_number))
BOOST_DESCRIBE_STRUCT(ValueBody, (), (metadata, contacts, calls, statuses, errors))
BOOST_DESCRIBE_STRUCT(ChangeBody, (), (field, value))
BOOST_DESCRIBE_STRUCT(EntryBody, (), (changes))
BOOST_DESCRIBE_STRUCT(WebhookBody, (), (object, entry))

struct ActionBody : SnakeCase {
    std::string messaging_product = "whatsapp";
    OptionalText to;
    OptionalText call_id;
    std::string action;
    std::optional<SessionBody> session;
    OptionalText biz_opaque_callback_data;
};
struct IdBody : SnakeCase {
    std::string id;
};
struct ResponseBody : SnakeCase {
    std::vector<IdBody> calls;
    std::optional<bool> success;
    std::optional<ErrorBody> error;
};
BOOST_DESCRIBE_STRUCT(ActionBody,
                      (),
                      (messaging_product, to, call_id, action, session, biz_opaque_callback_data))
BOOST_DESCRIBE_STRUCT(IdBody, (), (id))
BOOST_DESCRIBE_STRUCT(ResponseBody, (), (calls, success, error))

// "a", or the first of ["a"], or 5 as text.
std::string loose_text(const std::optional<JsonText>& json) {
    const std::string_view text = json ? std::string_view(json->json()) : "";
    const auto first = std::ranges::find_if(
        text, [](char c) { return std::string_view("[]\" ").find(c) == std::string_view::npos; });
    const auto last = std::find_if(first, text.end(), [](char c) {
        return std::string_view("[]\", ").find(c) != std::string_view::npos;
    });
    return {first, last};
}

graph::GraphError error_of(ErrorBody body) {
    graph::GraphError error{
        .code = static_cast<int>(body.code.value_or(0)),
        .subcode = static_cast<int>(body.error_subcode.value_or(0)),
        .message = body.message ? std::move(*body.message) : std::move(body.title).value_or(""),
        .details = {}};
    if (body.error_data && body.error_data->details) {
        error.details = std::move(*body.error_data->details);
    }
    return error;
}

std::vector<graph::GraphError> errors_of(std::vector<ErrorBody> bodies) {
    std::vector<graph::GraphError> errors;
    for (ErrorBody& body : bodies) {
        errors.push_back(error_of(std::move(body)));
    }
    return errors;
}

graph::Connect connect_of(CallBody body, const std::vector<ContactBody>& contacts) {
    graph::Connect connect{.id = std::move(body.id),
                           .user_initiated = body.direction.value_or("") != "BUSINESS_INITIATED",
                           .from = std::move(body.from).value_or(""),
                           .to = std::move(body.to).value_or(""),
                           .user_id = std::move(body.from_user_id).value_or(""),
                           .name = {},
                           .seconds = parse_number<std::int64_t>(loose_text(body.timestamp)),
                           .sdp = {},
                           .opaque = std::move(body.biz_opaque_callback_data).value_or(""),
                           .payload = body.cta_payload
                                          ? std::move(*body.cta_payload)
                                          : std::move(body.deeplink_payload).value_or("")};
    if (body.session) {
        connect.sdp = std::move(body.session->sdp).value_or("");
        // Meta's own sample of an answer has no direction.
        if (!body.direction && body.session->sdp_type == "answer") {
            connect.user_initiated = false;
        }
    }
    if (!contacts.empty() && contacts.front().profile) {
        connect.name = contacts.front().profile->name.value_or("");
    }
    return connect;
}

std::optional<graph::CallNotice> notice_of(CallBody body, ValueBody& value) {
    const std::string event = to_lower(body.event.value_or(""));
    if (event == "connect") {
        return connect_of(std::move(body), value.contacts);
    }
    if (event == "terminate") {
        graph::Terminate terminate{
            .id = std::move(body.id),
            .failed = to_lower(loose_text(body.status)) == "failed",
            .errors = errors_of(body.errors.empty() ? value.errors : std::move(body.errors)),
            .opaque = std::move(body.biz_opaque_callback_data).value_or("")};
        return terminate;
    }
    return std::nullopt;
}

std::optional<graph::CallNotice> notice_of(StatusBody body) {
    const std::string word = to_lower(body.status.value_or(""));
    graph::Status status{.id = std::move(body.id),
                         .status = graph::CallStatus::Ringing,
                         .opaque = std::move(body.biz_opaque_callback_data).value_or("")};
    if (word == "accepted") {
        status.status = graph::CallStatus::Accepted;
    } else if (word == "rejected") {
        status.status = graph::CallStatus::Rejected;
    } else if (word != "ringing") {
        return std::nullopt;
    }
    return status;
}

void read_value(ValueBody value, std::vector<graph::Notice>& out) {
    const MetadataBody metadata = value.metadata.value_or(MetadataBody{});
    const auto add = [&](std::optional<graph::CallNotice> call) {
        if (call) {
            out.push_back({metadata.phone_number_id.value_or(""),
                           metadata.display_phone_number.value_or(""), std::move(*call)});
        }
    };
    for (CallBody& call : value.calls) {
        add(notice_of(std::move(call), value));
    }
    for (StatusBody& status : value.statuses) {
        if (status.type.value_or("call") == "call") {
            add(notice_of(std::move(status)));
        }
    }
}

std::string_view word_of(graph::ActionKind kind) {
    switch (kind) {
        case graph::ActionKind::Connect: return "connect";
        case graph::ActionKind::PreAccept: return "pre_accept";
        case graph::ActionKind::Accept: return "accept";
        case graph::ActionKind::Reject: return "reject";
        case graph::ActionKind::Terminate: return "terminate";
        case graph::ActionKind::Probe: break;
    }
    return "";
}

OptionalText if_any(const std::string& text) {
    return text.empty() ? std::nullopt : OptionalText(text);
}

}  // namespace

wire::Decoded<std::vector<graph::Notice>> read_graph_webhook(std::string_view json) {
    PB_TRY(WebhookBody body, wire::decode_document<WebhookBody>(json));
    std::vector<graph::Notice> notices;
    for (EntryBody& entry : body.entry) {
        for (ChangeBody& change : entry.changes) {
            if (change.field == "calls" && change.value) {
                read_value(std::move(*change.value), notices);
            }
        }
    }
    return notices;
}

std::string write_graph_action(const graph::Action& action) {
    ActionBody body;
    body.to = if_any(action.to);
    body.call_id = if_any(action.call_id);
    body.action = word_of(action.kind);
    if (!action.sdp.empty()) {
        SessionBody session;
        session.sdp_type = action.kind == graph::ActionKind::Connect ? "offer" : "answer";
        session.sdp = action.sdp;
        body.session = std::move(session);
    }
    body.biz_opaque_callback_data = if_any(action.opaque);
    return wire::encode(body);
}

graph::Response read_graph_response(int status, std::string_view json) {
    graph::Response response{.status = status, .call_id = {}, .error = {}, .retry_after = {}};
    auto body = wire::decode_document<ResponseBody>(json);
    if (!body) {
        return response;
    }
    if (!body->calls.empty()) {
        response.call_id = std::move(body->calls.front().id);
    }
    if (body->error) {
        response.error = error_of(std::move(*body->error));
    }
    return response;
}

}  // namespace patchbay::api::bridge
