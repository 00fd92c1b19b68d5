// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/json_text.hpp"
#include "base/time.hpp"
#include "call/ids.hpp"
#include "call/media_event.hpp"
#include "call/options.hpp"
#include "call/signalling_event.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// What a call tells its application, one plain struct per event of the Active Call API. `kWireTag`
// is the event's name there. Durations are milliseconds, a WallTime is milliseconds since 1970, a
// DateTime is RFC 3339 text. `refer` is set to true in events of the second leg of a `refer`.
namespace patchbay::call {
namespace event {

struct Metrics {
    static constexpr std::string_view kWireTag = "metrics";
    WallTime timestamp;
    std::string key;  // "ttfb.tts.flite"
    Milliseconds duration{0};
    JsonObject data;

    friend bool operator==(const Metrics&, const Metrics&) = default;
};

struct Error {
    static constexpr std::string_view kWireTag = "error";
    TrackId track_id;
    WallTime timestamp;
    std::string sender;  // "command", "tts", "asr", "media", ...
    std::string error;   // one sentence for a person
    std::optional<int> code;
    std::optional<std::string> request_id;  // of the command that failed

    friend bool operator==(const Error&, const Error&) = default;
};

// A command with a `requestId` was carried out or begun.
struct Ack {
    static constexpr std::string_view kWireTag = "ack";
    TrackId track_id;
    WallTime timestamp;
    std::string request_id;

    friend bool operator==(const Ack&, const Ack&) = default;
};

// Audio as JSON; on the socket it travels as a raw binary frame instead.
struct Binary {
    static constexpr std::string_view kWireTag = "binary";
    TrackId track_id;
    WallTime timestamp;
    Bytes data;

    friend bool operator==(const Binary&, const Binary&) = default;
};

struct Ping {
    static constexpr std::string_view kWireTag = "ping";
    WallTime timestamp;
    std::optional<std::string> payload;

    friend bool operator==(const Ping&, const Ping&) = default;
};

struct Other {
    static constexpr std::string_view kWireTag = "other";
    TrackId track_id;
    WallTime timestamp;
    std::string sender;  // "vad": who serves it; "bridge": bridged to or parted from whom
    TextMap extra;

    friend bool operator==(const Other&, const Other&) = default;
};

struct AddHistory {
    static constexpr std::string_view kWireTag = "addHistory";
    std::optional<std::string> sender;
    WallTime timestamp;
    std::string speaker;
    std::string text;

    friend bool operator==(const AddHistory&, const AddHistory&) = default;
};

struct Custom {
    static constexpr std::string_view kWireTag = "custom";
    WallTime timestamp;
    std::optional<std::string> sender;
    JsonText data;

    friend bool operator==(const Custom&, const Custom&) = default;
};

struct FunctionCall {
    static constexpr std::string_view kWireTag = "functionCall";
    TrackId track_id;
    std::string call_id;
    std::string name;
    std::string arguments;  // JSON as text
    WallTime timestamp;

    friend bool operator==(const FunctionCall&, const FunctionCall&) = default;
};

}  // namespace event

using Event = std::variant<event::Incoming,
                           event::Ringing,
                           event::Answer,
                           event::Reject,
                           event::MediaReady,
                           event::Hangup,
                           event::Speaking,
                           event::Silence,
                           event::AsrFinal,
                           event::AsrDelta,
                           event::Eou,
                           event::TrackStart,
                           event::TrackEnd,
                           event::Interruption,
                           event::Dtmf,
                           event::Metrics,
                           event::Error,
                           event::Ack,
                           event::Binary,
                           event::Ping,
                           event::Other,
                           event::AddHistory,
                           event::Custom,
                           event::Inactivity,
                           event::Hold,
                           event::TransferRequest,
                           event::Message,
                           event::RingbackState,
                           event::AnswerMachineDetection,
                           event::FunctionCall>;

// "answer", "trackEnd": for logs and counters.
inline std::string_view name_of(const Event& event) {
    return std::visit([](const auto& one) { return one.kWireTag; }, event);
}

}  // namespace patchbay::call
