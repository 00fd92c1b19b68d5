// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/command.hpp"
#include "call/leg.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>

namespace patchbay::call {

enum class Verdict : std::uint8_t {
    Serve,
    WrongState,  // an `error` event, code 409; the call is unharmed
};

// Which command is legal in which state of the call. A call that has ended takes no command, so
// `Ended` is never legal.
struct CommandRule {
    std::string_view command;
    bool before_invite = false;
    bool while_calling = false;  // Inviting, Ringing, Early
    bool when_answered = false;
    bool offered_only = false;  // means something only for an incoming call that nobody answered
};

// In the order of the variant Command. What plays is legal while the phone still rings: it waits
// for the answer, as clients of the original server expect, where commands ran one by one.
inline constexpr std::array<CommandRule, std::variant_size_v<Command>> kCommandRules = {{
    {"invite", true, false, false},
    {"accept", false, true, false, true},
    {"reject", false, true, false, true},
    {"ringing", false, true, false, true},
    {"tts", false, true, true},
    {"play", false, true, true},
    {"interrupt", false, true, true},
    {"pause", false, false, true},
    {"resume", false, false, true},
    {"refer", false, false, true},
    {"mute", true, true, true},
    {"unmute", true, true, true},
    {"hangup", true, true, true},
    {"message", false, false, true},
    {"bridge", false, false, true},
    {"unbridge", false, false, true},
    {"history", true, true, true},
    {"custom", true, true, true},
    {"addIceCandidate", true, true, true},
    {"offer", false, false, true},
    {"dtmf", false, false, true},
    {"hold", false, false, true},
    {"unhold", false, false, true},
    {"record", false, true, true},
    {"transfer", false, false, true},
}};

template <std::size_t... Index>
consteval bool rules_match_commands(std::index_sequence<Index...>) {
    return (
        (kCommandRules[Index].command == std::variant_alternative_t<Index, Command>::kWireTag) &&
        ...);
}
static_assert(rules_match_commands(std::make_index_sequence<kCommandRules.size()>{}));

// `offered`: the call came in and waits for an application's answer.
constexpr Verdict judge(const CommandRule& rule, LegState state, bool offered) {
    if (rule.offered_only && !offered) {
        return Verdict::WrongState;
    }
    switch (state) {
        case LegState::Idle: return rule.before_invite ? Verdict::Serve : Verdict::WrongState;
        case LegState::Inviting:
        case LegState::Ringing:
        case LegState::Early: return rule.while_calling ? Verdict::Serve : Verdict::WrongState;
        case LegState::Answered: return rule.when_answered ? Verdict::Serve : Verdict::WrongState;
        case LegState::Ended: return Verdict::WrongState;
    }
    return Verdict::WrongState;
}

inline Verdict judge(const Command& command, LegState state, bool offered) {
    return judge(kCommandRules[command.index()], state, offered);
}

}  // namespace patchbay::call
