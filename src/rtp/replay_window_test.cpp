// SPDX-License-Identifier: Apache-2.0
#include "rtp/replay_window.hpp"

#include "rtp/srtp_streams.hpp"

#include <gtest/gtest.h>

namespace patchbay::rtp {
namespace {

ReplayWindow window_at(std::uint64_t index) {
    ReplayWindow window;
    window.use(index);
    return window;
}

TEST(ReplayWindow, TakesAnythingFirstAndEverythingOnce) {
    ReplayWindow window;
    for (const std::uint64_t index : {70000U, 70001U, 69990U, 80000U, 79999U}) {
        EXPECT_TRUE(window.is_fresh(index)) << index;
        window.use(index);
        EXPECT_FALSE(window.is_fresh(index)) << index;
    }
}

TEST(ReplayWindow, RemembersExactlyTheLast128) {
    const ReplayWindow window = window_at(1000);
    EXPECT_TRUE(window.is_fresh(1000 - 127));
    EXPECT_FALSE(window.is_fresh(1000 - 128));
    EXPECT_FALSE(window.is_fresh(0));
}

TEST(ReplayWindow, AStepOfItsWholeLengthForgetsNothingItShouldKnow) {
    for (const std::uint64_t step : {1U, 63U, 64U, 127U, 128U, 129U, 100000U}) {
        ReplayWindow window = window_at(1000);
        window.use(1000 + step);
        EXPECT_FALSE(window.is_fresh(1000)) << step;
        EXPECT_FALSE(window.is_fresh(1000 + step)) << step;
        EXPECT_TRUE(window.is_fresh(999 + step) || step == 1) << step;
    }
}

struct Guess {
    std::uint64_t newest;
    std::uint16_t sequence;
    std::uint64_t index;
};

class IndexGuess : public testing::TestWithParam<Guess> {};

// RFC 3711 appendix A
TEST_P(IndexGuess, IsTheNearestIndexOfThatSequenceNumber) {
    EXPECT_EQ(guess_srtp_index(window_at(GetParam().newest), GetParam().sequence),
              GetParam().index);
}

INSTANTIATE_TEST_SUITE_P(Wraps,
                         IndexGuess,
                         testing::Values(Guess{0x0FFFF, 0x0000, 0x10000},
                                         Guess{0x0FFFE, 0x0001, 0x10001},
                                         Guess{0x10000, 0xFFFF, 0x0FFFF},
                                         Guess{0x10005, 0xFFF0, 0x0FFF0},
                                         Guess{0x3FFFF, 0x7FFE, 0x47FFE},
                                         Guess{0x38000, 0x7FFF, 0x37FFF},
                                         // Before the first roll-over nothing precedes zero.
                                         Guess{0x00005, 0xFFF0, 0x0FFF0},
                                         Guess{0x00005, 0x9000, 0x09000}));

TEST(IndexGuess, BeginsWithARollOverCounterOfZero) {
    EXPECT_EQ(guess_srtp_index(ReplayWindow{}, 0xFFFF), 0xFFFFU);
}

}  // namespace
}  // namespace patchbay::rtp
