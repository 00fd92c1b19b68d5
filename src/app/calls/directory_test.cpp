// SPDX-License-Identifier: Apache-2.0
#include "app/calls/directory.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::app {
namespace {

call::SessionSummary summary_of(const std::string& id, std::int64_t created_at) {
    call::SessionSummary summary;
    summary.id = call::SessionId(id);
    summary.created_at = WallTime{created_at};
    return summary;
}

TEST(Directory, OfManyThreadsThatWantOneIdExactlyOneGetsIt) {
    Directory directory;
    std::atomic<int> winners{0};
    std::vector<std::jthread> threads;
    for (unsigned shard = 0; shard < 8; ++shard) {
        threads.emplace_back(
            [&, shard] { winners += directory.reserve(call::SessionId("one"), shard) ? 1 : 0; });
    }
    threads.clear();
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(directory.reserve(call::SessionId("one"), 0).error().code, Errc::Duplicate);
}

TEST(Directory, AReservedIdIsNoCallYet) {
    Directory directory;
    ASSERT_TRUE(directory.reserve(call::SessionId("a"), 2));
    EXPECT_TRUE(directory.list().empty());
    EXPECT_EQ(directory.count(), 0U);
    EXPECT_EQ(directory.find(call::SessionId("a"))->shard, 2U);
}

TEST(Directory, CallsAreListedOldestFirstUntilTheyEnd) {
    Directory directory;
    directory.update(0, summary_of("late", 20));
    directory.update(1, summary_of("early", 10));
    ASSERT_EQ(directory.list().size(), 2U);
    EXPECT_EQ(directory.count(), 2U);
    EXPECT_EQ(directory.list()[0].id.value(), "early");
    directory.release(call::SessionId("early"));
    ASSERT_EQ(directory.list().size(), 1U);
    EXPECT_FALSE(directory.find(call::SessionId("early")));
    EXPECT_TRUE(directory.reserve(call::SessionId("early"), 0));
}

call::SessionSummary offered(const char* id) {
    call::SessionSummary summary;
    summary.id = call::SessionId(id);
    summary.call_id = std::string(id) + "@caller";
    summary.incoming = true;
    summary.awaits_application = true;
    return summary;
}

TEST(Directory, AnIncomingCallIsTakenByOneClientByItsIdOrItsCallId) {
    Directory directory;
    directory.update(2, offered("a"));
    directory.update(1, offered("b"));
    const auto by_id = directory.claim(call::SessionId("a"));
    ASSERT_TRUE(by_id);
    EXPECT_EQ(by_id->shard, 2U);
    EXPECT_EQ(directory.claim(call::SessionId("a")).error().code, Errc::Duplicate);
    EXPECT_EQ(directory.claim(call::SessionId("a@caller")).error().code, Errc::Duplicate);
    const auto by_call_id = directory.claim(call::SessionId("b@caller"));
    ASSERT_TRUE(by_call_id);
    EXPECT_EQ(by_call_id->id, call::SessionId("b"));
    EXPECT_EQ(directory.claim(call::SessionId("c")).error().code, Errc::NotFound);
}

TEST(Directory, AClientThatDidNotComeAfterAllLeavesTheCallToOthers) {
    Directory directory;
    directory.update(0, offered("a"));
    ASSERT_TRUE(directory.claim(call::SessionId("a")));
    directory.unclaim(call::SessionId("a"));
    EXPECT_TRUE(directory.claim(call::SessionId("a")));
    // Changes of the call do not give it away again.
    directory.update(0, offered("a"));
    EXPECT_FALSE(directory.claim(call::SessionId("a")));
}

TEST(Directory, ACallOfAClientsOwnIsNobodyElsesToTake) {
    Directory directory;
    ASSERT_TRUE(directory.reserve(call::SessionId("a"), 0));
    EXPECT_EQ(directory.claim(call::SessionId("a")).error().code, Errc::Duplicate);
}

TEST(Directory, TheNameOfACallThatEndedStaysForItsClientAndIsInNoList) {
    Directory directory;
    directory.update(0, offered("a"));
    directory.keep_log(call::SessionId("a"), std::make_shared<EventLog>("token"));
    directory.end(call::SessionId("a"));
    EXPECT_EQ(directory.count(), 0U);
    EXPECT_TRUE(directory.list().empty());
    EXPECT_FALSE(directory.reserve(call::SessionId("a"), 0));
    ASSERT_TRUE(directory.find(call::SessionId("a")));
    EXPECT_TRUE(directory.find(call::SessionId("a"))->log);
    directory.release(call::SessionId("a"));
    EXPECT_TRUE(directory.reserve(call::SessionId("a"), 0));
}

}  // namespace
}  // namespace patchbay::app
