// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What was heard and what was played; event.hpp says what all events have in common.
namespace patchbay::call {
namespace event {

struct Speaking {
    static constexpr std::string_view kWireTag = "speaking";
    TrackId track_id;
    WallTime timestamp;
    WallTime start_time;
    std::optional<bool> is_filler;
    std::optional<double> confidence;  // 0 to 1
    std::optional<bool> refer;

    friend bool operator==(const Speaking&, const Speaking&) = default;
};

struct Silence {
    static constexpr std::string_view kWireTag = "silence";
    TrackId track_id;
    WallTime timestamp;
    WallTime start_time;                          // of the silence
    Milliseconds duration{0};                     // of the silence so far
    std::optional<Milliseconds> speech_duration;  // of the speech that it ended
    std::optional<bool> refer;

    friend bool operator==(const Silence&, const Silence&) = default;
};

struct AsrFinal {
    static constexpr std::string_view kWireTag = "asrFinal";
    TrackId track_id;
    WallTime timestamp;
    std::uint32_t index = 0;
    std::optional<WallTime> start_time;
    std::optional<WallTime> end_time;
    std::string text;
    std::optional<bool> is_filler;
    std::optional<double> confidence;    // 0 to 1
    std::optional<std::string> task_id;  // the provider's
    std::optional<bool> refer;

    friend bool operator==(const AsrFinal&, const AsrFinal&) = default;
};

// `text` is the whole sentence so far, not an increment.
struct AsrDelta {
    static constexpr std::string_view kWireTag = "asrDelta";
    TrackId track_id;
    WallTime timestamp;
    std::uint32_t index = 0;
    std::optional<WallTime> start_time;
    std::optional<WallTime> end_time;
    std::string text;
    std::optional<bool> is_filler;
    std::optional<double> confidence;    // 0 to 1
    std::optional<std::string> task_id;  // the provider's
    std::optional<bool> refer;

    friend bool operator==(const AsrDelta&, const AsrDelta&) = default;
};

struct Eou {
    static constexpr std::string_view kWireTag = "eou";
    TrackId track_id;
    WallTime timestamp;
    bool completed = false;
    std::optional<WallTime> interrupt_point;
    std::optional<std::string> text;
    std::optional<bool> refer;

    friend bool operator==(const Eou&, const Eou&) = default;
};

struct TrackStart {
    static constexpr std::string_view kWireTag = "trackStart";
    TrackId track_id;
    WallTime timestamp;
    std::optional<PlayId> play_id;

    friend bool operator==(const TrackStart&, const TrackStart&) = default;
};

struct TrackEnd {
    static constexpr std::string_view kWireTag = "trackEnd";
    TrackId track_id;
    WallTime timestamp;
    Milliseconds duration{0};
    std::uint32_t ssrc = 0;
    std::optional<PlayId> play_id;

    friend bool operator==(const TrackEnd&, const TrackEnd&) = default;
};

// A `tts` was cut. All figures are what the peer heard, not what was queued.
struct Interruption {
    static constexpr std::string_view kWireTag = "interruption";
    TrackId track_id;
    WallTime timestamp;
    std::optional<PlayId> play_id;
    std::optional<std::string> subtitle;    // the text being spoken
    std::optional<std::uint32_t> position;  // index of the last word begun
    Milliseconds total_duration{0};         // of the content, as far as known
    Milliseconds current{0};                // heard so far

    friend bool operator==(const Interruption&, const Interruption&) = default;
};

struct AnswerMachineDetection {
    static constexpr std::string_view kWireTag = "answerMachineDetection";
    TrackId track_id;
    WallTime timestamp;
    WallTime start_time;
    WallTime end_time;
    std::string text;

    friend bool operator==(const AnswerMachineDetection&, const AnswerMachineDetection&) = default;
};

}  // namespace event
}  // namespace patchbay::call
