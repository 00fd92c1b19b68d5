// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/voice_batch.hpp"

#include "speech/limits.hpp"
#include "support/silero_reference.hpp"
#include "support/voice_audio.hpp"

#include <gtest/gtest.h>

namespace patchbay::speech {
namespace {

constexpr std::size_t kFrame = 320;
constexpr Nanoseconds kFrameTime = Milliseconds(20);
constexpr Nanoseconds kWindowTime = Milliseconds(32);

std::shared_ptr<const SileroNetwork> network() {
    static const auto loaded = *SileroNetwork::load(test::SileroReference(3).file());
    return loaded;
}

std::vector<VoiceBatch::Judged> run(VoiceBatch& batch) {
    std::vector<VoiceBatch::Judged> out;
    batch.run(out);
    return out;
}

TEST(VoiceBatch, FramesBecomeWindowsWithTheTimeOfTheirFirstSample) {
    VoiceBatch batch(network());
    batch.open(1);
    const test::Samples samples = test::pink_noise(16 * kFrame, -20);
    std::vector<VoiceBatch::Judged> all;
    for (int i = 0; i < 16; ++i) {
        const Instant begin = Instant(Seconds(5)) + i * kFrameTime;
        batch.write(1, begin,
                    std::span(samples).subspan(static_cast<std::size_t>(i) * kFrame, kFrame));
        batch.run(all);
    }
    ASSERT_EQ(all.size(), 10U);
    SileroStream stream;
    SileroNetwork::Workspace workspace;
    for (std::size_t i = 0; i < all.size(); ++i) {
        SileroJob job{&stream,
                      std::span(samples).subspan(i * kSileroWindow).first<kSileroWindow>()};
        network()->judge({&job, 1}, workspace);
        EXPECT_EQ(all[i].window.begin, Instant(Seconds(5)) + static_cast<int>(i) * kWindowTime);
        EXPECT_EQ(all[i].window.length, kWindowTime);
        EXPECT_NEAR(all[i].window.probability, job.probability, 1e-5F);
    }
}

TEST(VoiceBatch, ATickJudgesABoundedNumberOfWindowsInTheirOrder) {
    VoiceBatch batch(network());
    const test::Samples window(kSileroWindow);
    for (std::uint64_t stream = 1; stream <= kVoiceWindowsPerTick + 5; ++stream) {
        batch.open(stream);
        batch.write(stream, Instant(), window);
    }
    const auto first = run(batch);
    ASSERT_EQ(first.size(), kVoiceWindowsPerTick);
    EXPECT_EQ(first.front().stream, 1U);
    EXPECT_EQ(run(batch).size(), 5U);
    EXPECT_TRUE(run(batch).empty());
}

TEST(VoiceBatch, TwoWindowsOfOneStreamAreJudgedOneAfterTheOther) {
    VoiceBatch batch(network());
    batch.open(1);
    batch.write(1, Instant(), test::Samples(2 * kSileroWindow));
    EXPECT_EQ(run(batch).size(), 1U);
    const auto second = run(batch);
    ASSERT_EQ(second.size(), 1U);
    EXPECT_EQ(second.front().window.begin, Instant(kWindowTime));
}

TEST(VoiceBatch, AStreamThatClosesLeavesNothingBehind) {
    VoiceBatch batch(network());
    batch.open(1);
    batch.open(2);
    batch.write(1, Instant(), test::Samples(kSileroWindow));
    batch.write(2, Instant(), test::Samples(kSileroWindow));
    batch.close(1);
    const auto judged = run(batch);
    ASSERT_EQ(judged.size(), 1U);
    EXPECT_EQ(judged.front().stream, 2U);
}

TEST(VoiceBatch, WindowsBeyondTheLimitAreDroppedAndCounted) {
    VoiceBatch batch(network());
    batch.open(1);
    batch.write(1, Instant(), test::Samples((kMaxWaitingVoiceWindows + 3) * kSileroWindow));
    EXPECT_EQ(batch.waiting(), kMaxWaitingVoiceWindows);
    EXPECT_EQ(batch.dropped(), 3U);
}

}  // namespace
}  // namespace patchbay::speech
