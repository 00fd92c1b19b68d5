// SPDX-License-Identifier: Apache-2.0
#include "call/audio_inlet.hpp"

#include "call/audio_outlet.hpp"
#include "call/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace patchbay::call {
namespace {

using testing::Each;
using testing::ElementsAre;

Bytes pcm(std::size_t samples, std::int16_t value) {
    Bytes bytes;
    for (std::size_t i = 0; i < samples; ++i) {
        bytes.push_back(static_cast<std::uint8_t>(value & 0xFF));
        bytes.push_back(static_cast<std::uint8_t>((value >> 8) & 0xFF));
    }
    return bytes;
}

class Inlet : public testing::Test {
  protected:
    static AudioInlet make(AudioInlet::Kind kind, int rate = 16000) {
        return *AudioInlet::make(*AudioFormat::linear(rate), kind);
    }
    // Reads every 20 ms; how many frames held sound.
    int play(AudioInlet& inlet, int frames) {
        int sounding = 0;
        for (int i = 0; i < frames; ++i) {
            sounding += inlet.read(now, frame) ? 1 : 0;
            now += kFrameTime;
        }
        return sounding;
    }

    Instant now{Seconds(1)};
    media::Frame frame{};
};

TEST_F(Inlet, MessagesOfAnySizeComeOutAsFrames) {
    AudioInlet inlet = make(AudioInlet::Kind::Bursts);
    std::vector<std::int16_t> sent;
    std::vector<std::int16_t> heard;
    Bytes bytes;
    for (std::int16_t i = 0; i < 1600; ++i) {
        sent.push_back(i);
        bytes.push_back(static_cast<std::uint8_t>(i & 0xFF));
        bytes.push_back(static_cast<std::uint8_t>(i >> 8));
    }
    for (std::size_t at = 0, size = 1; at < bytes.size(); at += size, size = size % 97 + 13) {
        const auto piece = ByteView(bytes).subspan(at, std::min(size, bytes.size() - at));
        ASSERT_TRUE(inlet.write(now, piece));
    }
    while (inlet.read(now, frame)) {
        heard.insert(heard.end(), frame.begin(), frame.end());
        now += kFrameTime;
    }
    EXPECT_EQ(heard, sent);
}

TEST_F(Inlet, TheFirstWholeFrameIsPlayedAtOnce) {
    AudioInlet inlet = make(AudioInlet::Kind::Live);
    EXPECT_FALSE(inlet.read(now, frame));
    ASSERT_TRUE(inlet.write(now, pcm(320, 1000)));
    EXPECT_TRUE(inlet.read(now, frame));
    EXPECT_THAT(frame, Each(1000));
}

TEST_F(Inlet, ASoundShorterThanAFrameIsHeardWithSilenceBehindIt) {
    AudioInlet inlet = make(AudioInlet::Kind::Bursts);
    ASSERT_TRUE(inlet.write(now, pcm(100, 1000)));
    EXPECT_FALSE(inlet.read(now, frame)) << "more may join it";
    now += kFrameTime;
    ASSERT_TRUE(inlet.read(now, frame));
    EXPECT_EQ(std::count(frame.begin(), frame.end(), 1000), 100);
    EXPECT_EQ(std::count(frame.begin(), frame.end(), 0), 220);
}

TEST_F(Inlet, ABurstIsPlayedOutEvenlyAndWhole) {
    AudioInlet inlet = make(AudioInlet::Kind::Bursts);
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(inlet.write(now, pcm(3200, 0)));  // silence is part of what a machine says
    }
    EXPECT_EQ(play(inlet, 1200), 1000);
}

TEST_F(Inlet, AfterAHoleItWaitsALittleLongerSoThatTheNextOneIsNotHeard) {
    AudioInlet inlet = make(AudioInlet::Kind::Live);
    ASSERT_TRUE(inlet.write(now, pcm(320, 1000)));
    ASSERT_EQ(play(inlet, 2), 1) << "the second message is late";
    // From now on every second message comes 15 ms late, together with the next one's time.
    int holes = 0;
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(inlet.write(now, pcm(320, 1000)));
        if (i % 2 == 1) {
            ASSERT_TRUE(inlet.write(now, pcm(320, 1000)));
        }
        if (i % 2 == 0) {
            holes += 1 - play(inlet, 1);
        } else {
            holes += 1 - play(inlet, 1);
        }
    }
    EXPECT_LE(holes, 1);
}

TEST_F(Inlet, DelayOfALiveVoiceIsTakenOutInItsPauses) {
    AudioInlet inlet = make(AudioInlet::Kind::Live);
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(inlet.write(now, pcm(320, 0)));  // a second at once: a network that stalled
    }
    for (int i = 0; i < 500; ++i) {
        ASSERT_TRUE(inlet.write(now, pcm(320, i % 10 < 5 ? 1000 : 0)));
        play(inlet, 1);
    }
    EXPECT_LE(inlet.waiting(), Milliseconds(100));
}

TEST_F(Inlet, WhatAMachineSaysIsNeverShortened) {
    AudioInlet inlet = make(AudioInlet::Kind::Bursts);
    for (int i = 0; i < 500; ++i) {
        ASSERT_TRUE(inlet.write(now, pcm(640, 0)));
        play(inlet, 1);
    }
    EXPECT_EQ(inlet.waiting(), Seconds(10));
}

TEST_F(Inlet, MoreThanTheLimitIsRefusedAndWhatFitsIsKept) {
    AudioInlet inlet = make(AudioInlet::Kind::Live);
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(inlet.write(now, pcm(16000, 1000)));
    }
    const Result<void> refused = inlet.write(now, pcm(320, 1000));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::TooLarge);
    EXPECT_EQ(inlet.waiting(), kLiveAudioWaiting);
}

TEST_F(Inlet, WhatWaitsCanBeForgotten) {
    AudioInlet inlet = make(AudioInlet::Kind::Bursts);
    ASSERT_TRUE(inlet.write(now, pcm(16001, 1000)));
    inlet.clear();
    EXPECT_EQ(play(inlet, 10), 0);
}

struct RateCase {
    int rate;
    std::size_t bytes;
};
class InletRate : public testing::TestWithParam<RateCase> {};

TEST_P(InletRate, EveryRateIsHeardAtItsOwnLength) {
    AudioInlet inlet =
        *AudioInlet::make(*AudioFormat::linear(GetParam().rate), AudioInlet::Kind::Bursts);
    Instant now{Seconds(1)};
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(inlet.write(now, Bytes(GetParam().bytes, 1)));
    }
    EXPECT_NEAR(static_cast<double>(inlet.waiting().count()), 1e9, 1e6);
}

INSTANTIATE_TEST_SUITE_P(Rates,
                         InletRate,
                         testing::Values(RateCase{8000, 320},
                                         RateCase{16000, 640},
                                         RateCase{24000, 960},
                                         RateCase{44100, 1764},
                                         RateCase{48000, 1920}));

TEST(AudioFormat, KnowsTheWordsOfTheContractAndNoOther) {
    for (const char* word : {"pcm", "PCM", "pcmu", "pcma", "g722", "G722"}) {
        EXPECT_TRUE(AudioFormat::find(word)) << word;
    }
    for (const char* word : {"", "opus", "g729", "pcm16"}) {
        EXPECT_FALSE(AudioFormat::find(word)) << word;
    }
    EXPECT_EQ(AudioFormat::find("pcm")->bytes_per_second(), 32000U);
    EXPECT_EQ(AudioFormat::find("pcmu")->bytes_per_second(), 8000U);
    EXPECT_FALSE(AudioFormat::linear(7999));
    EXPECT_FALSE(AudioFormat::linear(11025)) << "20 ms are no whole number of samples";
}

std::vector<std::size_t> sizes_of(AudioOutlet outlet, int frames) {
    std::vector<std::size_t> sizes;
    const media::Frame frame{};
    for (int i = 0; i < frames; ++i) {
        outlet.write(frame, [&](ByteView message) { sizes.push_back(message.size()); });
    }
    return sizes;
}

TEST(AudioOutlet, MessagesHaveExactlyTheSizeThatWasAskedForAtEveryRate) {
    const auto linear = [](int rate, std::size_t bytes) {
        return *AudioOutlet::make(*AudioFormat::linear(rate), bytes);
    };
    EXPECT_THAT(sizes_of(linear(16000, 2560), 8), ElementsAre(2560, 2560)) << "80 ms each";
    EXPECT_THAT(sizes_of(linear(8000, 2560), 16), ElementsAre(2560, 2560)) << "160 ms each";
    EXPECT_THAT(sizes_of(linear(16000, 320), 2), ElementsAre(320, 320, 320, 320));
    EXPECT_THAT(sizes_of(linear(24000, 1000), 3), ElementsAre(1000, 1000));
}

TEST(AudioOutlet, WithoutASizeEachFrameIsOneMessage) {
    const auto coded = [](const char* word) {
        return *AudioOutlet::make(*AudioFormat::find(word));
    };
    EXPECT_THAT(sizes_of(coded("pcm"), 2), ElementsAre(640, 640));
    EXPECT_THAT(sizes_of(coded("pcmu"), 2), ElementsAre(160, 160));
    EXPECT_THAT(sizes_of(coded("pcma"), 2), ElementsAre(160, 160));
    EXPECT_THAT(sizes_of(coded("g722"), 2), ElementsAre(160, 160));
}

TEST(AudioOutlet, ASizeThatCutsASampleOrIsOutOfTheLimitsIsRefused) {
    for (const std::size_t bytes : {0U, 1U, 38U, 641U, 65537U, 65538U}) {
        EXPECT_FALSE(AudioOutlet::make(*AudioFormat::linear(16000), bytes)) << bytes;
    }
}

}  // namespace
}  // namespace patchbay::call
