// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/voice_activity.hpp"

#include "base/overloaded.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace patchbay::speech {
namespace {

constexpr Milliseconds kWindow{50};

std::string in_ms(Nanoseconds duration) {
    return std::to_string(whole_milliseconds(duration).count());
}

// One character is one window of 50 ms: 'v' is voice (0.9), '?' is just not (0.5), '.' is none.
// What was told, and in which window: "[6] speaking 50, [12] silence 450+150 after 400".
std::string told(std::string_view stream, const VoiceActivityOptions& options = {}) {
    VoiceActivity activity(options);
    std::string all;
    for (std::size_t i = 0; i < stream.size(); ++i) {
        const float probability = stream[i] == 'v' ? 0.9F : stream[i] == '?' ? 0.5F : 0.0F;
        std::vector<VoiceEvent> events;
        activity.handle({Instant(static_cast<int>(i) * kWindow), kWindow, probability}, events);
        for (const VoiceEvent& event : events) {
            all += (all.empty() ? "[" : ", [") + std::to_string(i) + "] ";
            std::visit(Overloaded{[&](const SpeechBegan& speech) {
                                      all += "speaking " + in_ms(speech.at.since_epoch());
                                  },
                                  [&](const SilenceHeard& silence) {
                                      all += "silence " + in_ms(silence.since.since_epoch()) + "+" +
                                             in_ms(silence.duration);
                                      all +=
                                          silence.speech ? " after " + in_ms(*silence.speech) : "";
                                  }},
                       event);
        }
    }
    return all;
}

struct Row {
    std::string_view stream;
    std::string_view events;
};

TEST(VoiceActivity, SpeechIsToldAfterItsPaddingAndItsEndAfterAPause) {
    // The defaults: 250 ms of voice is speech, 100 ms without end it.
    const Row rows[] = {
        {"", ""},
        {"..........", ""},
        {".vvvv", ""},
        {".vvvvv", "[5] speaking 50"},
        {".vvvvvvvv", "[5] speaking 50"},
        {"vvvvv", "[4] speaking 0"},
        {".vvvvv.", "[5] speaking 50"},
        {".vvvvv..", "[5] speaking 50, [7] silence 300+100 after 250"},
        {".vvvvv.......", "[5] speaking 50, [7] silence 300+100 after 250"},
        {".vvvvvvv..vvvvv..",
         "[5] speaking 50, [9] silence 400+100 after 350, [14] speaking 500, "
         "[16] silence 750+100 after 250"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(told(row.stream), row.events) << row.stream;
    }
}

TEST(VoiceActivity, AShortPauseBelongsToTheSpeech) {
    const Row rows[] = {
        {".vv.vv", "[5] speaking 50"},
        {".v.v.v", "[5] speaking 50"},
        {".vvvvv.v.v.v..", "[5] speaking 50, [13] silence 600+100 after 550"},
        {".vv..vv..vv..", ""},
        {".vvvv..", ""},  // too short to be told, so its end is not told either
    };
    for (const Row& row : rows) {
        EXPECT_EQ(told(row.stream), row.events) << row.stream;
    }
}

TEST(VoiceActivity, TheSpeechPaddingIsTheLeastLengthOfSpeech) {
    EXPECT_EQ(told(".v..", {.speech_padding = Milliseconds(0)}),
              "[1] speaking 50, [3] silence 100+100 after 50");
    EXPECT_EQ(told(".vvvvvvvvv..", {.speech_padding = Milliseconds(500)}), "");
    EXPECT_EQ(told(".vvvvvvvvvv.", {.speech_padding = Milliseconds(500)}), "[10] speaking 50");
}

TEST(VoiceActivity, TheSilencePaddingIsTheLeastLengthOfAPauseThatEndsSpeech) {
    EXPECT_EQ(told(".vvvvv.", {.silence_padding = Milliseconds(50)}),
              "[5] speaking 50, [6] silence 300+50 after 250");
    EXPECT_EQ(told(".vvvvv.", {.silence_padding = Milliseconds(0)}),
              "[5] speaking 50, [6] silence 300+50 after 250");
    EXPECT_EQ(told(".vvvvv...vvv....", {.silence_padding = Milliseconds(200)}),
              "[5] speaking 50, [15] silence 600+200 after 550");
}

TEST(VoiceActivity, AWindowIsVoiceOnlyAboveTheThreshold) {
    EXPECT_EQ(told(".??????"), "");
    EXPECT_EQ(told(".??????", {.voice_threshold = 0.4}), "[5] speaking 50");
    EXPECT_EQ(told(".vvvvvv", {.voice_threshold = 0.95}), "");
}

TEST(VoiceActivity, ClicksThatAreMostlyPauseAreNoSpeech) {
    const VoiceActivityOptions patient{.silence_padding = Milliseconds(300)};
    EXPECT_EQ(told(".v...v...v...v...v", patient), "");
    VoiceActivityOptions credulous = patient;
    credulous.ratio = 0.2;
    EXPECT_EQ(told(".v...v...v...v...v", credulous), "[5] speaking 50");
    VoiceActivityOptions strict;
    strict.ratio = 1.0;
    EXPECT_EQ(told(".vv.vvvvv", strict), "");
}

TEST(VoiceActivity, TheSilenceTimeoutTellsOneGrowingSilence) {
    const VoiceActivityOptions options{.silence_timeout = Milliseconds(300)};
    const Row rows[] = {
        // Before the first speech as well.
        {"......", "[5] silence 0+300"},
        {"............", "[5] silence 0+300, [11] silence 0+600"},
        // After speech the clock starts at its end-of-speech silence.
        {"vvvvv..............",
         "[4] speaking 0, [6] silence 250+100 after 250, [12] silence 250+400, "
         "[18] silence 250+700"},
        // A click neither restarts the silence nor is a silence told in the middle of it.
        {"....vv......", "[7] silence 0+400"},
        // Nobody hears of a silence that speech has overtaken.
        {"....vvvvv", "[8] speaking 200"},
        {"vvvvvvvvvvvvvvvvvvvvv", "[4] speaking 0"},
    };
    for (const Row& row : rows) {
        EXPECT_EQ(told(row.stream, options), row.events) << row.stream;
    }
    EXPECT_EQ(told("....................", {.silence_timeout = Milliseconds(0)}), "");
}

TEST(VoiceActivity, SilencesAreNeverNearerToEachOtherThanTheSilencePadding) {
    const VoiceActivityOptions options{.silence_padding = Milliseconds(200),
                                       .silence_timeout = Milliseconds(50)};
    EXPECT_EQ(told("........", options), "[3] silence 0+200, [7] silence 0+400");
}

TEST(VoiceActivity, TheConfidenceIsTheMeanOfTheWindows) {
    VoiceActivity activity({.speech_padding = Milliseconds(100)});
    std::vector<VoiceEvent> events;
    activity.handle({Instant(), kWindow, 1.0F}, events);
    activity.handle({Instant(kWindow), kWindow, 0.75F}, events);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(std::get<SpeechBegan>(events[0]), (SpeechBegan{Instant(), 0.875}));
    EXPECT_TRUE(activity.is_speaking());
}

}  // namespace
}  // namespace patchbay::speech
