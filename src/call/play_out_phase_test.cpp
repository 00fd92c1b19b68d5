// SPDX-License-Identifier: Apache-2.0
#include "call/play_out_phase.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

std::optional<unsigned> phase_of_arrivals_at(Milliseconds offset) {
    PlayOutPhase phase;
    std::optional<unsigned> chosen;
    for (int i = 0; i < 2 * kPhaseProbePackets; ++i) {
        if (const auto now_chosen = phase.handle_packet(offset)) {
            EXPECT_FALSE(chosen.has_value()) << "decided twice";
            chosen = now_chosen;
        }
    }
    return chosen;
}

TEST(PlayOutPhase, IsTheFirstTickAfterThePacketsArrive) {
    EXPECT_EQ(phase_of_arrivals_at(Milliseconds(0)), 1U);
    EXPECT_EQ(phase_of_arrivals_at(Milliseconds(4)), 1U);
    EXPECT_EQ(phase_of_arrivals_at(Milliseconds(6)), 2U);
    EXPECT_EQ(phase_of_arrivals_at(Milliseconds(11)), 3U);
    EXPECT_EQ(phase_of_arrivals_at(Milliseconds(17)), 0U);
}

TEST(PlayOutPhase, FollowsTheMajorityWhenArrivalsJitter) {
    PlayOutPhase phase;
    std::optional<unsigned> chosen;
    for (int i = 0; i < kPhaseProbePackets; ++i) {
        chosen = phase.handle_packet(i % 4 == 0 ? Milliseconds(18) : Milliseconds(7));
    }
    EXPECT_EQ(chosen, 2U);
}

}  // namespace
}  // namespace patchbay::call
