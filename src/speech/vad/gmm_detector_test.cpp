// SPDX-License-Identifier: Apache-2.0
// The library ships no header for its voice detector: these tests are what pins our prototypes.
#include "speech/vad/gmm_detector.hpp"

#include "support/voice_audio.hpp"

#include <gtest/gtest.h>

namespace patchbay::speech {
namespace {

// The share of windows that are voice.
double share_of_voice(const test::Samples& samples, double threshold) {
    const auto detector = *make_gmm_detector(16000, threshold);
    const std::size_t length = detector->window_samples();
    double voice = 0;
    double windows = 0;
    for (std::size_t at = 0; at + length <= samples.size(); at += length) {
        voice += static_cast<double>(detector->judge(std::span(samples).subspan(at, length)));
        ++windows;
    }
    return voice / windows;
}

TEST(GmmDetector, ItHearsAVoiceAndNotTheNoise) {
    const test::Samples voice = test::spoken("The quick brown fox jumps over the lazy dog.");
    const test::Samples noise = test::pink_noise(10 * 16000, -45);
    for (const double threshold : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        EXPECT_GT(share_of_voice(voice, threshold), 0.7) << threshold;
        EXPECT_LT(share_of_voice(noise, threshold), 0.05) << threshold;
        EXPECT_EQ(share_of_voice(test::Samples(16000), threshold), 0) << threshold;
    }
}

TEST(GmmDetector, WindowsAre20MillisecondsLongAtBothRates) {
    for (const int rate : {8000, 16000}) {
        const auto detector = make_gmm_detector(rate, 0.5);
        ASSERT_TRUE(detector) << rate;
        EXPECT_EQ((*detector)->window_samples(), static_cast<std::size_t>(rate / 50));
        EXPECT_EQ((*detector)->judge(test::Samples((*detector)->window_samples())), 0.0F);
    }
    EXPECT_EQ(make_gmm_detector(44100, 0.5).error().code, Errc::Unsupported);
}

TEST(GmmDetector, EachStreamLearnsForItself) {
    const auto spoilt = *make_gmm_detector(16000, 0.5);
    const auto fresh = *make_gmm_detector(16000, 0.5);
    const test::Samples noise = test::pink_noise(20 * 16000, -20);
    for (std::size_t at = 0; at + 320 <= noise.size(); at += 320) {
        spoilt->judge(std::span(noise).subspan(at, 320));
    }
    EXPECT_EQ(fresh->judge(test::Samples(320)), 0.0F);
}

}  // namespace
}  // namespace patchbay::speech
