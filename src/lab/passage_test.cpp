// SPDX-License-Identifier: Apache-2.0
#include "lab/passage.hpp"

#include "base/random.hpp"
#include "media/frame.hpp"
#include "media/tone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace patchbay::lab {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

using Samples = std::vector<std::int16_t>;

// Recordings put together piece by piece, in milliseconds.
class Tape {
  public:
    Tape& silence(int length) {
        samples_.resize(samples_.size() + count(length));
        return *this;
    }
    Tape& tone(int length, double frequency, double level = -16) {
        Samples piece(count(length));
        media::ToneGenerator({.frequency = frequency, .level = level}).generate(piece);
        samples_.insert(samples_.end(), piece.begin(), piece.end());
        return *this;
    }
    // Noise, which is no tone, as speech mostly is.
    Tape& babble(int length) {
        for (std::size_t i = 0; i < count(length); ++i) {
            samples_.push_back(
                static_cast<std::int16_t>(static_cast<int>(random_.below(8000)) - 4000));
        }
        return *this;
    }
    std::vector<Passage> passages() const { return find_passages(samples_, media::kSampleRate); }

  private:
    static std::size_t count(int milliseconds) {
        return media::samples_in(Milliseconds(milliseconds));
    }

    Samples samples_;
    SeededRandom random_{3};
};

TEST(Passages, SilenceHasNone) {
    EXPECT_THAT(Tape().passages(), IsEmpty());
    EXPECT_THAT(Tape().silence(2000).passages(), IsEmpty());
}

TEST(Passages, AToneIsFoundWithItsTimeFrequencyAndLevel) {
    const auto found = Tape().silence(500).tone(1000, 440, -20).silence(300).passages();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].from, Milliseconds(500));
    EXPECT_EQ(found[0].to, Milliseconds(1500));
    EXPECT_NEAR(found[0].frequency.value_or(0), 440, 1);
    EXPECT_NEAR(found[0].level, -20, 0.3);
}

TEST(Passages, TonesThatTouchAreTwo) {
    const auto found = Tape().tone(600, 440).tone(600, 880).passages();
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_NEAR(found[0].frequency.value_or(0), 440, 5);
    EXPECT_NEAR(found[1].frequency.value_or(0), 880, 5);
}

TEST(Passages, PausesBetweenWordsDoNotDivideSpeech) {
    const auto found = Tape().babble(400).silence(200).babble(300).silence(600).passages();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_FALSE(found[0].frequency.has_value());
    EXPECT_EQ(found[0].length(), Milliseconds(900));
}

TEST(Passages, ALongerPauseDoes) {
    EXPECT_THAT(Tape().babble(400).silence(500).babble(300).passages(), SizeIs(2));
}

TEST(Passages, SpeechAndAToneAreApart) {
    const auto found = Tape().babble(800).silence(40).tone(500, 660).passages();
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_FALSE(found[0].frequency.has_value());
    EXPECT_NEAR(found[1].frequency.value_or(0), 660, 5);
}

TEST(Passages, AVowelIsNoTone) {
    const auto found = Tape().babble(300).tone(100, 250).babble(300).passages();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_FALSE(found[0].frequency.has_value());
}

TEST(Passages, ALostPacketDoesNotDivideATone) {
    const auto found = Tape().tone(500, 440).silence(40).tone(500, 440).passages();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].length(), Milliseconds(1040));
}

TEST(Passages, AToneThatBeginsWithinABlockIsStillOne) {
    const auto found = Tape().silence(513).tone(500, 700).silence(507).passages();
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_NEAR(found[0].frequency.value_or(0), 700, 5);
    EXPECT_NEAR(static_cast<double>(found[0].length().count()), 500, 41);
}

TEST(Passages, AreDescribedInOneLine) {
    EXPECT_EQ(
        describe(
            {.from = Milliseconds(240), .to = Milliseconds(1740), .level = -16, .frequency = 440}),
        "tone 440 Hz, -16.0 dBFS, 0.24 to 1.74 s (1500 ms)");
}

}  // namespace
}  // namespace patchbay::lab
