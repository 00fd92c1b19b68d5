// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/defaulted.hpp"
#include "base/json_text.hpp"
#include "base/time.hpp"
#include "call/ids.hpp"
#include "call/options.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

// What an application may ask of a call, one plain struct per command of the Active Call API.
// `kWireTag` is the command's name in that API and in error texts. Which command is legal in which
// state, and which is served, is the session's business.
namespace patchbay::call {
namespace command {

struct Invite {
    static constexpr std::string_view kWireTag = "invite";
    CallOption option;

    friend bool operator==(const Invite&, const Invite&) = default;
};

struct Accept {
    static constexpr std::string_view kWireTag = "accept";
    CallOption option;

    friend bool operator==(const Accept&, const Accept&) = default;
};

struct Reject {
    static constexpr std::string_view kWireTag = "reject";
    std::string reason;
    std::optional<int> code;  // SIP status; absent: 603

    friend bool operator==(const Reject&, const Reject&) = default;
};

// 180, or 183 with media when early_media is set or a ringtone is given.
struct Ringing {
    static constexpr std::string_view kWireTag = "ringing";
    std::optional<RecorderOption> recorder;  // in force for the whole call, whatever `accept` says
    Defaulted<bool, false> early_media;
    std::optional<std::string> ringtone;  // URL

    friend bool operator==(const Ringing&, const Ringing&) = default;
};

struct Tts {
    static constexpr std::string_view kWireTag = "tts";
    std::string text;
    std::optional<std::string> speaker;  // wins over option.speaker
    std::optional<PlayId> play_id;
    Defaulted<bool, false> auto_hangup;  // not given: what the running playback has stays
    Defaulted<bool, false> streaming;    // `text` is a piece of one utterance
    Defaulted<bool, false> end_of_stream;
    std::optional<InputTimeout> wait_input_timeout;
    std::optional<SynthesisOption> option;  // laid over the call's
    Defaulted<bool, false> base64;          // `text` is base64 of s16le mono at the TTS rate
    std::optional<std::string> cache_key;

    friend bool operator==(const Tts&, const Tts&) = default;
};

struct Play {
    static constexpr std::string_view kWireTag = "play";
    std::string url;
    std::optional<PlayId> play_id;  // absent: the URL
    Defaulted<bool, false> auto_hangup;
    std::optional<InputTimeout> wait_input_timeout;
    std::optional<Milliseconds> offset;  // "offsetMs": where in the file to start

    friend bool operator==(const Play&, const Play&) = default;
};

struct Interrupt {
    static constexpr std::string_view kWireTag = "interrupt";
    Defaulted<bool, false> graceful;       // finish the sentence that is being spoken
    std::optional<Milliseconds> fade_out;  // "fadeOutMs"

    friend bool operator==(const Interrupt&, const Interrupt&) = default;
};

struct Pause {
    static constexpr std::string_view kWireTag = "pause";

    friend bool operator==(const Pause&, const Pause&) = default;
};

struct Resume {
    static constexpr std::string_view kWireTag = "resume";

    friend bool operator==(const Resume&, const Resume&) = default;
};

// Calls another party and joins the audio, in place of an earlier one. It sends no SIP REFER.
struct Refer {
    static constexpr std::string_view kWireTag = "refer";
    std::string caller;  // empty: the main call's caller
    std::string callee;
    std::optional<ReferOption> options;

    friend bool operator==(const Refer&, const Refer&) = default;
};

// Audio coming from the track becomes silence; all tracks when none is named.
struct Mute {
    static constexpr std::string_view kWireTag = "mute";
    std::optional<TrackId> track_id;

    friend bool operator==(const Mute&, const Mute&) = default;
};

struct Unmute {
    static constexpr std::string_view kWireTag = "unmute";
    std::optional<TrackId> track_id;

    friend bool operator==(const Unmute&, const Unmute&) = default;
};

struct Hangup {
    static constexpr std::string_view kWireTag = "hangup";
    std::optional<std::string> reason;  // both come back unchanged in the `hangup` event
    std::optional<std::string> initiator;
    TextMap headers;            // go on the BYE
    std::optional<bool> refer;  // true: only the second leg of `refer` ends

    friend bool operator==(const Hangup&, const Hangup&) = default;
};

// A SIP MESSAGE inside the dialog.
struct Message {
    static constexpr std::string_view kWireTag = "message";
    std::string body;
    std::optional<std::string> content_type;  // absent: "text/plain;charset=utf-8"
    TextMap headers;
    std::optional<bool> refer;

    friend bool operator==(const Message&, const Message&) = default;
};

// Joins the audio of two running calls.
struct Bridge {
    static constexpr std::string_view kWireTag = "bridge";
    SessionId target_session_id;

    friend bool operator==(const Bridge&, const Bridge&) = default;
};

struct Unbridge {
    static constexpr std::string_view kWireTag = "unbridge";
    std::optional<SessionId> target_session_id;  // absent: every bridge of this call

    friend bool operator==(const Unbridge&, const Unbridge&) = default;
};

struct History {
    static constexpr std::string_view kWireTag = "history";
    std::string speaker;
    std::string text;

    friend bool operator==(const History&, const History&) = default;
};

struct Custom {
    static constexpr std::string_view kWireTag = "custom";
    std::optional<std::string> sender;
    JsonText data;

    friend bool operator==(const Custom&, const Custom&) = default;
};

struct AddIceCandidate {
    static constexpr std::string_view kWireTag = "addIceCandidate";
    std::string candidate;
    std::optional<std::string> sdp_mid;
    std::optional<std::uint16_t> sdp_mline_index;

    friend bool operator==(const AddIceCandidate&, const AddIceCandidate&) = default;
};

// A later offer of the browser in a WebRTC call, answered by a further `answer` event: other ICE
// credentials restart ICE while media goes on, another direction holds or resumes.
struct Offer {
    static constexpr std::string_view kWireTag = "offer";
    std::string sdp;

    friend bool operator==(const Offer&, const Offer&) = default;
};

// Sends keys to the peer, one after another.
struct Dtmf {
    static constexpr std::string_view kWireTag = "dtmf";
    std::string digits;                     // 0-9 * # A-D
    Defaulted<Milliseconds, 160> duration;  // "durationMs", of each key
    Defaulted<Milliseconds, 80> gap;        // "gapMs", of silence between two keys
    std::optional<bool> refer;

    friend bool operator==(const Dtmf&, const Dtmf&) = default;
};

struct Hold {
    static constexpr std::string_view kWireTag = "hold";

    friend bool operator==(const Hold&, const Hold&) = default;
};

struct Unhold {
    static constexpr std::string_view kWireTag = "unhold";

    friend bool operator==(const Unhold&, const Unhold&) = default;
};

enum class RecordAction : std::uint8_t { Start, Stop, Pause, Resume };

struct Record {
    static constexpr std::string_view kWireTag = "record";
    RecordAction action = RecordAction::Start;
    std::optional<RecorderOption> recorder;  // of Start

    friend bool operator==(const Record&, const Record&) = default;
};

// A true SIP REFER: the peer is asked to call somebody else. With a session id the transfer is
// attended: the peer replaces that call (RFC 3891).
struct Transfer {
    static constexpr std::string_view kWireTag = "transfer";
    std::optional<std::string> callee;
    std::optional<SessionId> target_session_id;
    TextMap headers;

    friend bool operator==(const Transfer&, const Transfer&) = default;
};

}  // namespace command

using Command = std::variant<command::Invite,
                             command::Accept,
                             command::Reject,
                             command::Ringing,
                             command::Tts,
                             command::Play,
                             command::Interrupt,
                             command::Pause,
                             command::Resume,
                             command::Refer,
                             command::Mute,
                             command::Unmute,
                             command::Hangup,
                             command::Message,
                             command::Bridge,
                             command::Unbridge,
                             command::History,
                             command::Custom,
                             command::AddIceCandidate,
                             command::Offer,
                             command::Dtmf,
                             command::Hold,
                             command::Unhold,
                             command::Record,
                             command::Transfer>;

// "invite", "tts": for error texts and logs.
inline std::string_view name_of(const Command& command) {
    return std::visit([](const auto& one) { return one.kWireTag; }, command);
}

}  // namespace patchbay::call
