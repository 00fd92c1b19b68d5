// SPDX-License-Identifier: Apache-2.0
#include "speech/espeak.hpp"

#include "media/frame.hpp"
#include "media/level.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace patchbay::speech {
namespace {

class Collector final : public SampleSink {
  public:
    Result<void> write(std::span<const std::int16_t> samples) override {
        all.insert(all.end(), samples.begin(), samples.end());
        if (cancel_at != 0 && all.size() >= cancel_at) {
            cancel.cancel();
        }
        return {};
    }

    std::vector<std::int16_t> all;
    std::size_t cancel_at = 0;
    CancelFlag cancel;
};

Result<SpeechResult> say(Collector& sink, SpeechRequest request) {
    return make_espeak_synthesizer()->synthesize(request, sink, sink.cancel);
}

class Espeak : public testing::Test {
  protected:
    void SetUp() override {
        Collector sink;
        const auto said = say(sink, {.text = "x"});
        if (!said && said.error().code == Errc::NotFound) {
            GTEST_SKIP() << "espeak-ng is not installed";
        }
    }
};

TEST_F(Espeak, SpeaksInOtherLanguages) {
    for (const char* voice : {"de", "fr", "cmn", "no such voice; rm -rf", "-w/tmp/x"}) {
        Collector sink;
        const auto said = say(sink, {.text = "Guten Tag, wie geht es Ihnen?", .speaker = voice});
        ASSERT_TRUE(said) << voice << describe(said.error());
        EXPECT_GT(said->duration, Milliseconds(800)) << voice;
        EXPECT_EQ(said->duration, media::duration_of(sink.all.size()));
        EXPECT_GT(media::rms_level(sink.all), -40) << voice;
    }
}

TEST_F(Espeak, SpeedAndVolumeHaveTheirMeaning) {
    Collector plain;
    Collector fast;
    Collector quiet;
    constexpr const char* kText = "one two three four five six seven";
    ASSERT_TRUE(say(plain, {.text = kText}));
    ASSERT_TRUE(say(fast, {.text = kText, .speed = 2.0}));
    ASSERT_TRUE(say(quiet, {.text = kText, .volume = 2.5}));
    EXPECT_LT(static_cast<double>(fast.all.size()), 0.75 * static_cast<double>(plain.all.size()));
    EXPECT_NEAR(media::rms_level(quiet.all), media::rms_level(plain.all) - 6, 2);
}

TEST_F(Espeak, TextIsNeverAnOption) {
    Collector sink;
    EXPECT_TRUE(say(sink, {.text = "--version -w /tmp/x"}));
    EXPECT_GT(sink.all.size(), 8000U);
}

TEST_F(Espeak, CancelingEndsTheProcess) {
    Collector sink;
    sink.cancel_at = 4000;
    std::string text;
    for (int i = 0; i < 500; ++i) {
        text += "another word ";
    }
    const auto said = say(sink, {.text = text});
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, Errc::Closed);
    EXPECT_LT(sink.all.size(), 16000U);
}

TEST(EspeakProgram, ThatIsNotThereIsNotFound) {
    Collector sink;
    const auto said = make_espeak_synthesizer("/nonexistent/espeak-ng")
                          ->synthesize({.text = "x"}, sink, sink.cancel);
    ASSERT_FALSE(said);
    EXPECT_EQ(said.error().code, Errc::NotFound);
}

}  // namespace
}  // namespace patchbay::speech
