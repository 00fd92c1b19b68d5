// SPDX-License-Identifier: Apache-2.0
#include "media/tone.hpp"

#include "base/random.hpp"
#include "media/level.hpp"
#include "media/mix.hpp"
#include "media/tone_detector.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::media {
namespace {

std::vector<std::int16_t> tone(const ToneSpec& spec, Milliseconds length, int rate = kSampleRate) {
    ToneGenerator generator(spec, rate);
    std::vector<std::int16_t> out(samples_in(length, rate));
    generator.generate(out);
    return out;
}

TEST(ToneDetector, FindsFrequencyAndLevelOfATone) {
    for (const double frequency : {100.0, 440.0, 1000.0, 1004.0, 2345.6, 3999.0, 6500.0}) {
        for (const double level : {-6.0, -20.0, -45.0}) {
            const auto found =
                find_tone(tone({.frequency = frequency, .level = level}, Milliseconds(200)), 16000);
            ASSERT_TRUE(found);
            EXPECT_NEAR(found->frequency, frequency, 1.0);
            EXPECT_NEAR(found->level, level, 0.2) << frequency;
            EXPECT_GT(found->purity, 0.97) << frequency;
        }
    }
}

TEST(ToneDetector, FindsTheToneInALongRecording) {
    const auto found = find_tone(tone({.frequency = 697.3}, Milliseconds(5000)), 16000);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->frequency, 697.3, 0.1);
}

TEST(ToneDetector, FindsATonesLevelUnderNoise) {
    auto samples = tone({.frequency = 1000, .level = -20}, Milliseconds(500));
    SeededRandom random(1);
    std::vector<std::int16_t> noise(samples.size());
    for (std::int16_t& sample : noise) {
        sample = static_cast<std::int16_t>(static_cast<int>(random.below(6000)) - 3000);
    }
    mix_into(samples, noise);
    const auto found = find_tone(samples, 16000);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->frequency, 1000, 1);
    EXPECT_NEAR(found->level, -20, 0.5);
    EXPECT_LT(found->purity, 0.9);
}

TEST(ToneDetector, SilenceHasNoToneAndAShortPieceIsNotMeasured) {
    EXPECT_FALSE(find_tone(std::vector<std::int16_t>(1600), 16000));
    EXPECT_FALSE(find_tone({}, 16000));
    EXPECT_FALSE(find_tone(tone({}, Milliseconds(10)), 16000));
}

TEST(ToneDetector, ATheOtherFrequencyIsFarBelow) {
    const auto samples = tone({.frequency = 1000, .level = -10}, Milliseconds(100));
    EXPECT_NEAR(tone_level(samples, 1000, 16000), -10, 0.1);
    EXPECT_LT(tone_level(samples, 1200, 16000), -60);
}

TEST(Dtmf, EveryKeyIsHeardAsItself) {
    const std::string keys = "0123456789*#ABCD";
    std::vector<std::int16_t> line;
    for (const char key : keys) {
        const auto sound = tone(*dtmf_tone(key, Milliseconds(80)), Milliseconds(160));
        line.insert(line.end(), sound.begin(), sound.end());
    }
    EXPECT_EQ(find_dtmf(line, 16000), keys);
}

TEST(Dtmf, OnlyKeysHaveTones) {
    EXPECT_TRUE(dtmf_pair('d'));
    EXPECT_FALSE(dtmf_pair('E'));
    EXPECT_FALSE(dtmf_tone('\0', Milliseconds(80)));
}

TEST(ToneGenerator, CadenceTurnsTheToneOnAndOff) {
    const auto samples = tone(busy_tone(), Milliseconds(2000));
    const auto level_at = [&](std::size_t millisecond) {
        return rms_level(std::span(samples).subspan(millisecond * 16, 100 * 16));
    };
    EXPECT_NEAR(level_at(200), -24 + 3, 1.0);  // two sines of -24 dBFS each
    EXPECT_EQ(level_at(700), kSilenceLevel);
    EXPECT_NEAR(level_at(1200), -21, 1.0);
    EXPECT_EQ(level_at(1700), kSilenceLevel);
}

TEST(ToneGenerator, PiecesJoinWithoutAClick) {
    const ToneSpec spec{.frequency = 333};
    ToneGenerator generator(spec);
    std::vector<std::int16_t> pieces(960);
    generator.generate(std::span(pieces).first(7));
    generator.generate(std::span(pieces).subspan(7));
    EXPECT_EQ(pieces, tone(spec, Milliseconds(60)));
}

TEST(ToneSource, EndsAfterItsLength) {
    ToneSource source({.length = Milliseconds(50)});
    Frame frame{};
    EXPECT_EQ(source.total_duration(), Milliseconds(50));
    EXPECT_EQ(source.read(frame), FrameSource::State::Playing);
    EXPECT_EQ(source.read(frame), FrameSource::State::Playing);
    EXPECT_EQ(source.read(frame), FrameSource::State::Playing);  // the last 10 ms
    EXPECT_EQ(frame.back(), 0);
    EXPECT_EQ(source.read(frame), FrameSource::State::Ended);
    EXPECT_EQ(peak(frame), 0);
}

}  // namespace
}  // namespace patchbay::media
