// SPDX-License-Identifier: Apache-2.0
#include "lab/phone_note.hpp"

#include "base/overloaded.hpp"

#include <fmt/format.h>

namespace patchbay::lab {
namespace {

std::string with_reason(int status, std::string_view reason) {
    return reason.empty() ? fmt::format("{}", status) : fmt::format("{} {}", status, reason);
}

std::string describe_passage(const note::HeardPassage& passage) {
    const std::string kind =
        passage.frequency ? fmt::format("tone {:.0f} Hz", *passage.frequency) : "sound";
    return fmt::format("    {:<14}{:>7.1f} dBFS  from {:>7.2f} to {:>7.2f} s\n", kind,
                       passage.level, static_cast<double>(passage.from) / 1000,
                       static_cast<double>(passage.to) / 1000);
}

std::string describe_end(const note::Ended& ended) {
    std::string text = ended.by_far_end ? "the far end hung up" : "hung up";
    if (ended.heard == 0) {
        return text;
    }
    text += fmt::format("\n  heard {:.2f} s, {:.1f} dBFS\n",
                        static_cast<double>(ended.heard) / 1000, ended.level);
    for (const note::HeardPassage& passage : ended.passages) {
        text += describe_passage(passage);
    }
    text += fmt::format("  keys {}\n", ended.digits.empty() ? "none" : ended.digits);
    text +=
        fmt::format("  packets {} in, {} lost, jitter {:.1f} ms; {} out", ended.packets_received,
                    ended.packets_lost, ended.jitter, ended.packets_sent);
    return text;
}

}  // namespace

WallTime timestamp_of(const PhoneNote& note) {
    return std::visit([](const auto& one) { return one.timestamp; }, note);
}

std::string describe(const PhoneNote& note) {
    using namespace note;
    return std::visit(
        Overloaded{
            [](const Listening& n) { return "listening, call " + n.uri; },
            [](const Registered& n) { return fmt::format("registered for {} s", n.expires); },
            [](const NotRegistered& n) {
                return fmt::format("not registered: {}, trying again in 30 s", n.status);
            },
            [](const Ringing& n) {
                return n.caller.empty() ? "the far end rings" : "rings: " + n.caller;
            },
            [](const Answered& n) { return n.codec.empty() ? "answered" : "answered, " + n.codec; },
            [](const SoundBegan&) { return std::string("hears sound"); },
            [](const SoundStopped&) { return std::string("hears silence"); },
            [](const Digit& n) { return "hears key " + n.digit; },
            [](const Rejected& n) { return "not accepted: " + with_reason(n.status, n.reason); },
            [](const Ended& n) { return describe_end(n); },
            [](const Problem& n) { return n.text; },
        },
        note);
}

}  // namespace patchbay::lab
