// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boxed.hpp"
#include "base/defaulted.hpp"
#include "base/json_text.hpp"
#include "base/secret.hpp"
#include "base/strong.hpp"
#include "base/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

// The option objects of the Active Call API as plain data: fields, units and defaults as the
// contract has them. `std::optional` means "not said". How they are spelt in JSON stands in
// api/messages. Words that name a provider or an algorithm are kept as text and judged by whoever
// serves them, so that an unknown word never refuses a whole command.
namespace patchbay::call {

// SIP headers, provider parameters: numbers and booleans of the JSON arrive as their text.
using TextMap = std::map<std::string, std::string, std::less<>>;

// How long a caller may stay silent after a playback. In JSON a number: below 1000 it means
// seconds, from 1000 on milliseconds, because the documentation and the original server disagreed.
using InputTimeout = Strong<Milliseconds, struct InputTimeoutTag>;

// How long a call may take to be answered (SIP) or connected (WebRTC). In JSON a text such as "30s"
// or "1500ms", or a number of seconds.
using HandshakeTimeout = Strong<Milliseconds, struct HandshakeTimeoutTag>;

struct RecorderOption {
    std::optional<std::string> recorder_file;  // absent: the session id, in the recordings folder
    Defaulted<int, 16000> samplerate;          // Hz
    Defaulted<Milliseconds, 200> ptime;        // how often the file is flushed
    std::optional<std::string> format;         // absent: by the file's extension, else WAV
    Defaulted<bool, false> mono;               // both sides in one channel
    Defaulted<bool, false> clean;              // the caller as recognition hears him

    friend bool operator==(const RecorderOption&, const RecorderOption&) = default;
};

// Speech recognition. Absent `provider` is the configured default.
struct TranscriptionOption {
    std::optional<std::string> provider;
    std::optional<std::string> language;  // "zh-CN", "en-US"
    std::optional<std::string> app_id;
    std::optional<Secret<std::string>> secret_id;
    std::optional<Secret<std::string>> secret_key;
    std::optional<std::string> model_type;
    std::optional<std::uint32_t> buffer_size;  // bytes
    Defaulted<int, 16000> samplerate;          // Hz
    std::optional<std::string> endpoint;
    TextMap extra;
    Defaulted<bool, false> start_when_answer;

    friend bool operator==(const TranscriptionOption&, const TranscriptionOption&) = default;
};

// Speech synthesis: of the call, or of one `tts` command, whose given fields win (see overlaid()).
struct SynthesisOption {
    std::optional<std::string> provider;
    std::optional<std::string> speaker;
    Defaulted<int, 5> volume;  // 1 to 10
    Defaulted<double, 1.0> speed;
    Defaulted<int, 16000> samplerate;  // Hz
    std::optional<std::string> app_id;
    std::optional<Secret<std::string>> secret_id;
    std::optional<Secret<std::string>> secret_key;
    std::optional<std::string> codec;
    Defaulted<bool, false> subtitle;
    std::optional<std::string> emotion;
    std::optional<std::string> language;
    std::optional<std::string> model;
    std::optional<std::string> session_id;  // the provider's, not ours
    std::optional<std::string> endpoint;
    TextMap extra;
    Defaulted<std::uint32_t, 1U> max_concurrent_tasks;  // of non-streaming commands

    friend bool operator==(const SynthesisOption&, const SynthesisOption&) = default;
};

// Every field that `over` gives, and `base` for the rest; `extra` is merged key by key. A command
// with a partial option therefore never resets what the call asked for.
SynthesisOption overlaid(const SynthesisOption& base, const SynthesisOption& over);

// Voice activity detection. `type`: "silero" (default), "ten", "webrtc".
struct VadOption {
    std::optional<std::string> type;
    Defaulted<int, 16000> samplerate;              // Hz
    Defaulted<Milliseconds, 250> speech_padding;   // voice this long is speech
    Defaulted<Milliseconds, 100> silence_padding;  // least distance between two `silence` events
    Defaulted<double, 0.5> ratio;                  // 0 to 1
    Defaulted<double, 0.5> voice_threshold;        // 0 to 1
    Defaulted<Seconds, 50> max_buffer_duration;    // of kept speech
    std::optional<Milliseconds> silence_timeout;   // a further `silence` whenever this has passed
    std::optional<std::string> endpoint;
    std::optional<Secret<std::string>> secret_key;
    std::optional<Secret<std::string>> secret_id;

    friend bool operator==(const VadOption&, const VadOption&) = default;
};

// All audio of the call goes to a WebSocket server and comes from there: s16le, mono.
struct MediaPassOption {
    std::string url;
    int input_sample_rate = 0;                    // Hz, what the server sends us
    int output_sample_rate = 0;                   // Hz, what we send
    Defaulted<std::uint32_t, 2560U> packet_size;  // bytes on the wire per message of ours
    std::optional<Milliseconds> ptime;            // pace of play-out; absent: 20 ms

    friend bool operator==(const MediaPassOption&, const MediaPassOption&) = default;
};

// Credentials and headers of an outgoing INVITE.
struct SipOption {
    std::optional<std::string> username;
    std::optional<Secret<std::string>> password;
    std::optional<std::string> realm;
    TextMap headers;
    std::optional<std::string> contact;
    TextMap hangup_headers;                    // go on the BYE
    std::vector<std::string> extract_headers;  // names copied from the peer into `hangup.extra`
    std::optional<bool> enable_srtp;

    friend bool operator==(const SipOption&, const SipOption&) = default;
};

// The second leg of `refer`.
struct ReferOption {
    Defaulted<bool, false> denoise;
    Defaulted<Seconds, 30> timeout;  // until the second leg answers
    std::optional<std::string> moh;  // URL of the hold music
    std::optional<TranscriptionOption> asr;
    Defaulted<bool, false> auto_hangup;  // the main call ends with the second leg
    std::optional<SipOption> sip;
    std::optional<VadOption> vad;
    std::optional<JsonText> agc;
    std::optional<std::string> call_id;
    Defaulted<bool, false> pause_parent_asr;  // the caller is not recognized meanwhile
    Defaulted<bool, true> forward_dtmf;

    friend bool operator==(const ReferOption&, const ReferOption&) = default;
};

// Background sound under the bot's voice. Levels are factors of the amplitude.
struct AmbianceOption {
    std::optional<std::string> path;
    Defaulted<double, 0.1> duck_level;    // while the bot talks
    Defaulted<double, 0.3> normal_level;  // otherwise
    Defaulted<double, 0.01> transition_speed;
    std::optional<bool> enabled;

    friend bool operator==(const AmbianceOption&, const AmbianceOption&) = default;
};

// End-of-utterance detection by a service.
struct EouOption {
    std::optional<std::string> type;
    std::optional<std::string> endpoint;
    std::optional<Secret<std::string>> secret_key;
    std::optional<Secret<std::string>> secret_id;
    std::optional<Milliseconds> timeout;
    TextMap extra;

    friend bool operator==(const EouOption&, const EouOption&) = default;
};

// Speech-to-speech provider.
struct RealtimeOption {
    std::optional<std::string> provider;
    std::optional<std::string> model;
    std::optional<Secret<std::string>> secret_key;
    std::optional<Secret<std::string>> secret_id;
    std::optional<std::string> endpoint;
    std::optional<JsonText> turn_detection;
    std::optional<JsonText> tools;
    TextMap extra;

    friend bool operator==(const RealtimeOption&, const RealtimeOption&) = default;
};

// Classifies what is heard before the answer.
struct RingbackDetectionOption {
    std::optional<bool> enabled;
    std::optional<std::string> model_weights_path;
    Defaulted<Seconds, 6> min_buffer;
    Defaulted<Seconds, 2> detection_interval;
    Defaulted<double, 0.5> confidence_threshold;
    Defaulted<bool, true> on_state_change_only;
    Defaulted<std::uint32_t, 6U> sliding_window_size;
    Defaulted<double, 0.9> final_confidence_threshold;

    friend bool operator==(const RingbackDetectionOption&,
                           const RingbackDetectionOption&) = default;
};

// Whether a caller who speaks stops what plays. `mode`: "vad" (default), "asr", "none".
struct BargeInOption {
    std::optional<std::string> mode;
    Defaulted<Milliseconds, 0> min_duration;  // vad: of speech, beside vad.speechPadding
    Defaulted<std::uint32_t, 1U> min_words;   // asr: that are no fillers
    std::vector<std::string> fillers;
    std::optional<Milliseconds> fade_out;

    friend bool operator==(const BargeInOption&, const BargeInOption&) = default;
};

// What `invite` and `accept` ask for.
struct CallOption {
    Defaulted<bool, false> denoise;
    std::optional<std::string> offer;   // SDP
    std::optional<std::string> callee;  // SIP or tel URI, or a bare number
    std::optional<std::string> caller;
    std::optional<std::string> codec;  // "pcmu" (default), "pcma", "g722", "pcm" (WebSocket audio)
    std::optional<RecorderOption> recorder;
    Boxed<VadOption> vad;
    Boxed<TranscriptionOption> asr;
    Boxed<SynthesisOption> tts;
    std::optional<MediaPassOption> media_pass;
    std::optional<HandshakeTimeout> handshake_timeout;
    Defaulted<bool, false> enable_ipv6;
    Boxed<SipOption> sip;
    JsonObject extra;  // any JSON; comes back in the `hangup` event
    std::optional<JsonText> agc;
    Defaulted<bool, false> echo_cancel;  // what we say comes back from a loudspeaker
    std::optional<BargeInOption> barge_in;
    std::optional<Seconds> inactivity_timeout;
    std::optional<AmbianceOption> ambiance;
    Boxed<EouOption> eou;
    Boxed<RealtimeOption> realtime;
    Defaulted<bool, false> subscribe;
    std::optional<bool> enable_ice_lite;
    std::optional<RingbackDetectionOption> ringback_detection;

    friend bool operator==(const CallOption&, const CallOption&) = default;
};

}  // namespace patchbay::call
