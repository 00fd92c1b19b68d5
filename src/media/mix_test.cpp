// SPDX-License-Identifier: Apache-2.0
#include "media/mix.hpp"

#include "media/level.hpp"
#include "media/memory_source.hpp"
#include "media/tone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace patchbay::media {
namespace {

using testing::ElementsAre;

TEST(Level, AFullScaleSineIsThreeDecibelsBelowASquare) {
    EXPECT_NEAR(rms_level(std::vector<std::int16_t>(100, -32768)), 0, 0.001);
    ToneGenerator tone({.frequency = 1000, .level = -3.01});
    std::vector<std::int16_t> sine(16000);
    tone.generate(sine);
    EXPECT_NEAR(rms_level(sine), -3.01, 0.01);
    EXPECT_NEAR(peak(sine), 32767, 2);
}

TEST(Level, SilenceAndNothingHaveTheFloor) {
    EXPECT_EQ(rms_level(std::vector<std::int16_t>(100)), kSilenceLevel);
    EXPECT_EQ(rms_level({}), kSilenceLevel);
    EXPECT_EQ(peak(std::vector<std::int16_t>{0, -32768}), 32768);
}

TEST(Mix, SumsAreLimitedInsteadOfWrapping) {
    std::array<std::int16_t, 3> a{30000, -30000, 5};
    mix_into(a, std::array<std::int16_t, 3>{10000, -10000, -7});
    EXPECT_THAT(a, ElementsAre(32767, -32768, -2));
}

TEST(Mix, GainIsLimitedInsteadOfWrapping) {
    std::array<std::int16_t, 3> a{20000, -20000, 100};
    apply_gain(a, 2.0F);
    EXPECT_THAT(a, ElementsAre(32767, -32768, 200));
    apply_gain(a, 1e30F);
    EXPECT_THAT(a, ElementsAre(32767, -32768, 32767));
}

TEST(FadeOut, RunsDownOverItsLengthAndStaysSilent) {
    FadeOut fade(Milliseconds(30));
    Frame frame;
    frame.fill(10000);
    fade.apply(frame);
    EXPECT_EQ(frame.front(), 10000);
    EXPECT_NEAR(frame.back(), 10000 / 3, 50);
    EXPECT_FALSE(fade.finished());
    frame.fill(10000);
    fade.apply(frame);
    EXPECT_NEAR(frame.front(), 10000 / 3, 50);
    EXPECT_EQ(frame[160], 0);
    EXPECT_TRUE(fade.finished());
    frame.fill(10000);
    fade.apply(frame);
    EXPECT_EQ(peak(frame), 0);
}

TEST(FadeOut, OfNoLengthIsSilentAtOnce) {
    FadeOut fade(Milliseconds(0));
    Frame frame;
    frame.fill(10000);
    fade.apply(frame);
    EXPECT_EQ(frame[1], 0);
    EXPECT_TRUE(fade.finished());
}

TEST(MemorySource, PlaysToItsLastSampleThenEnds) {
    MemorySource source(std::vector<std::int16_t>(400, 7));
    Frame frame{};
    EXPECT_EQ(source.total_duration(), Milliseconds(25));
    EXPECT_EQ(source.read(frame), FrameSource::State::Playing);
    EXPECT_EQ(frame.back(), 7);
    EXPECT_EQ(source.read(frame), FrameSource::State::Playing);
    EXPECT_EQ(frame[79], 7);
    EXPECT_EQ(frame[80], 0);
    EXPECT_EQ(source.read(frame), FrameSource::State::Ended);
    EXPECT_EQ(frame[0], 0);
}

TEST(Durations, LongRecordingsDoNotOverflow) {
    const std::uint64_t ten_years = std::uint64_t{16000} * 86400 * 3650;
    EXPECT_EQ(duration_of(ten_years), Seconds(86400LL * 3650));
    EXPECT_EQ(samples_in(Seconds(86400LL * 3650)), ten_years);
    EXPECT_EQ(samples_in(Milliseconds(20), 44100), 882U);
}

}  // namespace
}  // namespace patchbay::media
