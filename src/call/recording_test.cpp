// SPDX-License-Identifier: Apache-2.0
#include "call/recording.hpp"

#include "support/memory_recording.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace patchbay::call {
namespace {

media::Frame filled(std::int16_t value) {
    media::Frame frame;
    frame.fill(value);
    return frame;
}

class RecordingTest : public testing::Test {
  protected:
    void SetUp() override { recording.start(std::make_unique<test::MemoryRecording>(samples)); }
    // Value of frame i in a channel.
    static int at(const std::vector<std::int16_t>& channel, std::size_t i) {
        return channel.at(i * media::kFrameSamples);
    }

    std::shared_ptr<test::StereoSamples> samples = std::make_shared<test::StereoSamples>();
    Recording recording;
};

TEST_F(RecordingTest, WithoutDelayBothChannelsAreWrittenAsTheyCome) {
    recording.write(filled(1), filled(11), Nanoseconds(0));
    recording.write(filled(2), filled(12), Nanoseconds(0));
    EXPECT_EQ(at(samples->left, 1), 2);
    EXPECT_EQ(at(samples->right, 1), 12);
}

TEST_F(RecordingTest, TheRightChannelWaitsAsLongAsTheLeftDid) {
    recording.write(filled(0), filled(0), Milliseconds(40));
    recording.write(filled(0), filled(7), Milliseconds(40));
    recording.write(filled(0), filled(0), Milliseconds(40));
    recording.write(filled(7), filled(0), Milliseconds(40));
    EXPECT_EQ(at(samples->left, 3), 7);
    EXPECT_EQ(at(samples->right, 3), 7);
}

TEST_F(RecordingTest, SoundIsNeverLeftOutOrInterruptedWhenTheDelayChanges) {
    std::int16_t next = 1;
    const Milliseconds delays[] = {Milliseconds(0), Milliseconds(60), Milliseconds(20),
                                   Milliseconds(120), Milliseconds(0)};
    for (const Milliseconds delay : delays) {
        for (int i = 0; i < 10; ++i) {
            recording.write(filled(0), filled(next++), delay);
        }
    }
    recording.stop();
    std::int16_t expected = 1;
    for (std::size_t i = 0; i < samples->right.size() / media::kFrameSamples; ++i) {
        if (at(samples->right, i) != 0) {
            EXPECT_EQ(at(samples->right, i), expected++);
        }
    }
    EXPECT_EQ(expected, next);
}

TEST_F(RecordingTest, AnAbsurdDelayIsBounded) {
    for (int i = 0; i < 100; ++i) {
        recording.write(filled(1), filled(0), Seconds(10));
    }
    EXPECT_EQ(samples->right.size(), 100 * media::kFrameSamples);
}

TEST_F(RecordingTest, FramesThatNobodyPlayedAreAGapOfTheirLength) {
    recording.write(filled(1), filled(1), Nanoseconds(0));
    recording.skip(3);
    recording.write(filled(2), filled(2), Nanoseconds(0));
    EXPECT_EQ(at(samples->left, 2), 0);
    EXPECT_EQ(at(samples->left, 4), 2);
}

TEST_F(RecordingTest, WhatIsSaidDuringAPauseIsSilenceOfTheSameLength) {
    recording.write(filled(1), filled(11), Nanoseconds(0));
    ASSERT_TRUE(recording.pause());
    recording.write(filled(2), filled(12), Nanoseconds(0));
    ASSERT_TRUE(recording.resume());
    recording.write(filled(3), filled(13), Nanoseconds(0));
    EXPECT_EQ(at(samples->left, 1), 0);
    EXPECT_EQ(at(samples->right, 1), 0);
    EXPECT_EQ(at(samples->left, 2), 3);
    EXPECT_EQ(at(samples->right, 2), 13);
}

TEST_F(RecordingTest, PauseAndResumeOutOfTurnAreRefused) {
    EXPECT_FALSE(recording.resume());
    ASSERT_TRUE(recording.pause());
    EXPECT_FALSE(recording.pause());
    recording.stop();
    EXPECT_FALSE(recording.resume());
}

TEST_F(RecordingTest, ASecondRecordingBeginsAtItsOwnStart) {
    recording.write(filled(1), filled(1), Milliseconds(40));
    recording.stop();
    const auto second = std::make_shared<test::StereoSamples>();
    recording.start(std::make_unique<test::MemoryRecording>(second));
    recording.write(filled(5), filled(6), Nanoseconds(0));
    EXPECT_EQ(at(second->left, 0), 5);
    EXPECT_EQ(at(second->right, 0), 6);
}

}  // namespace
}  // namespace patchbay::call
