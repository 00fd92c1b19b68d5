// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"
#include "speech/tts/socket_voices.hpp"
#include "wire/decode.hpp"

#include <boost/describe/class.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace patchbay::speech {
namespace {

constexpr std::string_view kEndpoint = "wss://tts.cloud.tencent.com/stream_ws";
constexpr std::int64_t kSignatureSeconds = 86'400;

struct Subtitle {
    static constexpr std::array kWireNames{
        wire::Rename{"text", "Text"}, wire::Rename{"begin_time", "BeginTime"},
        wire::Rename{"end_time", "EndTime"}, wire::Rename{"begin_index", "BeginIndex"},
        wire::Rename{"end_index", "EndIndex"}};
    std::string text;
    std::int64_t begin_time = 0;  // milliseconds
    std::int64_t end_time = 0;
    std::int64_t begin_index = 0;  // characters
    std::int64_t end_index = 0;
};
BOOST_DESCRIBE_STRUCT(Subtitle, (), (text, begin_time, end_time, begin_index, end_index))

struct Timing {
    std::vector<Subtitle> subtitles;
};
BOOST_DESCRIBE_STRUCT(Timing, (), (subtitles))

struct Message {
    int code = 0;
    std::optional<std::string> message;
    std::optional<int> final;
    std::optional<int> heartbeat;
    std::optional<Timing> result;
};
BOOST_DESCRIBE_STRUCT(Message, (), (code, message, final, heartbeat, result))

// Byte offsets of the characters of a text, and of its end.
std::vector<std::size_t> offsets_of(std::string_view text) {
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0U) != 0x80U) {
            out.push_back(i);
        }
    }
    out.push_back(text.size());
    return out;
}

class TencentVoice final : public SpeechProtocol {
  public:
    explicit TencentVoice(SynthesisRequest request)
        : request_(std::move(request)), offsets_(offsets_of(request_.text)) {}

    int sample_rate() const override { return request_.sample_rate; }
    bool sets_volume() const override { return true; }

    SpeechTarget connect(WallTime now, Random& random) override {
        const std::int64_t seconds = now.milliseconds / 1000;
        Query query{{"VoiceType", request_.speaker.empty() ? "101001" : request_.speaker},
                    {"Volume", std::to_string(tencent_volume(request_.volume))},
                    {"Speed", fmt::format("{:g}", tencent_speed(request_.speed))},
                    {"SampleRate", std::to_string(request_.sample_rate)},
                    {"Codec", "pcm"},
                    {"EnableSubtitle", request_.subtitle ? "true" : "false"}};
        if (!request_.emotion.empty()) {
            query["EmotionCategory"] = request_.emotion;
        }
        for (const auto& [name, value] : request_.extra) {
            query[name] = value;
        }
        query["Action"] = "TextToStreamAudioWS";
        query["AppId"] = request_.app_id;
        query["SecretId"] = request_.secret_id.reveal();
        query["Timestamp"] = std::to_string(seconds);
        query["Expired"] = std::to_string(seconds + kSignatureSeconds);
        query["SessionId"] = request_.session_id.empty() ? random.uuid() : request_.session_id;
        query["Text"] = request_.text;
        const std::string base =
            request_.endpoint.empty() ? std::string(kEndpoint) : request_.endpoint;
        const std::string signature =
            hmac_sha1_base64(request_.secret_key.reveal(),
                             "GET" + with_query(without_scheme(base), plain_query(query)));
        return {.url = with_query(base, escaped_query(query)) +
                       "&Signature=" + percent_encode(signature),
                .fields = {},
                .body = {}};
    }

    void handle_text(std::string_view text, SpeechOutputs& out) override {
        const auto message = wire::decode_document<Message>(text);
        if (!message) {
            return;  // what cannot be read is no audio, and the stall is noticed
        }
        if (message->code != 0) {
            out.emplace_back(
                SpeechComplaint{std::to_string(message->code) + " " + message->message.value_or(""),
                                message->code == 10003 || message->code == 4002 ? 401 : 502});
            return;
        }
        if (message->result) {
            SpeechWords words;
            for (const Subtitle& subtitle : message->result->subtitles) {
                words.words.push_back({.text_begin = offset(subtitle.begin_index),
                                       .text_end = offset(subtitle.end_index),
                                       .audio_begin = Milliseconds(subtitle.begin_time),
                                       .audio_end = Milliseconds(subtitle.end_time)});
            }
            out.emplace_back(std::move(words));
        }
        if (message->final.value_or(0) == 1) {
            out.emplace_back(SpeechDone{});
        }
    }

  private:
    std::size_t offset(std::int64_t character) const {
        const auto last = static_cast<std::int64_t>(offsets_.size()) - 1;
        return offsets_[static_cast<std::size_t>(std::clamp(character, std::int64_t{0}, last))];
    }

    SynthesisRequest request_;
    std::vector<std::size_t> offsets_;
};

}  // namespace

// Their page: -2 is 0.6 times as fast, -1 0.8, 0 1.0, 1 1.2, 2 1.5, 6 2.5; straight in between.
double tencent_speed(double speed) {
    struct Point {
        double ours;
        double theirs;
    };
    constexpr std::array kPoints = {Point{0.6, -2}, Point{0.8, -1}, Point{1.0, 0},
                                    Point{1.2, 1},  Point{1.5, 2},  Point{2.5, 6}};
    const double wanted = std::clamp(speed, kPoints.front().ours, kPoints.back().ours);
    for (std::size_t i = 1; i < kPoints.size(); ++i) {
        if (wanted <= kPoints[i].ours) {
            const Point& a = kPoints[i - 1];
            const Point& b = kPoints[i];
            const double exact =
                a.theirs + (wanted - a.ours) / (b.ours - a.ours) * (b.theirs - a.theirs);
            return std::round(exact * 100) / 100;
        }
    }
    return kPoints.back().theirs;
}

int tencent_volume(double volume) {
    return static_cast<int>(std::lround((std::clamp(volume, 0.0, 10.0) - 5) * 2));
}

std::unique_ptr<SpeechProtocol> make_tencent_voice(const SynthesisRequest& request) {
    return std::make_unique<TencentVoice>(request);
}

}  // namespace patchbay::speech
