// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/event_text.hpp"

#include "base/overloaded.hpp"

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace patchbay::app {
namespace {

using namespace call::event;

// The words behind the event's name; most events need none.
std::string details(const Ringing& e) {
    return e.early_media ? "with early media" : "";
}
std::string details(const Reject& e) {
    return e.code ? fmt::format("{} {}", *e.code, e.reason) : e.reason;
}
std::string details(const Hangup& e) {
    return fmt::format("{}, by {}", e.reason.value_or("no reason"), e.initiator.value_or("nobody"));
}
std::string details(const Dtmf& e) {
    return e.digit;
}
std::string details(const TrackStart& e) {
    return e.play_id ? e.play_id->value() : e.track_id.value();
}
std::string details(const TrackEnd& e) {
    return fmt::format("{}, {} ms", e.play_id ? e.play_id->value() : e.track_id.value(),
                       e.duration.count());
}
std::string details(const Interruption& e) {
    return fmt::format("{} after {} ms", e.play_id ? e.play_id->value() : e.track_id.value(),
                       e.current.count());
}
std::string details(const Metrics& e) {
    return fmt::format("{} {} ms", e.key, e.duration.count());
}
std::string details(const call::event::Error& e) {
    return e.sender + ": " + e.error;
}
std::string details(const Incoming& e) {
    return e.caller;
}
std::string details(const AsrFinal& e) {
    return "\"" + e.text + "\"";
}
std::string details(const AsrDelta& e) {
    return "\"" + e.text + "\"";
}
std::string details(const Hold& e) {
    return e.on_hold ? "on" : "off";
}
template <class E>
std::string details(const E&) {
    return {};
}

std::string quoted(std::string_view text) {
    constexpr std::size_t kShown = 60;
    return text.size() <= kShown ? fmt::format("\"{}\"", text)
                                 : fmt::format("\"{}...\"", text.substr(0, kShown));
}

std::string join(std::string_view name, const std::string& more) {
    return more.empty() ? std::string(name) : fmt::format("{} {}", name, more);
}

}  // namespace

std::string describe(const call::Event& event) {
    return std::visit([](const auto& one) { return join(one.kWireTag, details(one)); }, event);
}

std::string describe(const call::Command& command) {
    using namespace call::command;
    const std::string more =
        std::visit(Overloaded{
                       [](const Invite& c) { return c.option.callee.value_or(""); },
                       [](const Tts& c) { return quoted(c.text); },
                       [](const Play& c) { return c.url; },
                       [](const call::command::Dtmf& c) { return c.digits; },
                       [](const auto&) { return std::string(); },
                   },
                   command);
    return join(call::name_of(command), more);
}

}  // namespace patchbay::app
