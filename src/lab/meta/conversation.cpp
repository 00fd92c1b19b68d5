// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/conversation.hpp"

namespace patchbay::lab::meta {

void tell(WallTime at, Conversation& conversation, const MediaEvents& events, Notes& out) {
    for (const char digit : events.digits) {
        conversation.digits += digit;
        out.emplace_back(note::Digit{at, conversation.id, std::string(1, digit)});
    }
    if (events.sound) {
        out.emplace_back(
            note::Heard{at, conversation.id, events.sound->frequency, events.sound->level});
    }
}

note::Ended ended_note(WallTime at,
                       Instant now,
                       const Conversation& conversation,
                       std::string_view by) {
    const media::TrackStatistics heard = conversation.media->statistics();
    const auto milliseconds = [](Nanoseconds time) {
        return std::chrono::duration_cast<Milliseconds>(time).count();
    };
    return {.timestamp = at,
            .call = conversation.id,
            .by = std::string(by),
            .duration = milliseconds(now - conversation.answered_at.value_or(now)),
            .digits = conversation.digits,
            .packets_received = static_cast<std::int64_t>(heard.session.packets_received),
            .packets_lost = heard.session.packets_lost,
            .packets_sent = static_cast<std::int64_t>(heard.session.packets_sent),
            .longest_gap = milliseconds(conversation.media->longest_gap())};
}

}  // namespace patchbay::lab::meta
