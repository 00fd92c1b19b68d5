// SPDX-License-Identifier: Apache-2.0
#include "speech/dashscope.hpp"

#include "base/text.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace patchbay::speech {
namespace {

struct RequestHeader {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    std::string action;
    std::string task_id;
    std::string streaming = "duplex";
};
BOOST_DESCRIBE_STRUCT(RequestHeader, (), (action, task_id, streaming))

struct Request {
    RequestHeader header;
    JsonObject payload;
};
BOOST_DESCRIBE_STRUCT(Request, (), (header, payload))

struct AnswerHeader {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    std::string event;
    std::optional<std::string> task_id;
    std::optional<std::string> error_code;
    std::optional<std::string> error_message;
};
BOOST_DESCRIBE_STRUCT(AnswerHeader, (), (event, task_id, error_code, error_message))

struct Answer {
    AnswerHeader header;
};
BOOST_DESCRIBE_STRUCT(Answer, (), (header))

}  // namespace

std::string dashscope_message(std::string_view action,
                              const std::string& task_id,
                              JsonObject payload) {
    Request request;
    request.header.action = action;
    request.header.task_id = task_id;
    request.payload = std::move(payload);
    return wire::encode(request);
}

JsonText typed_parameter(const std::string& text) {
    if (text == "true" || text == "false") {
        return JsonText::boolean(text == "true");
    }
    if (const auto number = parse_number<std::int64_t>(text)) {
        return JsonText::number(*number);
    }
    return JsonText::text(text);
}

DashScopeHeader read_dashscope_header(std::string_view message) {
    auto answer = wire::decode_document<Answer>(message);
    if (!answer) {
        return {};
    }
    AnswerHeader& header = answer->header;
    return {.event = std::move(header.event),
            .task_id = header.task_id.value_or(""),
            .error_code = header.error_code.value_or(""),
            .error_message = header.error_message.value_or("")};
}

bool dashscope_may_recover(std::string_view error_code) {
    constexpr std::array<std::string_view, 5> kPassing = {
        "Throttling", "InternalError", "ServiceUnavailable", "RequestTimeOut", "ResponseTimeout"};
    return std::ranges::any_of(kPassing,
                               [&](std::string_view one) { return error_code.starts_with(one); });
}

}  // namespace patchbay::speech
