// SPDX-License-Identifier: Apache-2.0
// Providers of speech on the network: what they are asked, and what becomes of what they send.
#include "base/text.hpp"
#include "speech/limits.hpp"
#include "speech/tts/socket_voices.hpp"
#include "speech/tts/utterance.hpp"
#include "support/signed_query.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace patchbay::speech {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr WallTime kNow{1'640'995'200'000};
const Instant kStart{Seconds(100)};

SynthesisRequest request_for(std::string_view text) {
    return {.text = std::string(text),
            .app_id = std::string(test::kAppId),
            .secret_id = Secret(std::string(test::kSecretId)),
            .secret_key = Secret(std::string(test::kSecretKey))};
}

// A tone as s16le.
Bytes tone(int rate, Milliseconds length) {
    Bytes out;
    const auto count = media::samples_in(length, rate);
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto sample = static_cast<std::int16_t>(std::lround(
            10'000 * std::sin(2 * std::numbers::pi * 500 * static_cast<double>(i) / rate)));
        out.push_back(static_cast<std::uint8_t>(sample & 0xff));
        out.push_back(static_cast<std::uint8_t>((sample >> 8) & 0xff));
    }
    return out;
}

// Runs one text against what the test says in the provider's place.
class Conversation {
  public:
    Conversation(std::string_view provider, SynthesisRequest request)
        : utterance(find_speech_provider(provider)->make(request), request) {
        target = utterance.connect(kStart, kNow, random_);
    }

    void opened() {
        note([&](auto& out) { utterance.handle_opened(kStart, out); });
    }
    void text(std::string_view message) {
        note([&](auto& out) { utterance.handle_text(kStart, message, out); });
    }
    void bytes(ByteView piece) {
        note([&](auto& out) { utterance.handle_bytes(kStart, piece, out); });
    }
    // In pieces of this size, the last one shorter.
    void bytes_in_pieces(const Bytes& all, std::size_t size) {
        for (std::size_t at = 0; at < all.size(); at += size) {
            bytes(ByteView(all).subspan(at, std::min(size, all.size() - at)));
        }
    }
    template <class Action>
    void note(Action action) {
        UtteranceOutputs out;
        action(out);
        for (UtteranceOutput& output : out) {
            if (auto* send = std::get_if<SendSpeechText>(&output)) {
                sent.push_back(std::move(send->text));
            } else if (auto* more = std::get_if<SpeechSamples>(&output)) {
                samples.insert(samples.end(), more->samples.begin(), more->samples.end());
            } else if (auto* end = std::get_if<SpeechFinished>(&output)) {
                finished.push_back(std::move(end->result));
            } else if (auto* fault = std::get_if<SpeechFailed>(&output)) {
                failed.push_back(std::move(*fault));
            }
        }
    }

    Utterance utterance;
    SpeechTarget target;
    std::vector<std::string> sent;
    std::vector<std::int16_t> samples;
    std::vector<SpeechResult> finished;
    std::vector<SpeechFailed> failed;

  private:
    SeededRandom random_{1};
};

TEST(Utterance, AudioMayBeSplitAnywhere) {
    const Bytes audio = tone(16000, Milliseconds(500));
    Conversation whole("deepgram", request_for("hello"));
    whole.bytes(audio);
    ASSERT_THAT(whole.samples, SizeIs(8000));
    for (const std::size_t size : {1U, 3U, 7U, 333U}) {
        Conversation split("deepgram", request_for("hello"));
        split.bytes_in_pieces(audio, size);
        EXPECT_EQ(split.samples, whole.samples) << size;
    }
}

TEST(Utterance, ARiffHeaderIsNotHeard) {
    Bytes wave(44);
    std::copy_n("RIFF", 4, wave.begin());
    const Bytes audio = tone(16000, Milliseconds(100));
    wave.insert(wave.end(), audio.begin(), audio.end());
    for (const std::size_t size : {1U, 10U, 45U, 5000U}) {
        Conversation one("deepgram", request_for("hello"));
        one.bytes_in_pieces(wave, size);
        EXPECT_THAT(one.samples, SizeIs(1600)) << size;
    }
}

TEST(Utterance, OtherRatesAreResampled) {
    for (const int rate : {8000, 16000, 24000, 48000}) {
        SynthesisRequest request = request_for("hello");
        request.sample_rate = rate;
        Conversation one("voiceapi", request);
        one.bytes(tone(rate, Seconds(1)));
        one.note([&](auto& out) { one.utterance.handle_end(out); });
        ASSERT_THAT(one.finished, SizeIs(1));
        EXPECT_NEAR(static_cast<double>(one.finished[0].duration.count()), 1e9, 2e7) << rate;
    }
}

TEST(Utterance, TheVolumeIsSetWhereTheProviderDoesNot) {
    const auto peak = [](std::string_view provider, double volume) {
        SynthesisRequest request = request_for("hello");
        request.volume = volume;
        Conversation one(provider, request);
        one.bytes(tone(16000, Milliseconds(200)));
        return *std::ranges::max_element(one.samples);
    };
    EXPECT_NEAR(peak("deepgram", 5), 10'000, 50);
    EXPECT_NEAR(peak("deepgram", 10), 20'000, 100);
    EXPECT_NEAR(peak("deepgram", 1), 2'000, 50);
    EXPECT_NEAR(peak("voiceapi", 10), 10'000, 50);
}

TEST(Utterance, WordTimesAreEstimatedWhereNoneAreTold) {
    Conversation one("deepgram", request_for("abcd ef gh"));
    one.bytes(tone(16000, Seconds(1)));
    one.note([&](auto& out) { one.utterance.handle_end(out); });
    const auto& words = one.finished.at(0).words;
    ASSERT_THAT(words, SizeIs(3));
    EXPECT_EQ(words[0].audio_begin, Nanoseconds(0));
    EXPECT_EQ(words[0].text_end, 4U);
    EXPECT_NEAR(static_cast<double>(words[1].audio_begin.count()), 5e8, 1e7);
    EXPECT_NEAR(static_cast<double>(words[2].audio_end.count()), 1e9, 1e7);
}

TEST(Utterance, SilenceOfTheProviderIsAFailure) {
    Conversation one("deepgram", request_for("hello"));
    one.note([&](auto& out) { one.utterance.handle_timeout(kStart + Seconds(9), out); });
    EXPECT_THAT(one.failed, IsEmpty());
    one.note([&](auto& out) { one.utterance.handle_timeout(kStart + kSpeechStall, out); });
    ASSERT_THAT(one.failed, SizeIs(1));
    EXPECT_EQ(one.failed[0].code, 408);
}

TEST(Utterance, ItEndsOnce) {
    Conversation one("deepgram", request_for("hello"));
    one.note([&](auto& out) { one.utterance.handle_end(out); });
    one.note([&](auto& out) { one.utterance.handle_closed("lost", 503, out); });
    one.bytes(tone(16000, Milliseconds(20)));
    one.note([&](auto& out) { one.utterance.handle_timeout(kStart + Seconds(60), out); });
    EXPECT_THAT(one.finished, SizeIs(1));
    EXPECT_THAT(one.failed, IsEmpty());
    EXPECT_THAT(one.samples, IsEmpty());
}

TEST(HttpVoices, EachRefusalIsToldInTheProvidersWords) {
    const std::tuple<std::string_view, std::string_view, std::string_view> rows[] = {
        {"deepgram", R"({"err_code":"INVALID_AUTH","err_msg":"Invalid credentials."})",
         "401: INVALID_AUTH Invalid credentials."},
        {"openai", R"({"error":{"message":"quota exceeded"}})", "401: quota exceeded"},
        {"voiceapi", R"({"error":"no such voice"})", "401: no such voice"},
        {"openai", "<html>garbage", "refused with HTTP status 401"},
    };
    for (const auto& row : rows) {
        const std::string_view provider = std::get<0>(row);
        Conversation one(provider, request_for("hello"));
        one.note([&](auto& out) { one.utterance.handle_status(401, std::get<1>(row), out); });
        ASSERT_THAT(one.failed, SizeIs(1)) << provider;
        EXPECT_EQ(one.failed[0].code, 401);
        EXPECT_THAT(one.failed[0].why, HasSubstr(std::string(std::get<2>(row))));
    }
}

TEST(HttpVoices, AskForWhatTheCallWants) {
    SynthesisRequest request = request_for("say \"it\"");
    request.speaker = "nova";
    request.speed = 1.5;
    request.emotion = "cheerful";
    Conversation openai("openai", request);
    EXPECT_EQ(openai.target.url, "https://api.openai.com/v1/audio/speech");
    EXPECT_EQ(openai.target.body,
              R"({"model":"gpt-4o-mini-tts","input":"say \"it\"","voice":"nova",)"
              R"("response_format":"pcm","speed":1.5,"instructions":"Speak in a cheerful tone."})");
    Conversation deepgram("deepgram", request);
    EXPECT_EQ(deepgram.target.url,
              "https://api.deepgram.com/v1/speak?container=none&encoding=linear16&model=nova"
              "&sample_rate=16000");
    EXPECT_EQ(deepgram.target.body, R"({"text":"say \"it\""})");
    Conversation voiceapi("voiceapi", request);
    EXPECT_EQ(voiceapi.target.url, "http://localhost:8000/speak");
    EXPECT_EQ(voiceapi.target.body,
              R"({"text":"say \"it\"","encoding":"s16le","sampleRate":16000,"speed":1.5,)"
              R"("volume":5.0,"speaker":"nova","emotion":"cheerful"})");
}

TEST(TencentVoice, TheSignatureCoversWhatIsSent) {
    SynthesisRequest request = request_for("one & two");
    request.extra = {{"SegmentRate", "1"}};
    const Conversation one("tencent", request);
    auto query = test::query_of(one.target.url);
    const std::string signature = query["Signature"];
    query.erase("Signature");
    std::string plain = "GETtts.cloud.tencent.com/stream_ws";
    char join = '?';
    for (const auto& [name, value] : query) {
        plain += join + name + "=" + value;
        join = '&';
    }
    EXPECT_EQ(signature, test::signed_with(std::string(test::kSecretKey), plain));
    EXPECT_EQ(query["Action"], "TextToStreamAudioWS");
    EXPECT_EQ(query["Text"], "one & two");
    EXPECT_EQ(query["AppId"], test::kAppId);
    EXPECT_EQ(query["VoiceType"], "101001");
    EXPECT_EQ(query["Speed"], "0");
    EXPECT_EQ(query["Volume"], "0");
    EXPECT_EQ(query["SegmentRate"], "1");
    EXPECT_EQ(std::stoll(query["Expired"]) - std::stoll(query["Timestamp"]), 86'400);
}

TEST(TencentVoice, SubtitlesAreAskedForWhereTheOptionSaysSo) {
    SynthesisRequest request = request_for("one");
    EXPECT_EQ(test::query_of(Conversation("tencent", request).target.url)["EnableSubtitle"],
              "false");
    request.subtitle = true;
    EXPECT_EQ(test::query_of(Conversation("tencent", request).target.url)["EnableSubtitle"],
              "true");
}

TEST(TencentVoice, SpeedAndVolumeAreOnItsScales) {
    const std::pair<double, double> speeds[] = {{0.1, -2}, {0.6, -2}, {0.7, -1.5}, {0.8, -1},
                                                {1.0, 0},  {1.2, 1},  {1.5, 2},    {2.0, 4},
                                                {2.5, 6},  {9, 6}};
    for (const auto& [ours, theirs] : speeds) {
        EXPECT_DOUBLE_EQ(tencent_speed(ours), theirs) << ours;
    }
    EXPECT_EQ(tencent_volume(5), 0);
    EXPECT_EQ(tencent_volume(10), 10);
    EXPECT_EQ(tencent_volume(0), -10);
}

// The last message may hold the end beside subtitles, or alone.
TEST(TencentVoice, SubtitlesAreWordsAndNoFinalIsLost) {
    constexpr std::string_view kSubtitles =
        R"({"code":0,"message":"success","final":%,"result":{"subtitles":[)"
        R"({"Text":"你","BeginTime":0,"EndTime":250,"BeginIndex":0,"EndIndex":1,"Phoneme":"ni"},)"
        R"({"Text":"好","BeginTime":250,"EndTime":500,"BeginIndex":1,"EndIndex":2}]}})";
    for (const bool together : {true, false}) {
        Conversation one("tencent", request_for("你好"));
        one.opened();
        one.text(R"({"code":0,"message":"success","heartbeat":1})");
        one.bytes_in_pieces(tone(16000, Milliseconds(500)), 1001);
        std::string message(kSubtitles);
        message.replace(message.find('%'), 1, together ? "1" : "0");
        one.text(message);
        if (!together) {
            one.text(R"({"code":0,"message":"success","final":1})");
        }
        ASSERT_THAT(one.finished, SizeIs(1));
        EXPECT_EQ(one.finished[0].duration, Milliseconds(500));
        ASSERT_THAT(one.finished[0].words, SizeIs(2));
        EXPECT_EQ(one.finished[0].words[1].text_begin, 3U);  // bytes
        EXPECT_EQ(one.finished[0].words[1].text_end, 6U);
        EXPECT_EQ(one.finished[0].words[1].audio_begin, Milliseconds(250));
    }
}

TEST(TencentVoice, AnErrorOfTheirsIsAFailure) {
    Conversation one("tencent", request_for("hello"));
    one.opened();
    one.text("}{ garbage");
    EXPECT_THAT(one.failed, IsEmpty());
    one.text(R"({"code":10001,"message":"bad request"})");
    ASSERT_THAT(one.failed, SizeIs(1));
    EXPECT_THAT(one.failed[0].why, HasSubstr("10001 bad request"));
}

TEST(AliyunVoice, ATaskIsRunFedAndFinished) {
    SynthesisRequest request = request_for("hello \"you\"");
    request.volume = 7;
    request.speed = 1.25;
    request.extra = {{"pitch", "1"}, {"voice", "longcheng"}};
    Conversation one("aliyun", request);
    EXPECT_EQ(one.target.fields.at(0).second, "Bearer " + std::string(test::kSecretKey));
    one.opened();
    ASSERT_THAT(one.sent, SizeIs(1));
    for (const char* part :
         {R"("action":"run-task")", R"("task":"tts")", R"("volume":70)", R"("rate":1.25)",
          R"("voice":"longcheng")", R"("pitch":1)", R"("model":"cosyvoice-v2")"}) {
        EXPECT_THAT(one.sent[0], HasSubstr(part));
    }
    one.text(R"({"header":{"event":"task-started","task_id":"t"},"payload":{}})");
    ASSERT_THAT(one.sent, SizeIs(3));
    EXPECT_THAT(one.sent[1], HasSubstr(R"("text":"hello \"you\"")"));
    EXPECT_THAT(one.sent[1], HasSubstr(R"("action":"continue-task")"));
    EXPECT_THAT(one.sent[2], HasSubstr(R"("action":"finish-task")"));
    one.bytes_in_pieces(tone(16000, Milliseconds(300)), 999);
    one.text(R"({"header":{"event":"result-generated","task_id":"t"},"payload":{}})");
    one.text(R"({"header":{"event":"task-finished","task_id":"t"},"payload":{}})");
    ASSERT_THAT(one.finished, SizeIs(1));
    EXPECT_EQ(one.finished[0].duration, Milliseconds(300));
}

TEST(AliyunVoice, AFailedTaskIsAFailure) {
    Conversation one("aliyun", request_for("hello"));
    one.opened();
    one.text(R"({"header":{"event":"task-failed","task_id":"t","error_code":"Throttling",)"
             R"("error_message":"slower"},"payload":{}})");
    ASSERT_THAT(one.failed, SizeIs(1));
    EXPECT_EQ(one.failed[0].code, 503);
    EXPECT_EQ(one.failed[0].why, "Throttling: slower");
}

TEST(SpeechProviders, NoneShowsItsSecretsInItsAddress) {
    for (const SpeechProvider& provider : speech_providers()) {
        if (!provider.is_embedded()) {
            const Conversation one(provider.name, request_for("hello"));
            EXPECT_THAT(one.target.url, Not(HasSubstr(std::string(test::kSecretKey))));
            EXPECT_THAT(one.target.body, Not(HasSubstr(std::string(test::kSecretKey))));
        }
    }
}

}  // namespace
}  // namespace patchbay::speech
