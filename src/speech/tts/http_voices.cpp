// SPDX-License-Identifier: Apache-2.0
#include "speech/tts/http_voices.hpp"

#include "wire/decode.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <optional>
#include <utility>

namespace patchbay::speech {
namespace {

std::optional<std::string> given(const std::string& text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

// Local servers want none.
void authorize(SpeechTarget& target, const Secret<std::string>& key) {
    if (!key.reveal().empty()) {
        target.fields.emplace_back("Authorization", "Bearer " + key.reveal());
    }
}

// --- Deepgram

struct DeepgramText {
    std::string text;
};
BOOST_DESCRIBE_STRUCT(DeepgramText, (), (text))

struct DeepgramError {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    std::optional<std::string> err_code;
    std::optional<std::string> err_msg;
};
BOOST_DESCRIBE_STRUCT(DeepgramError, (), (err_code, err_msg))

class DeepgramVoice final : public SpeechProtocol {
  public:
    explicit DeepgramVoice(SynthesisRequest request) : request_(std::move(request)) {}

    int sample_rate() const override { return request_.sample_rate; }

    SpeechTarget connect(WallTime, Random&) override {
        std::string model = request_.model.empty() ? request_.speaker : request_.model;
        Query query{{"model", model.empty() ? "aura-2-thalia-en" : model},
                    {"encoding", "linear16"},
                    {"sample_rate", std::to_string(request_.sample_rate)},
                    {"container", "none"}};
        for (const auto& [name, value] : request_.extra) {
            query[name] = value;
        }
        const std::string base =
            request_.endpoint.empty() ? "https://api.deepgram.com/v1/speak" : request_.endpoint;
        return {.url = with_query(base, escaped_query(query)),
                .fields = {{"Authorization", "Token " + request_.secret_key.reveal()},
                           {"Content-Type", "application/json"}},
                .body = wire::encode(DeepgramText{request_.text})};
    }

    std::string explain(std::string_view body) const override {
        const auto error = wire::decode_document<DeepgramError>(body);
        return error ? error->err_code.value_or("") + " " + error->err_msg.value_or("")
                     : std::string();
    }

  private:
    SynthesisRequest request_;
};

// --- OpenAI

struct OpenAiText {
    static constexpr wire::Case kWireCase = wire::Case::Snake;
    std::string model;
    std::string input;
    std::string voice;
    std::string response_format = "pcm";
    double speed = 1.0;
    std::optional<std::string> instructions;
};
BOOST_DESCRIBE_STRUCT(OpenAiText, (), (model, input, voice, response_format, speed, instructions))

struct OpenAiProblem {
    std::optional<std::string> message;
};
BOOST_DESCRIBE_STRUCT(OpenAiProblem, (), (message))

struct OpenAiError {
    std::optional<OpenAiProblem> error;
};
BOOST_DESCRIBE_STRUCT(OpenAiError, (), (error))

class OpenAiVoice final : public SpeechProtocol {
  public:
    explicit OpenAiVoice(SynthesisRequest request) : request_(std::move(request)) {}

    // Fixed for its "pcm".
    int sample_rate() const override { return 24'000; }

    SpeechTarget connect(WallTime, Random&) override {
        OpenAiText text{.model = request_.model.empty() ? "gpt-4o-mini-tts" : request_.model,
                        .input = request_.text,
                        .voice = request_.speaker.empty() ? "alloy" : request_.speaker,
                        .speed = std::clamp(request_.speed, 0.25, 4.0),
                        .instructions = std::nullopt};
        if (!request_.emotion.empty()) {
            text.instructions = "Speak in a " + request_.emotion + " tone.";
        }
        if (const auto own = request_.extra.find("instructions"); own != request_.extra.end()) {
            text.instructions = own->second;
        }
        SpeechTarget target{.url = request_.endpoint.empty()
                                       ? "https://api.openai.com/v1/audio/speech"
                                       : request_.endpoint,
                            .fields = {{"Content-Type", "application/json"}},
                            .body = wire::encode(text)};
        authorize(target, request_.secret_key);
        return target;
    }

    std::string explain(std::string_view body) const override {
        const auto error = wire::decode_document<OpenAiError>(body);
        return error && error->error ? error->error->message.value_or("") : std::string();
    }

  private:
    SynthesisRequest request_;
};

// --- voiceapi

struct VoiceApiText {
    std::string text;
    std::string encoding = "s16le";
    int sample_rate = 0;
    double speed = 1.0;
    double volume = 5;
    std::optional<std::string> speaker;
    std::optional<std::string> language;
    std::optional<std::string> emotion;
    std::optional<std::string> model;
    Query extra;
};
BOOST_DESCRIBE_STRUCT(
    VoiceApiText,
    (),
    (text, encoding, sample_rate, speed, volume, speaker, language, emotion, model, extra))

struct VoiceApiError {
    std::optional<std::string> error;
};
BOOST_DESCRIBE_STRUCT(VoiceApiError, (), (error))

class VoiceApiVoice final : public SpeechProtocol {
  public:
    explicit VoiceApiVoice(SynthesisRequest request) : request_(std::move(request)) {}

    int sample_rate() const override { return request_.sample_rate; }
    bool sets_volume() const override { return true; }

    SpeechTarget connect(WallTime, Random&) override {
        const VoiceApiText text{.text = request_.text,
                                .sample_rate = request_.sample_rate,
                                .speed = request_.speed,
                                .volume = request_.volume,
                                .speaker = given(request_.speaker),
                                .language = given(request_.language),
                                .emotion = given(request_.emotion),
                                .model = given(request_.model),
                                .extra = request_.extra};
        SpeechTarget target{
            .url = request_.endpoint.empty() ? "http://localhost:8000/speak" : request_.endpoint,
            .fields = {{"Content-Type", "application/json"}},
            .body = wire::encode(text)};
        authorize(target, request_.secret_key);
        return target;
    }

    std::string explain(std::string_view body) const override {
        const auto error = wire::decode_document<VoiceApiError>(body);
        return error ? error->error.value_or("") : std::string();
    }

  private:
    SynthesisRequest request_;
};

}  // namespace

std::unique_ptr<SpeechProtocol> make_deepgram_voice(const SynthesisRequest& request) {
    return std::make_unique<DeepgramVoice>(request);
}

std::unique_ptr<SpeechProtocol> make_openai_voice(const SynthesisRequest& request) {
    return std::make_unique<OpenAiVoice>(request);
}

std::unique_ptr<SpeechProtocol> make_voiceapi_voice(const SynthesisRequest& request) {
    return std::make_unique<VoiceApiVoice>(request);
}

}  // namespace patchbay::speech
