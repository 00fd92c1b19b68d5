// SPDX-License-Identifier: Apache-2.0
// docs/speech.md, "Your own detector": the messages, as a table, and what becomes of wrong ones.
#include "speech/vad/remote_voice.hpp"

#include "media/frame.hpp"
#include "speech/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace patchbay::speech {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

template <class Output>
std::vector<Output> only(const RemoteVoiceOutputs& outputs) {
    std::vector<Output> out;
    for (const RemoteVoiceOutput& one : outputs) {
        if (const auto* found = std::get_if<Output>(&one)) {
            out.push_back(*found);
        }
    }
    return out;
}

class RemoteVoiceStream : public testing::Test {
  protected:
    void begin(int rate = 16000) {
        voice = *RemoteVoice::make({.endpoint = "ws://vad.example.com/",
                                    .secret_id = Secret(std::string("id")),
                                    .secret_key = Secret(std::string("key")),
                                    .sample_rate = rate,
                                    .threshold = 0.5});
        voice->start(now, out);
    }
    void open(int rate = 16000) {
        begin(rate);
        voice->handle_opened(now, out);
    }
    void speak(int frames) {
        const media::Frame frame{};
        for (int i = 0; i < frames; ++i) {
            now += Milliseconds(20);
            voice->write(now, frame, out);
        }
    }
    RemoteVoiceOutputs say(std::string_view text) {
        out.clear();
        voice->handle_text(now, text, out);
        return out;
    }

    Instant now{Seconds(1000)};
    std::unique_ptr<RemoteVoice> voice;
    RemoteVoiceOutputs out;
};

TEST_F(RemoteVoiceStream, TheRequestCarriesTheSecretsAndTheFirstMessageSaysWhatComes) {
    open();
    const auto opened = only<OpenStream>(out);
    ASSERT_THAT(opened, SizeIs(1));
    EXPECT_EQ(opened[0].target.url, "ws://vad.example.com/");
    const std::vector<std::pair<std::string, std::string>> fields = {
        {"Authorization", "Bearer key"}, {"X-Secret-Id", "id"}};
    EXPECT_EQ(opened[0].target.fields, fields);
    EXPECT_EQ(
        only<SendStreamText>(out).at(0).text,
        R"({"type":"start","encoding":"s16le","sampleRate":16000,"channels":1,"threshold":0.5})");
}

TEST_F(RemoteVoiceStream, AudioIsSentAsItComesAndNothingBeforeTheConnection) {
    begin();
    speak(5);
    EXPECT_THAT(only<SendStreamAudio>(out), IsEmpty());
    voice->handle_opened(now, out);
    speak(3);
    const auto audio = only<SendStreamAudio>(out);
    ASSERT_THAT(audio, SizeIs(3));
    EXPECT_THAT(audio[0].bytes, SizeIs(640));
}

TEST_F(RemoteVoiceStream, AServiceForTheNarrowBandGetsHalfTheSamples) {
    open(8000);
    speak(50);
    std::size_t bytes = 0;
    for (const SendStreamAudio& one : only<SendStreamAudio>(out)) {
        bytes += one.bytes.size();
    }
    EXPECT_NEAR(static_cast<double>(bytes), 16000, 400);
    EXPECT_FALSE(RemoteVoice::make({.sample_rate = 44100}));
}

TEST_F(RemoteVoiceStream, AWindowBeginsWhereTheOneBeforeEnded) {
    begin();
    speak(10);  // before the service heard anything
    voice->handle_opened(now, out);
    speak(5);
    const auto first =
        only<RemoteJudgement>(say(R"({"type":"voice","end":32,"probability":0.75})"));
    ASSERT_THAT(first, SizeIs(1));
    EXPECT_EQ(first[0].begin, Milliseconds(200));
    EXPECT_EQ(first[0].length, Milliseconds(32));
    EXPECT_FLOAT_EQ(first[0].probability, 0.75F);
    const auto second = only<RemoteJudgement>(say(R"({"type":"voice","end":96,"speech":true})"));
    ASSERT_THAT(second, SizeIs(1));
    EXPECT_EQ(second[0].begin, Milliseconds(232));
    EXPECT_EQ(second[0].length, Milliseconds(64));
    EXPECT_FLOAT_EQ(second[0].probability, 1);
    const auto third = only<RemoteJudgement>(say(R"({"type":"voice","end":100,"speech":false})"));
    EXPECT_FLOAT_EQ(third.at(0).probability, 0);
}

TEST_F(RemoteVoiceStream, NonsenseIsToldOnceAndJudgesNothing) {
    for (const char* const text : {
             "}{ no message",
             R"({"type":17})",
             R"({"type":"voice"})",
             R"({"type":"voice","end":32})",
             R"({"type":"voice","probability":0.5})",
             R"({"type":"voice","end":32,"probability":1.5})",
             R"({"type":"voice","end":32,"probability":-0.1})",
             R"({"type":"voice","end":0,"probability":0.5})",
             R"({"type":"voice","end":-20,"probability":0.5})",
             R"({"type":"voice","end":101,"probability":0.5})",  // 100 ms were sent
             R"({"type":"voice","end":1e300,"probability":0.5})",
         }) {
        now = Instant(Seconds(1000));
        open();
        speak(5);
        const auto first = say(text);
        EXPECT_THAT(only<RemoteJudgement>(first), IsEmpty()) << text;
        ASSERT_THAT(only<RemoteVoiceFault>(first), SizeIs(1)) << text;
        EXPECT_EQ(only<RemoteVoiceFault>(first)[0].code, 502);
        EXPECT_THAT(say(text), IsEmpty()) << text;
    }
}

TEST_F(RemoteVoiceStream, AnEndThatGoesBackIsNonsense) {
    open();
    speak(5);
    say(R"({"type":"voice","end":60,"probability":0.5})");
    EXPECT_THAT(only<RemoteVoiceFault>(say(R"({"type":"voice","end":60,"probability":0.5})")),
                SizeIs(1));
}

TEST_F(RemoteVoiceStream, WhatItDoesNotKnowIsLeftToLaterVersions) {
    open();
    EXPECT_THAT(say(R"({"type":"hello"})"), IsEmpty());
}

TEST_F(RemoteVoiceStream, AnErrorEndsTheConnectionAndRetryMakesAnother) {
    open();
    say(R"({"type":"error","message":"overloaded","code":503,"retry":true})");
    EXPECT_THAT(only<CloseStream>(out), SizeIs(1));
    EXPECT_EQ(only<RemoteVoiceFault>(out).at(0).code, 503);
    now += kRecognizerRetry;
    out.clear();
    voice->handle_timeout(now, out);
    EXPECT_THAT(only<OpenStream>(out), SizeIs(1));
    voice->handle_opened(now, out);
    say(R"({"type":"error","message":"no licence"})");
    EXPECT_THAT(only<RemoteVoiceFault>(out).at(0).why, HasSubstr("no licence"));
    EXPECT_FALSE(voice->next_timeout());
}

TEST_F(RemoteVoiceStream, AServiceThatSaysNothingIsLeftAndTriedAgainWithGrowingPauses) {
    begin();
    int attempts = 1;
    std::vector<Nanoseconds> pauses;
    while (voice->next_timeout()) {
        voice->handle_opened(now, out);
        const Instant begun = now;
        now = *voice->next_timeout();
        EXPECT_EQ(now - begun, Nanoseconds(kRemoteVoiceSilence));
        out.clear();
        voice->handle_timeout(now, out);
        EXPECT_THAT(only<RemoteVoiceFault>(out).at(0).why, HasSubstr("no answer"));
        if (!voice->next_timeout()) {
            break;
        }
        pauses.push_back(*voice->next_timeout() - now);
        now = *voice->next_timeout();
        voice->handle_timeout(now, out);
        ++attempts;
    }
    EXPECT_EQ(attempts, kRecognizerAttempts);
    const std::vector<Nanoseconds> growing = {Milliseconds(500), Seconds(1), Seconds(2),
                                              Seconds(4)};
    EXPECT_EQ(pauses, growing);
}

TEST_F(RemoteVoiceStream, ARefusedRequestIsNotRepeated) {
    begin();
    voice->handle_closed(now, {"HTTP 401", 401}, out);
    EXPECT_EQ(only<RemoteVoiceFault>(out).at(0).code, 401);
    EXPECT_FALSE(voice->next_timeout());
}

TEST_F(RemoteVoiceStream, TheEndIsSaid) {
    open();
    out.clear();
    voice->finish(out);
    EXPECT_EQ(only<SendStreamText>(out).at(0).text, R"({"type":"end"})");
    EXPECT_THAT(only<CloseStream>(out), SizeIs(1));
    out.clear();
    speak(3);
    EXPECT_THAT(out, IsEmpty());
}

}  // namespace
}  // namespace patchbay::speech
