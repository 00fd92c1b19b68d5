// SPDX-License-Identifier: Apache-2.0
#include "media/in_band_keys.hpp"

#include "media/level.hpp"
#include "media/tone_detector.hpp"
#include "support/track_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

namespace patchbay::media {
namespace {

constexpr std::string_view kAllKeys = "0123456789*#ABCD";

std::vector<std::int16_t> dialled(std::string_view keys, const rtp::DigitTiming& timing) {
    InBandDialler dialler;
    EXPECT_TRUE(dialler.enqueue(keys, timing));
    std::vector<std::int16_t> all;
    Frame frame;
    while (dialler.busy()) {
        dialler.read(frame);
        all.insert(all.end(), frame.begin(), frame.end());
    }
    return all;
}

std::string detected(std::span<const std::int16_t> samples) {
    InBandDetector detector;
    std::string keys;
    for (std::size_t at = 0; at + kFrameSamples <= samples.size(); at += kFrameSamples) {
        Frame frame;
        std::copy_n(samples.begin() + static_cast<std::ptrdiff_t>(at), kFrameSamples,
                    frame.begin());
        detector.handle_frame(frame, keys);
    }
    return keys;
}

TEST(InBandDialler, EveryKeyIsItsPairOfTonesAndAPause) {
    const auto sound = dialled("5", {.tone = Milliseconds(100), .gap = Milliseconds(80)});
    EXPECT_EQ(sound.size(), 180U * 16);
    const auto tone = std::span(sound).first(1600);
    EXPECT_NEAR(tone_level(tone, 770, kSampleRate), -10, 0.5);
    EXPECT_NEAR(tone_level(tone, 1336, kSampleRate), -10, 0.5);
    EXPECT_EQ(rms_level(std::span(sound).subspan(1600)), kSilenceLevel);
}

TEST(InBandDialler, TimesNeedNotBeWholeFrames) {
    const auto sound = dialled("12", {.tone = Milliseconds(50), .gap = Milliseconds(45)});
    EXPECT_EQ(rms_level(std::span(sound).subspan(800, 700)), kSilenceLevel);
    EXPECT_GT(rms_level(std::span(sound).subspan(95 * 16, 800)), -12);
}

TEST(InBandDialler, ACommaIsAPauseOfTwoSeconds) {
    const auto sound = dialled(",1", {});
    EXPECT_EQ(rms_level(std::span(sound).first(32000)), kSilenceLevel);
    EXPECT_GT(rms_level(std::span(sound).subspan(32000, 1600)), -12);
}

TEST(InBandDialler, WhatIsNoKeyIsRefusedWhole) {
    InBandDialler dialler;
    EXPECT_EQ(dialler.enqueue("12x", {}).error().code, Errc::Malformed);
    EXPECT_FALSE(dialler.busy());
    EXPECT_EQ(dialler.enqueue(std::string(200, '1'), {}).error().code, Errc::TooLarge);
}

class InBandTiming : public testing::TestWithParam<int> {};

TEST_P(InBandTiming, AllSixteenKeysAreFoundAtThisLength) {
    const Milliseconds length(GetParam());
    EXPECT_EQ(detected(dialled(kAllKeys, {.tone = length, .gap = length})), kAllKeys);
}

// ITU-T Q.24: 40 ms must be heard; 50 leaves the detector's blocks room.
INSTANTIATE_TEST_SUITE_P(Lengths, InBandTiming, testing::Values(50, 60, 80, 100, 160, 400));

TEST(InBandDetector, EqualKeysInARowAreTwo) {
    EXPECT_EQ(detected(dialled("1155", {})), "1155");
}

TEST(InBandDetector, AKeyThatIsHeldIsOne) {
    EXPECT_EQ(detected(dialled("7", {.tone = Milliseconds(3000)})), "7");
}

// What sounds most like keys and is none: tones of call progress, single sines through the whole
// band, and two sines that sweep over all pairs.
TEST(InBandDetector, TonesOfTheNetworkAreNoKeys) {
    for (const ToneSpec& spec :
         {ringback_tone(), busy_tone(), ToneSpec{.frequency = 350, .second_frequency = 440},
          ToneSpec{.frequency = 2100}, ToneSpec{.frequency = 1100}}) {
        std::vector<std::int16_t> sound(16000 * 5);
        ToneGenerator(spec).generate(sound);
        EXPECT_EQ(detected(sound), "") << spec.frequency;
    }
}

TEST(InBandDetector, AVoiceDoesNotDial) {
    // Glottal pulses of a gliding pitch through three gliding formants: harmonics lie on every pair
    // of keys sooner or later, as in a voice; 60 seconds of it.
    std::vector<std::int16_t> sound(16000 * 60);
    double phase = 0;
    for (std::size_t i = 0; i < sound.size(); ++i) {
        const double t = static_cast<double>(i) / 16000;
        const double pitch = 140 + 60 * std::sin(2 * std::numbers::pi * 0.31 * t) +
                             15 * std::sin(2 * std::numbers::pi * 2.3 * t);
        phase += pitch / 16000;
        const double syllable = std::max(0.0, std::sin(2 * std::numbers::pi * 1.9 * t));
        double value = 0;
        for (int harmonic = 1; harmonic <= 20; ++harmonic) {
            const double frequency = pitch * harmonic;
            double gain = 0;
            for (const auto& [formant, swing] :
                 {std::pair{650.0, 200.0}, std::pair{1400.0, 400.0}, std::pair{2500.0, 300.0}}) {
                const double centre =
                    formant + swing * std::sin(2 * std::numbers::pi * 0.7 * t + formant);
                const double off = (frequency - centre) / 120;
                gain += 1 / (1 + off * off);
            }
            value += gain * std::sin(2 * std::numbers::pi * harmonic * phase);
        }
        sound[i] =
            static_cast<std::int16_t>(std::clamp(value * syllable * 6000, -32000.0, 32000.0));
    }
    ASSERT_GT(rms_level(sound), -30);
    EXPECT_EQ(detected(sound), "");
}

TrackSettings without_events(const SocketAddress& remote, std::string_view codec) {
    TrackSettings out = settings(remote, codec);
    out.format.telephone_event.reset();
    return out;
}

class InBandTrack : public testing::TestWithParam<std::string> {
  protected:
    std::string digits() {
        line.server.take_heard_keys(line.out);
        return line.digits();
    }
    void configure() {
        line.configure(without_events(kServer, GetParam()), without_events(kCaller, GetParam()));
    }

    Line line;
};

TEST_P(InBandTrack, KeysCrossAsTonesWhereTelephoneEventsAreAbsent) {
    configure();
    line.play({.level = -12}, 25);
    ASSERT_TRUE(line.caller.send_digits("159#A0"));
    EXPECT_TRUE(line.caller.sending_digits());
    line.play({.level = -12}, 150);
    EXPECT_FALSE(line.caller.sending_digits());
    EXPECT_EQ(digits(), "159#A0");
}

TEST_P(InBandTrack, TheyAreHeardEvenWhenNobodyLooksAtTheAudio) {
    configure();
    ASSERT_TRUE(line.caller.send_digits("42"));
    for (int i = 0; i < 100; ++i) {
        line.server.skip(line.now);
        line.caller.write(line.now, Frame{}, line.from_caller);
        line.deliver();
        line.now += kFrameTime;
    }
    EXPECT_EQ(digits(), "42");
}

INSTANTIATE_TEST_SUITE_P(Codecs,
                         InBandTrack,
                         testing::Values("PCMU", "PCMA", "G722", "opus"),
                         [](const auto& param_info) { return param_info.param; });

TEST(InBandTrackChoice, WhereEventsAreAgreedTonesInTheAudioAreOnlyAudio) {
    Line line;
    const auto sound = dialled("123", {});
    for (std::size_t at = 0; at + kFrameSamples <= sound.size(); at += kFrameSamples) {
        Frame frame;
        std::copy_n(sound.begin() + static_cast<std::ptrdiff_t>(at), kFrameSamples, frame.begin());
        line.tick(frame);
    }
    line.pass(10);
    line.server.take_heard_keys(line.out);
    EXPECT_EQ(line.digits(), "");
}

}  // namespace
}  // namespace patchbay::media
