// SPDX-License-Identifier: Apache-2.0
#include "call/own_hold.hpp"

#include "call/limits.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

using Action = OwnHold::Action;

const Instant kStart{Seconds(5)};
constexpr Milliseconds kPause{2'500};

TEST(OwnHold, IsOfferedAndInForceWhenAnswered) {
    OwnHold hold;
    EXPECT_EQ(hold.want(true), Action::Offer);
    EXPECT_FALSE(hold.is_holding());
    EXPECT_EQ(hold.handle_answered(), Action::Done);
    EXPECT_TRUE(hold.is_holding());
    EXPECT_EQ(hold.want(false), Action::Offer);
    EXPECT_EQ(hold.handle_answered(), Action::Done);
    EXPECT_FALSE(hold.is_holding());
}

TEST(OwnHold, TwiceIsNoSecondOffer) {
    OwnHold hold;
    EXPECT_EQ(hold.want(false), Action::Done);
    hold.want(true);
    hold.handle_answered();
    EXPECT_EQ(hold.want(true), Action::Done);
}

TEST(OwnHold, AChangeOfMindFollowsWhenTheOfferIsAnswered) {
    OwnHold hold;
    hold.want(true);
    EXPECT_EQ(hold.want(false), Action::None);
    EXPECT_EQ(hold.handle_answered(), Action::Offer);
    EXPECT_FALSE(hold.wants_hold());
    EXPECT_EQ(hold.handle_answered(), Action::Done);
}

TEST(OwnHold, ARefusalLeavesWhatWas) {
    OwnHold hold;
    hold.want(true);
    EXPECT_EQ(hold.handle_refused(kStart, std::nullopt), Action::Failed);
    EXPECT_FALSE(hold.is_holding());
    EXPECT_FALSE(hold.wants_hold());
    EXPECT_FALSE(hold.is_busy());
}

TEST(OwnHold, ACollisionIsTriedAgainAfterThePause) {
    OwnHold hold;
    hold.want(true);
    EXPECT_EQ(hold.handle_refused(kStart, kPause), Action::None);
    EXPECT_EQ(hold.next_timeout(), kStart + kPause);
    EXPECT_EQ(hold.want(true), Action::None);
    EXPECT_EQ(hold.handle_timeout(kStart + kPause - Milliseconds(1)), Action::None);
    EXPECT_EQ(hold.handle_timeout(kStart + kPause), Action::Offer);
    EXPECT_FALSE(hold.next_timeout());
    EXPECT_EQ(hold.handle_answered(), Action::Done);
}

TEST(OwnHold, AChangeOfMindDuringThePauseNeedsNoOffer) {
    OwnHold hold;
    hold.want(true);
    hold.handle_refused(kStart, kPause);
    hold.want(false);
    EXPECT_EQ(hold.handle_timeout(kStart + kPause), Action::Done);
}

TEST(OwnHold, CollisionsWithoutEndAreAFailure) {
    OwnHold hold;
    hold.want(true);
    Instant now = kStart;
    for (int i = 0; i < kOfferCollisions; ++i) {
        EXPECT_EQ(hold.handle_refused(now, kPause), Action::None);
        now += kPause;
        EXPECT_EQ(hold.handle_timeout(now), Action::Offer);
    }
    EXPECT_EQ(hold.handle_refused(now, kPause), Action::Failed);
}

TEST(OwnHold, AnAnswerToSomethingElseIsNone) {
    OwnHold hold;
    EXPECT_EQ(hold.handle_answered(), Action::None);
    EXPECT_EQ(hold.handle_refused(kStart, kPause), Action::None);
}

}  // namespace
}  // namespace patchbay::call
