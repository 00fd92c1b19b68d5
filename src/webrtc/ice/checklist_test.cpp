// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice/checklist.hpp"

#include "webrtc/limits.hpp"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::webrtc {
namespace {

LocalCandidate local(std::uint8_t host, std::uint16_t preference = 65535) {
    return make_host_candidate({IpAddress::v4(10, 0, 0, host), 5000}, preference);
}
Candidate remote(std::uint8_t host, std::uint16_t preference = 65535, std::uint16_t port = 6000) {
    return make_host_candidate({IpAddress::v4(192, 0, 2, host), port}, preference).candidate;
}

// RFC 8445 6.1.2.3.
TEST(Checklist, ThePriorityOfAPairIsThatOfTheFormula) {
    EXPECT_EQ(pair_priority(100, 200), (std::uint64_t{100} << 32U) + 400);
    EXPECT_EQ(pair_priority(200, 100), (std::uint64_t{100} << 32U) + 400 + 1);
    EXPECT_EQ(pair_priority(7, 7), (std::uint64_t{7} << 32U) + 14);
    EXPECT_EQ(pair_priority(0x7FFFFFFF, 0x7FFFFFFF), 0x7FFFFFFFFFFFFFFE);
}

TEST(Checklist, BothSidesSortTheirPairsAlike) {
    Checklist ours;
    Checklist theirs;
    for (std::uint8_t i = 1; i <= 3; ++i) {
        for (std::uint8_t j = 1; j <= 3; ++j) {
            const auto here = local(i, static_cast<std::uint16_t>(100 * i));
            const auto there = remote(j, static_cast<std::uint16_t>(77 * j));
            ours.add(here, there, IceRole::Controlling);
            theirs.add({there, there.address}, here.candidate, IceRole::Controlled);
        }
    }
    for (std::size_t i = 0; i < 9; ++i) {
        EXPECT_EQ(ours.pairs()[i].priority, theirs.pairs()[i].priority);
        EXPECT_EQ(ours.pairs()[i].path.local, theirs.pairs()[i].path.remote);
    }
}

TEST(Checklist, PairsOfOnePathAreOne) {
    Checklist list;
    const auto host = local(1);
    const auto reflexive = make_reflexive_candidate({IpAddress::v4(203, 0, 113, 1), 1}, host.base,
                                                    IpAddress::v4(203, 0, 113, 9), 65535);
    EXPECT_EQ(list.add(host, remote(1), IceRole::Controlled),
              list.add(reflexive, remote(1), IceRole::Controlled));
    EXPECT_EQ(list.pairs().size(), 1U);
}

// RFC 8445 6.1.2.6: one pair of each foundation waits, and the best of them goes first.
TEST(Checklist, OfEachFoundationOnePairWaits) {
    Checklist list;
    list.add(local(1), remote(1, 65535, 6000), IceRole::Controlling);
    list.add(local(1), remote(1, 60000, 6001), IceRole::Controlling);
    list.add(local(1), remote(2, 50000), IceRole::Controlling);
    list.unfreeze_first_of_each_foundation();
    EXPECT_EQ(list.count(PairState::Waiting), 2U);
    EXPECT_EQ(list.count(PairState::Frozen), 1U);
    CandidatePair* first = list.next();
    ASSERT_NE(first, nullptr);
    EXPECT_EQ(first->path.remote.port, 6000);
    first->state = PairState::Succeeded;
    list.unfreeze_like(*first);
    EXPECT_EQ(list.count(PairState::Frozen), 0U);
}

TEST(Checklist, AFrozenPairIsCheckedWhenItsFoundationIsIdle) {
    Checklist list;
    list.add(local(1), remote(1, 65535, 6000), IceRole::Controlling);
    list.add(local(1), remote(1, 60000, 6001), IceRole::Controlling);
    list.unfreeze_first_of_each_foundation();
    list.next()->state = PairState::InProgress;
    EXPECT_FALSE(list.has_next());
    EXPECT_EQ(list.next(), nullptr);
    list.find({local(1).base, remote(1).address})->state = PairState::Failed;
    EXPECT_TRUE(list.has_next());
    EXPECT_EQ(list.next()->path.remote.port, 6001);
}

TEST(Checklist, ATriggeredCheckGoesFirst) {
    Checklist list;
    list.add(local(1), remote(1, 65535), IceRole::Controlling);
    list.add(local(1), remote(2, 100), IceRole::Controlling);
    list.unfreeze_first_of_each_foundation();
    CandidatePair* worse = list.find({local(1).base, remote(2).address});
    list.trigger(*worse);
    EXPECT_EQ(list.next()->path.remote, remote(2).address);
}

TEST(Checklist, ItHoldsAHundredPairsAndDropsTheWorst) {
    Checklist list;
    for (unsigned i = 0; i < 120; ++i) {
        list.add(local(1),
                 remote(1, static_cast<std::uint16_t>(1000 + i), static_cast<std::uint16_t>(i + 1)),
                 IceRole::Controlling);
    }
    EXPECT_EQ(list.pairs().size(), limits::kPairs);
    EXPECT_EQ(list.pairs().front().path.remote.port, 120);
    EXPECT_EQ(list.add(local(1), remote(1, 5, 999), IceRole::Controlling), nullptr);
}

TEST(Checklist, APairThatWorksIsNotDroppedForABetterOne) {
    Checklist list;
    for (unsigned i = 0; i < limits::kPairs; ++i) {
        list.add(local(1), remote(1, 10, static_cast<std::uint16_t>(i + 1)), IceRole::Controlling)
            ->state = PairState::Succeeded;
    }
    EXPECT_EQ(list.add(local(1), remote(1, 65535, 999), IceRole::Controlling), nullptr);
}

TEST(Checklist, ANewRoleSortsAnew) {
    Checklist list;
    // Two pairs that differ only in who has the better half: G > D decides.
    list.add(local(1, 200), remote(1, 100), IceRole::Controlling);
    list.add(local(2, 100), remote(2, 200), IceRole::Controlling);
    EXPECT_EQ(list.pairs().front().path.remote, remote(1).address);
    list.set_role(IceRole::Controlled);
    EXPECT_EQ(list.pairs().front().path.remote, remote(2).address);
}

}  // namespace
}  // namespace patchbay::webrtc
