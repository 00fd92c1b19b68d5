// SPDX-License-Identifier: Apache-2.0
#include "call/e_model.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

TEST(EModel, AnUndisturbedCallHasTheDefaultRating) {
    EXPECT_NEAR(transmission_rating({.codec = "PCMU"}), 93.2, 0.01);
    EXPECT_NEAR(mean_opinion_score(93.2), 4.41, 0.01);
}

TEST(EModel, TheScoreFollowsAnnexBOfG107) {
    EXPECT_NEAR(mean_opinion_score(90), 4.34, 0.01);
    EXPECT_NEAR(mean_opinion_score(80), 4.02, 0.01);
    EXPECT_NEAR(mean_opinion_score(70), 3.60, 0.01);
    EXPECT_NEAR(mean_opinion_score(60), 3.10, 0.01);
    EXPECT_NEAR(mean_opinion_score(50), 2.58, 0.01);
    EXPECT_EQ(mean_opinion_score(-5), 1);
    EXPECT_EQ(mean_opinion_score(0), 1);
    EXPECT_EQ(mean_opinion_score(100), 4.5);
}

TEST(EModel, LossCostsMoreTheLessTheCodecBearsIt) {
    const double pcmu = transmission_rating({.codec = "pcmu", .loss_percent = 5});
    EXPECT_NEAR(pcmu, 93.2 - 95 * 5 / 30.1, 0.01);
    EXPECT_LT(transmission_rating({.codec = "L16", .loss_percent = 5}), pcmu);
    EXPECT_EQ(transmission_rating({.codec = "PCMU", .loss_percent = 250}),
              transmission_rating({.codec = "PCMU", .loss_percent = 100}));
}

TEST(EModel, DelayHurtsMoreBeyond177Milliseconds) {
    const auto at = [](int milliseconds) {
        return transmission_rating({.codec = "PCMU", .one_way_delay = Milliseconds(milliseconds)});
    };
    EXPECT_NEAR(at(100), 90.8, 0.01);
    EXPECT_NEAR(at(177), 88.95, 0.01);
    EXPECT_NEAR(at(277), 75.58, 0.05);
}

}  // namespace
}  // namespace patchbay::call
