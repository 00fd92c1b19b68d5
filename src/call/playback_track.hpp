// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/event.hpp"
#include "call/ids.hpp"
#include "call/options.hpp"
#include "call/sentence_splitter.hpp"
#include "media/frame.hpp"
#include "speech/synthesizer.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>

// The plain parts of a call's playback queue; the rules are in Playback.
namespace patchbay::call {

// One utterance, file or sound in the queue.
struct PlaybackItem {
    struct Speech {
        std::string text;
        SynthesisOption option;
        std::optional<std::string> cache_key;
    };
    struct File {
        std::string url;
        Milliseconds offset{0};
    };
    // Samples that are there already: base64 audio of a `tts`, a tone.
    struct Sound {};
    using Content = std::variant<Speech, File, Sound>;

    std::uint32_t sequence = 0;  // of its PlaybackId
    Content content;
    std::unique_ptr<media::FrameSource> source;  // null until it is attached
    std::uint64_t frames_heard = 0;
    std::optional<Instant> requested_at;
    std::optional<Instant> starving_since;
    std::optional<speech::SpeechResult> result;  // the provider is done
    std::optional<Nanoseconds> synthesis_time;
    std::optional<Nanoseconds> time_to_first_audio;

    const Speech* speech() const { return std::get_if<Speech>(&content); }
    bool is_being_synthesized() const { return speech() != nullptr && requested_at && !result; }
    Nanoseconds heard() const {
        return static_cast<std::int64_t>(frames_heard) * Nanoseconds(media::kFrameTime);
    }
};

// Why an item cannot be heard: for a person, and as a status of HTTP.
struct PlaybackFailure {
    std::string why;
    int code = 500;
};
PlaybackFailure failure_of(const Error& error);

// What lies between one trackStart and its trackEnd: a file, or all utterances of one playId.
struct PlaybackTrack {
    enum class Kind : std::uint8_t { Speech, File };

    Kind kind = Kind::Speech;
    std::optional<PlayId> play_id;
    std::deque<PlaybackItem> items;
    std::optional<Instant> started_at;
    bool auto_hangup = false;
    bool failed = false;
    std::optional<Milliseconds> wait_input;
    bool open = false;          // streaming: more text will come
    bool winding_down = false;  // interrupted gracefully: nothing is appended any more
    SentenceSplitter text;      // of a streaming track, not yet a sentence
};

// How much of an utterance the peer has heard.
struct HeardSpeech {
    Milliseconds current{0};
    Milliseconds total{0};
    std::optional<std::uint32_t> position;  // index of the last word begun
};
HeardSpeech heard_of(const PlaybackItem& item);

}  // namespace patchbay::call
