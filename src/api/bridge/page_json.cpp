// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/page_json.hpp"

#include "base/text.hpp"
#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <optional>
#include <utility>

namespace patchbay::bridge {

BOOST_DESCRIBE_STRUCT(PageElements,
                      (),
                      (number, call, accept, reject, hang_up, active, caller, keys))

}  // namespace patchbay::bridge

namespace patchbay::api::bridge {

BOOST_DESCRIBE_STRUCT(PageScriptSettings, (), (binding, origin, socket, elements))

namespace {

namespace page = patchbay::bridge::page;
using OptionalText = std::optional<std::string>;

struct NoticeBody {
    std::string event;
    OptionalText call;
    OptionalText number;
    OptionalText name;
    OptionalText words;
    OptionalText reason;
    OptionalText digits;
    OptionalText state;
    std::optional<bool> paired;
    OptionalText pcm;  // in base64
};
struct CommandBody {
    std::string name;
    OptionalText call;
    OptionalText number;
    OptionalText digits;
    OptionalText sdp;
};
struct AnswerBody {
    OptionalText call;
    OptionalText sdp;
    OptionalText error;
    OptionalText reason;
};
BOOST_DESCRIBE_STRUCT(NoticeBody,
                      (),
                      (event, call, number, name, words, reason, digits, state, paired, pcm))
BOOST_DESCRIBE_STRUCT(CommandBody, (), (name, call, number, digits, sdp))
BOOST_DESCRIBE_STRUCT(AnswerBody, (), (call, sdp, error, reason))

std::string take(OptionalText& text) {
    return std::move(text).value_or("");
}

OptionalText if_any(const std::string& text) {
    return text.empty() ? std::nullopt : OptionalText(text);
}

std::string_view name_of(page::CommandKind kind) {
    switch (kind) {
        case page::CommandKind::Place: return "place";
        case page::CommandKind::Accept: return "accept";
        case page::CommandKind::Reject: return "reject";
        case page::CommandKind::HangUp: return "hangUp";
        case page::CommandKind::SendKeys: return "sendKeys";
        case page::CommandKind::OfferAudio: return "offerAudio";
        case page::CommandKind::AnswerAudio: return "answerAudio";
        case page::CommandKind::TakeAnswer: return "takeAnswer";
        case page::CommandKind::PressKeys: return "pressKeys";
        case page::CommandKind::CloseAudio: break;
    }
    return "closeAudio";
}

std::string run(const CommandBody& body) {
    return "patchbay.run(" + wire::encode(body) + ")";
}

}  // namespace

wire::Decoded<page::Notice> read_page_notice(std::string_view json) {
    PB_TRY(NoticeBody body, wire::decode_document<NoticeBody>(json));
    const std::string_view event = body.event;
    if (event == "hello") {
        return page::Hello{};
    }
    if (event == "ready") {
        return page::Ready{body.paired.value_or(true), take(body.words), take(body.number)};
    }
    if (event == "incoming") {
        return page::Incoming{take(body.call), take(body.number), take(body.name)};
    }
    if (event == "ringing") {
        return page::Ringing{take(body.call)};
    }
    if (event == "accepted") {
        return page::Accepted{take(body.call)};
    }
    if (event == "ended") {
        return page::Ended{take(body.call), take(body.reason)};
    }
    if (event == "keys") {
        return page::Keys{take(body.call), take(body.digits)};
    }
    if (event == "heardKeys") {
        return page::HeardKeys{take(body.digits)};
    }
    if (event == "audio") {
        return page::AudioState{body.state == "connected"};
    }
    if (event == "frame") {
        auto samples = from_base64(take(body.pcm));
        return samples ? wire::Decoded<page::Notice>(page::AudioFrames{std::move(*samples)})
                       : wire::undecodable("no base64");
    }
    return wire::undecodable("unknown event " + wire::quote_for_error(event), Errc::Unsupported);
}

std::string write_page_command(const page::Command& command) {
    return run({.name = std::string(name_of(command.kind)),
                .call = if_any(command.call),
                .number = if_any(command.number),
                .digits = if_any(command.digits),
                .sdp = if_any(command.sdp)});
}

std::string write_open_frames() {
    return run({.name = "openFrames", .call = {}, .number = {}, .digits = {}, .sdp = {}});
}

std::string write_page_frames(ByteView samples) {
    return "patchbay.play(\"" + to_base64(samples) + "\")";
}

page::CommandAnswer read_page_answer(std::string_view json) {
    auto body = wire::decode_document<AnswerBody>(json);
    if (!body) {
        return {.call = {}, .sdp = {}, .error = "the page answers strangely", .reason = {}};
    }
    return {take(body->call), take(body->sdp), take(body->error), take(body->reason)};
}

std::string with_settings(std::string_view script, const PageScriptSettings& settings) {
    return std::string(script) + "(" + wire::encode(settings) + ");";
}

}  // namespace patchbay::api::bridge
