// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "wire/decode_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::lab {

// What `patchbay phone` says, one line each: text for people, JSON for programs (--json), in which
// the tag stands under "event". Every note carries the moment in milliseconds since 1970.
namespace note {

struct Listening {
    static constexpr std::string_view kWireTag = "listening";
    WallTime timestamp;
    std::string uri;  // what to call
};
struct Registered {
    static constexpr std::string_view kWireTag = "registered";
    WallTime timestamp;
    std::int64_t expires = 0;  // seconds
};
struct NotRegistered {
    static constexpr std::string_view kWireTag = "notRegistered";
    WallTime timestamp;
    int status = 0;  // 408: no answer
};
struct Ringing {
    static constexpr std::string_view kWireTag = "ringing";
    WallTime timestamp;
    std::string caller;  // empty: the far end rings
};
struct Answered {
    static constexpr std::string_view kWireTag = "answered";
    WallTime timestamp;
    std::string codec;
};
// Sound comes in, by the packet that brought it.
struct SoundBegan {
    static constexpr std::string_view kWireTag = "soundBegan";
    WallTime timestamp;
    double level = 0;  // dBFS
};
// Dated by the last packet with sound, said a little later.
struct SoundStopped {
    static constexpr std::string_view kWireTag = "soundStopped";
    WallTime timestamp;
};
struct Digit {
    static constexpr std::string_view kWireTag = "digit";
    WallTime timestamp;
    std::string digit;
};
struct Rejected {
    static constexpr std::string_view kWireTag = "rejected";
    WallTime timestamp;
    int status = 0;
    std::string reason;
};
struct HeardPassage {
    std::int64_t from = 0;  // milliseconds since the audio began
    std::int64_t to = 0;
    double level = 0;                 // dBFS
    std::optional<double> frequency;  // hertz of a steady tone
};
// The end of a call that was answered or given up, and what was heard in it.
struct Ended {
    static constexpr std::string_view kWireTag = "ended";
    WallTime timestamp;
    bool by_far_end = false;
    std::int64_t heard = 0;  // milliseconds
    double level = 0;        // dBFS over everything
    std::vector<HeardPassage> passages;
    std::string digits;
    std::int64_t packets_received = 0;
    std::int64_t packets_lost = 0;
    double jitter = 0;  // milliseconds
    std::int64_t packets_sent = 0;
};
struct Problem {
    static constexpr std::string_view kWireTag = "problem";
    WallTime timestamp;
    std::string text;
};

}  // namespace note

using PhoneNote = std::variant<note::Listening,
                               note::Registered,
                               note::NotRegistered,
                               note::Ringing,
                               note::Answered,
                               note::SoundBegan,
                               note::SoundStopped,
                               note::Digit,
                               note::Rejected,
                               note::Ended,
                               note::Problem>;

WallTime timestamp_of(const PhoneNote& note);
// For people; without the time. Only `Ended` is more than one line.
std::string describe(const PhoneNote& note);
// {"event":"ringing","timestamp":1640995200000,"caller":"sip:..."}
std::string encode_note(const PhoneNote& note);
wire::Decoded<PhoneNote> decode_note(std::string_view json);

}  // namespace patchbay::lab
