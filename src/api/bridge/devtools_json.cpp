// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/devtools_json.hpp"

#include "base/json_text.hpp"
#include "base/overloaded.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace patchbay::api::bridge {
namespace {

namespace devtools = patchbay::bridge::page::devtools;
using OptionalText = std::optional<std::string>;

struct TargetBody {
    std::string target_id;
    OptionalText type;
    OptionalText url;
};
struct ErrorBody {
    OptionalText message;
};
struct RemoteObject {
    std::optional<JsonText> value;
    OptionalText description;
};
struct ExceptionBody {
    OptionalText text;
    std::optional<RemoteObject> exception;
};
struct ResultBody {
    std::vector<TargetBody> target_infos;
    OptionalText target_id;
    OptionalText session_id;
    OptionalText error_text;
    std::optional<RemoteObject> result;
    std::optional<ExceptionBody> exception_details;
};
struct ParametersBody {
    OptionalText name;
    OptionalText payload;
    OptionalText target_id;
    OptionalText session_id;
};
struct MessageBody {
    std::optional<std::int64_t> id;
    OptionalText session_id;
    OptionalText method;
    std::optional<ParametersBody> params;
    std::optional<ResultBody> result;
    std::optional<ErrorBody> error;
};
struct VersionBody {
    std::string url;
};
BOOST_DESCRIBE_STRUCT(TargetBody, (), (target_id, type, url))
BOOST_DESCRIBE_STRUCT(ErrorBody, (), (message))
BOOST_DESCRIBE_STRUCT(RemoteObject, (), (value, description))
BOOST_DESCRIBE_STRUCT(ExceptionBody, (), (text, exception))
BOOST_DESCRIBE_STRUCT(ResultBody,
                      (),
                      (target_infos, target_id, session_id, error_text, result, exception_details))
BOOST_DESCRIBE_STRUCT(ParametersBody, (), (name, payload, target_id, session_id))
BOOST_DESCRIBE_STRUCT(MessageBody, (), (id, session_id, method, params, result, error))
BOOST_DESCRIBE_STRUCT(VersionBody, (), (url))

struct Nothing {};
struct Discover {
    bool discover = true;
};
struct Address {
    std::string url;
};
struct TargetId {
    std::string target_id;
};
struct Attach {
    std::string target_id;
    bool flatten = true;
};
struct Grant {
    std::string origin;
    std::vector<std::string> permissions;
};
struct Enabled {
    bool enabled = true;
};
struct Name {
    std::string name;
};
struct Source {
    std::string source;
};
struct Expression {
    std::string expression;
    bool await_promise = false;
    bool return_by_value = true;
    bool user_gesture = true;
};
BOOST_DESCRIBE_STRUCT(Nothing, (), ())
BOOST_DESCRIBE_STRUCT(Discover, (), (discover))
BOOST_DESCRIBE_STRUCT(Address, (), (url))
BOOST_DESCRIBE_STRUCT(TargetId, (), (target_id))
BOOST_DESCRIBE_STRUCT(Attach, (), (target_id, flatten))
BOOST_DESCRIBE_STRUCT(Grant, (), (origin, permissions))
BOOST_DESCRIBE_STRUCT(Enabled, (), (enabled))
BOOST_DESCRIBE_STRUCT(Name, (), (name))
BOOST_DESCRIBE_STRUCT(Source, (), (source))
BOOST_DESCRIBE_STRUCT(Expression, (), (expression, await_promise, return_by_value, user_gesture))

struct RequestBody {
    std::int64_t id = 0;
    OptionalText session_id;
    std::string method;
    JsonText params;
};
BOOST_DESCRIBE_STRUCT(RequestBody, (), (id, session_id, method, params))

template <class Parameters>
void fill(RequestBody& body, std::string_view method, const Parameters& parameters) {
    body.method = method;
    body.params = JsonText::verbatim(wire::encode(parameters));
}

}  // namespace
}  // namespace patchbay::api::bridge

namespace patchbay::wire {

template <>
struct Spelling<patchbay::api::bridge::VersionBody> {
    static constexpr std::array kWireNames{Rename{"url", "webSocketDebuggerUrl"}};
};

}  // namespace patchbay::wire

namespace patchbay::api::bridge {
namespace {

// A text that a script returned stands as JSON text.
std::string text_of(const std::optional<RemoteObject>& object) {
    if (!object || !object->value) {
        return {};
    }
    const auto text = wire::decode_document<std::string>(object->value->json());
    return text ? *text : std::string();
}

std::string error_of(const MessageBody& body) {
    if (body.error) {
        return body.error->message.value_or("an error without words");
    }
    if (!body.result) {
        return {};
    }
    if (body.result->exception_details) {
        const ExceptionBody& exception = *body.result->exception_details;
        const OptionalText words =
            exception.exception ? exception.exception->description : exception.text;
        return words.value_or("an exception without words");
    }
    return body.result->error_text.value_or("");
}

devtools::Reply reply_of(MessageBody body) {
    devtools::Reply reply{.id = *body.id,
                          .error = error_of(body),
                          .targets = {},
                          .target = {},
                          .session = {},
                          .value = {}};
    if (body.result) {
        for (TargetBody& target : body.result->target_infos) {
            reply.targets.push_back({std::move(target.target_id), target.type.value_or(""),
                                     std::move(target.url).value_or("")});
        }
        reply.target = body.result->target_id.value_or("");
        reply.session = body.result->session_id.value_or("");
        reply.value = text_of(body.result->result);
    }
    return reply;
}

devtools::EventKind kind_of(std::string_view method) {
    using Kind = devtools::EventKind;
    if (method == "Runtime.bindingCalled") {
        return Kind::BindingCalled;
    }
    if (method == "Target.targetCrashed" || method == "Inspector.targetCrashed") {
        return Kind::Crashed;
    }
    return method == "Target.targetDestroyed" || method == "Target.detachedFromTarget"
               ? Kind::Closed
               : Kind::Other;
}

devtools::Event event_of(MessageBody body) {
    ParametersBody parameters = std::move(body.params).value_or(ParametersBody{});
    return {.kind = kind_of(body.method.value_or("")),
            .session = body.session_id ? std::move(*body.session_id)
                                       : std::move(parameters.session_id).value_or(""),
            .target = std::move(parameters.target_id).value_or(""),
            .name = std::move(parameters.name).value_or(""),
            .payload = std::move(parameters.payload).value_or("")};
}

}  // namespace

std::string write_devtools(const devtools::Request& request) {
    RequestBody body{
        .id = request.id,
        .session_id = request.session.empty() ? std::nullopt : OptionalText(request.session),
        .method = {},
        .params = {}};
    std::visit(
        Overloaded{
            [&](const devtools::GetTargets&) { fill(body, "Target.getTargets", Nothing{}); },
            [&](const devtools::DiscoverTargets&) {
                fill(body, "Target.setDiscoverTargets", Discover{});
            },
            [&](const devtools::CreateTarget& m) {
                fill(body, "Target.createTarget", Address{m.url});
            },
            [&](const devtools::CloseTarget& m) {
                fill(body, "Target.closeTarget", TargetId{m.target});
            },
            [&](const devtools::AttachToTarget& m) {
                fill(body, "Target.attachToTarget", Attach{m.target});
            },
            [&](const devtools::GrantPermissions& m) {
                fill(body, "Browser.grantPermissions", Grant{m.origin, m.permissions});
            },
            [&](const devtools::EnablePage&) { fill(body, "Page.enable", Nothing{}); },
            [&](const devtools::EnableRuntime&) { fill(body, "Runtime.enable", Nothing{}); },
            [&](const devtools::BypassPolicy&) { fill(body, "Page.setBypassCSP", Enabled{}); },
            [&](const devtools::AddBinding& m) { fill(body, "Runtime.addBinding", Name{m.name}); },
            [&](const devtools::AddScript& m) {
                fill(body, "Page.addScriptToEvaluateOnNewDocument", Source{m.source});
            },
            [&](const devtools::Navigate& m) { fill(body, "Page.navigate", Address{m.url}); },
            [&](const devtools::Evaluate& m) {
                fill(body, "Runtime.evaluate", Expression{m.expression, m.is_awaited});
            },
        },
        request.method);
    return wire::encode(body);
}

wire::Decoded<devtools::Message> read_devtools(std::string_view json) {
    PB_TRY(MessageBody body, wire::decode_document<MessageBody>(json));
    if (body.id) {
        return devtools::Message(reply_of(std::move(body)));
    }
    return devtools::Message(event_of(std::move(body)));
}

wire::Decoded<std::string> read_devtools_version(std::string_view json) {
    PB_TRY(VersionBody body, wire::decode_document<VersionBody>(json));
    return std::move(body.url);
}

}  // namespace patchbay::api::bridge
