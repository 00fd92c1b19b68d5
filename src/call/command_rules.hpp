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
    NotServed,   // known, and not built yet: an `error` event, code 501
};

// Which command is legal in which state of the call. A call that has ended takes no command, so
// `Ended` is never legal.
struct CommandRule {
    std::string_view command;
    bool served = false;
    bool before_invite = false;
    bool while_calling = false;  // Inviting, Ringing, Early
    bool when_answered = false;
    bool offered_only = false;  // means something only for an incoming call that nobody answered
};

// In the order of the variant Command. What plays is legal while the phone still rings: it waits
// for the answer, as clients of the original server expect, where commands ran one by one.
inline constexpr std::array<CommandRule, std::variant_size_v<Command>> kCommandRules = {{
    {"invite", true, true, false, false},
    {"accept", true, false, true, false, true},
    {"reject", true, false, true, false, true},
    {"ringing", true, false, true, false, true},
    {"tts", true, false, true, true},
    {"play", true, false, true, true},
    {"interrupt", true, false, true, true},
    {"pause", true, false, false, true},
    {"resume", true, false, false, true},
    {"refer"},
    {"mute", true, true, true, true},
    {"unmute", true, true, true, true},
    {"hangup", true, true, true, true},
    {"message", true, false, false, true},
    {"bridge"},
    {"unbridge"},
    {"history", true, true, true, true},
    {"custom", true, true, true, true},
    {"addIceCandidate", true, true, true, true},
    {"dtmf", true, false, false, true},
    {"hold", true, false, false, true},
    {"unhold", true, false, false, true},
    {"record", true, false, true, true},
    {"transfer", true, false, false, true},
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
    if (!rule.served) {
        return Verdict::NotServed;
    }
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
