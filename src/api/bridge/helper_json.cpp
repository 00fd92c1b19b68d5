// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/helper_json.hpp"

#include "base/json_text.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <optional>
#include <utility>

namespace patchbay::api::bridge {
namespace {

namespace page = patchbay::bridge::page;

struct StartBody {
    std::string bridge;
};
struct StartedBody {
    std::string url;
};
struct SignalBody {
    std::string bridge;
    JsonText notice;
};
struct AdviceBody {
    std::string name;
    std::optional<std::string> call;
    std::optional<std::string> digits;
};
struct AdvicesBody {
    std::vector<AdviceBody> commands;
};
BOOST_DESCRIBE_STRUCT(StartBody, (), (bridge))
BOOST_DESCRIBE_STRUCT(StartedBody, (), (url))
BOOST_DESCRIBE_STRUCT(SignalBody, (), (bridge, notice))
BOOST_DESCRIBE_STRUCT(AdviceBody, (), (name, call, digits))
BOOST_DESCRIBE_STRUCT(AdvicesBody, (), (commands))

std::optional<page::CommandKind> kind_of(std::string_view name) {
    if (name == "reject") {
        return page::CommandKind::Reject;
    }
    if (name == "hangUp") {
        return page::CommandKind::HangUp;
    }
    return name == "sendKeys" ? std::optional(page::CommandKind::SendKeys) : std::nullopt;
}

}  // namespace

std::string write_browser_start(std::string_view bridge) {
    return wire::encode(StartBody{std::string(bridge)});
}

wire::Decoded<std::string> read_browser_started(std::string_view json) {
    PB_TRY(StartedBody body, wire::decode_document<StartedBody>(json));
    return std::move(body.url);
}

std::string write_signal(std::string_view bridge, std::string_view notice) {
    return wire::encode(SignalBody{std::string(bridge), JsonText::verbatim(std::string(notice))});
}

wire::Decoded<std::vector<page::Command>> read_signal_answer(std::string_view json) {
    PB_TRY(AdvicesBody body, wire::decode_document<AdvicesBody>(json));
    std::vector<page::Command> commands;
    for (AdviceBody& one : body.commands) {
        if (const auto kind = kind_of(one.name)) {
            commands.push_back({.kind = *kind,
                                .call = std::move(one.call).value_or(""),
                                .number = {},
                                .digits = std::move(one.digits).value_or(""),
                                .sdp = {}});
        }
    }
    return commands;
}

}  // namespace patchbay::api::bridge
