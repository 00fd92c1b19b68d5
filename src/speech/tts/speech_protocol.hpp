// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "media/frame.hpp"
#include "speech/provider_text.hpp"
#include "speech/synthesizer.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::speech {

// What a call asks of a provider of speech, in one meaning for all of them. Empty text is "not
// said".
struct SynthesisRequest {
    std::string text;  // UTF-8
    std::string speaker;
    double speed = 1.0;  // 2.0 is twice as fast
    double volume = 5;   // 0 to 10; 5 leaves the voice as it is
    int sample_rate = media::kSampleRate;
    std::string app_id;
    Secret<std::string> secret_id;
    Secret<std::string> secret_key;
    std::string emotion;
    std::string language;
    std::string model;
    std::string session_id;
    std::string endpoint;
    bool subtitle = false;
    Query extra;
};

// One request for speech: an HTTP POST whose answer's body is the audio, or a WebSocket.
struct SpeechTarget {
    std::string url;
    std::vector<std::pair<std::string, std::string>> fields;  // may hold secrets
    std::string body;                                         // of an HTTP request

    bool is_web_socket() const { return url.starts_with("ws"); }
};

// What a message of the provider means.
struct SpeechReply {
    std::string text;  // to be sent
};
struct SpeechAudio {
    Bytes bytes;  // s16le mono, split anywhere
};
struct SpeechWords {
    std::vector<SpokenWord> words;  // those that are new
};
struct SpeechDone {};
struct SpeechComplaint {
    std::string why;
    int code = 500;  // the HTTP status whose meaning is nearest
};
using SpeechOutput =
    std::variant<SpeechReply, SpeechAudio, SpeechWords, SpeechDone, SpeechComplaint>;
using SpeechOutputs = std::vector<SpeechOutput>;

// The words of one provider for one text. It knows neither sockets nor time; Utterance drives it
// and does what all providers have in common.
class SpeechProtocol {
  public:
    SpeechProtocol() = default;
    SpeechProtocol(const SpeechProtocol&) = delete;
    SpeechProtocol& operator=(const SpeechProtocol&) = delete;
    virtual ~SpeechProtocol() = default;

    virtual SpeechTarget connect(WallTime now, Random& random) = 0;
    // Of the audio that it sends.
    virtual int sample_rate() const = 0;
    // Whether the provider itself makes it louder or quieter.
    virtual bool sets_volume() const { return false; }
    // A WebSocket is open.
    virtual void handle_opened(SpeechOutputs& /*out*/) {}
    virtual void handle_text(std::string_view /*message*/, SpeechOutputs& /*out*/) {}
    // What an HTTP answer with another status than 200 says in its body.
    virtual std::string explain(std::string_view /*body*/) const { return {}; }
};

// A provider of speech, by the word that calls use for it.
struct SpeechProvider {
    std::string_view name;
    // Null: it works on threads of this machine (Synthesizer).
    std::unique_ptr<SpeechProtocol> (*make)(const SynthesisRequest&) = nullptr;
    // Fields of the option that it cannot do without, and those that it uses besides.
    std::span<const std::string_view> needs;
    std::span<const std::string_view> uses;

    bool is_embedded() const { return make == nullptr; }
    bool knows(std::string_view field) const;
};

// All of them, the embedded ones first.
std::span<const SpeechProvider> speech_providers();
// In any case of letters; null: there is none of that name.
const SpeechProvider* find_speech_provider(std::string_view name);

}  // namespace patchbay::speech
