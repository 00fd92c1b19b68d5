// SPDX-License-Identifier: Apache-2.0
#include "media/ring_source.hpp"

#include "media/limits.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

namespace patchbay::media {
namespace {

using State = FrameSource::State;

std::vector<std::int16_t> counting(std::size_t count, int from = 0) {
    std::vector<std::int16_t> out(count);
    std::iota(out.begin(), out.end(), static_cast<std::int16_t>(from));
    return out;
}

TEST(RingSource, StarvesUntilTheFirstSampleComesAndThenPlaysIt) {
    auto [source, feeder] = make_ring_source(Seconds(1));
    Frame frame;
    frame.fill(9);
    EXPECT_EQ(source->read(frame), State::Starving);
    EXPECT_EQ(frame, Frame{});
    ASSERT_TRUE(feeder.write(counting(400)));
    EXPECT_EQ(source->read(frame), State::Playing);
    EXPECT_EQ(frame[319], 319);
    EXPECT_EQ(source->read(frame), State::Playing);  // 80 samples, then silence
    EXPECT_EQ(frame[79], 399);
    EXPECT_EQ(frame[80], 0);
    EXPECT_EQ(source->read(frame), State::Starving);
}

TEST(RingSource, EndComesAfterTheLastSample) {
    auto [source, feeder] = make_ring_source(Seconds(1));
    Frame frame;
    ASSERT_TRUE(feeder.write(counting(320)));
    feeder.end();
    EXPECT_EQ(source->read(frame), State::Playing);
    EXPECT_EQ(source->read(frame), State::Ended);
    EXPECT_EQ(source->read(frame), State::Ended);
    EXPECT_FALSE(source->failure());
}

TEST(RingSource, FailureComesAfterTheLastSampleAndSaysWhy) {
    auto [source, feeder] = make_ring_source(Seconds(1));
    Frame frame;
    ASSERT_TRUE(feeder.write(counting(10)));
    feeder.fail({Errc::Malformed, "MP3 file", 3});
    EXPECT_EQ(source->read(frame), State::Playing);
    EXPECT_EQ(source->read(frame), State::Failed);
    EXPECT_EQ(source->failure(), (Error{Errc::Malformed, "MP3 file", 3}));
}

TEST(RingSource, AFeederThatIsDestroyedEndsTheSource) {
    auto pair = make_ring_source(Seconds(1));
    {
        const RingFeeder gone = std::move(pair.feeder);
    }
    Frame frame;
    EXPECT_EQ(pair.source->read(frame), State::Ended);
}

TEST(RingSource, DestroyingTheSourceCancelsTheFeeder) {
    const CancelFlag flag;
    auto [source, feeder] = make_ring_source(Seconds(1), flag);
    EXPECT_FALSE(feeder.canceled());
    source.reset();
    EXPECT_TRUE(feeder.canceled());
    EXPECT_TRUE(flag.canceled());
}

TEST(RingFeeder, SpaceShrinksAsTheRingFillsAndGrowsAsItIsPlayed) {
    auto [source, feeder] = make_ring_source(Seconds(1));
    const std::size_t at_first = feeder.space();
    EXPECT_GE(at_first, 16000U);
    while (feeder.space() >= kDecodeBlockSamples) {
        ASSERT_TRUE(feeder.write(counting(kDecodeBlockSamples)));
    }
    Frame frame;
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(source->read(frame), State::Playing);
    }
    EXPECT_GE(feeder.space(), kDecodeBlockSamples);
}

TEST(RingFeeder, WhatDoesNotFitIsKeptAndNothingIsLost) {
    auto [source, feeder] = make_ring_source(Milliseconds(100));
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(feeder.write(counting(320, i * 320)));
    }
    feeder.end();
    Frame frame;
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(source->read(frame), State::Playing) << i;
        ASSERT_EQ(frame[0], static_cast<std::int16_t>(i * 320));
    }
    EXPECT_EQ(source->read(frame), State::Ended);
}

TEST(RingFeeder, AProducerThatNeverStopsIsStopped) {
    auto [source, feeder] = make_ring_source(Milliseconds(100));
    const std::vector<std::int16_t> minute(std::size_t{16000} * 60);
    Result<void> result;
    for (int i = 0; i < 12 && result; ++i) {
        result = feeder.write(minute);
    }
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::TooLarge);
}

TEST(RingSource, TheLengthIsWhatWasFedUntilItIsAnnounced) {
    auto [source, feeder] = make_ring_source(Seconds(1));
    ASSERT_TRUE(feeder.write(counting(1600)));
    EXPECT_EQ(source->total_duration(), Milliseconds(100));
    feeder.announce_length(Seconds(3));
    EXPECT_EQ(source->total_duration(), Seconds(3));
}

// Sample n of the stream that the two threads pass; never 0, so that silence is told from sound.
std::int16_t numbered(std::size_t n) {
    return static_cast<std::int16_t>(n % 30000 + 1);
}

TEST(RingSource, TwoThreadsKeepEverySampleInOrder) {
    constexpr std::size_t kTotal = 500 * kFrameSamples;
    auto pair = make_ring_source(Milliseconds(200));
    std::thread producer([feeder = std::move(pair.feeder)]() mutable {
        std::vector<std::int16_t> piece(kFrameSamples);
        for (std::size_t n = 0; n < kTotal; n += piece.size()) {
            while (feeder.space() < piece.size()) {
                std::this_thread::yield();
            }
            for (std::size_t i = 0; i < piece.size(); ++i) {
                piece[i] = numbered(n + i);
            }
            (void)feeder.write(piece);
        }
    });
    Frame frame;
    std::size_t heard = 0;
    std::size_t wrong = 0;
    while (pair.source->read(frame) != State::Ended) {
        for (const std::int16_t sample : frame) {
            wrong += sample != 0 && sample != numbered(heard) ? 1 : 0;
            heard += sample != 0 ? 1 : 0;
        }
    }
    producer.join();
    EXPECT_EQ(heard, kTotal);
    EXPECT_EQ(wrong, 0U);
}

}  // namespace
}  // namespace patchbay::media
