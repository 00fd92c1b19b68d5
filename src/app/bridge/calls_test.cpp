// SPDX-License-Identifier: Apache-2.0
#include "app/bridge/calls.hpp"

#include "app/bridge/history.hpp"
#include "store/disk_thread.hpp"
#include "support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::app {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr WallTime kNow{1'790'000'000'000};

call::SessionSummary summary(call::LegState state, bool incoming = true) {
    call::SessionSummary out;
    out.id = call::SessionId("c1");
    out.incoming = incoming;
    out.caller = "sip:+5511987654321@whatsapp.invalid";
    out.callee = "sip:+5511912345678@pbx.example";
    out.trunk = "bridge/default/whatsapp";
    out.state = state;
    out.created_at = kNow;
    if (state == call::LegState::Answered) {
        out.answered_at = kNow;
    }
    return out;
}

call::SessionSummary ended(int status, bool answered) {
    call::SessionSummary out = summary(call::LegState::Ended);
    out.status = status;
    out.ended_at = kNow;
    if (answered) {
        out.answered_at = kNow;
    }
    return out;
}

class BridgeCallsTest : public testing::Test {
  protected:
    BridgeCallsTest() { calls_.use({{.bridge = "default", .trunk = "bridge/default/whatsapp"}}); }
    std::string event(const call::SessionSummary& summary) {
        const auto news = calls_.changed(summary, kNow);
        return news ? news->change.event : "";
    }
    BridgeCalls calls_;
};

TEST_F(BridgeCallsTest, ACallIsToldOnceForEachChangeAndThenIsHistory) {
    EXPECT_EQ(event(summary(call::LegState::Inviting)), "call.ringing");
    EXPECT_EQ(event(summary(call::LegState::Ringing)), "");
    EXPECT_EQ(event(summary(call::LegState::Answered)), "call.active");
    ASSERT_THAT(calls_.active(), SizeIs(1));
    EXPECT_EQ(calls_.active()[0].phone, "+5511987654321");
    EXPECT_EQ(calls_.active()[0].direction, "inbound");
    EXPECT_EQ(event(ended(200, true)), "call.ended");
    EXPECT_THAT(calls_.active(), IsEmpty());
    ASSERT_THAT(calls_.history(10), SizeIs(1));
    EXPECT_EQ(calls_.history(10)[0].end_reason, "terminate");
    EXPECT_TRUE(calls_.find("c1"));
}

TEST_F(BridgeCallsTest, ACallToAUserIsConnectingUntilItRings) {
    EXPECT_EQ(event(summary(call::LegState::Inviting, false)), "");
    EXPECT_EQ(calls_.find("c1")->status, "connecting");
    EXPECT_EQ(calls_.find("c1")->phone, "+5511912345678");
    EXPECT_EQ(event(summary(call::LegState::Ringing, false)), "call.ringing");
}

TEST_F(BridgeCallsTest, EveryEndHasItsWord) {
    struct Row {
        int status;
        bool answered;
        const char* reason;
    };
    for (const Row& row :
         {Row{486, false, "busy"}, Row{603, false, "rejected"}, Row{480, false, "missed"},
          Row{487, false, "missed"}, Row{404, false, "unknown_number"}, Row{503, false, "failed"},
          Row{200, true, "terminate"}, Row{408, true, "connection_lost"}}) {
        (void)calls_.changed(summary(call::LegState::Inviting), kNow);
        (void)calls_.changed(ended(row.status, row.answered), kNow);
        EXPECT_EQ(calls_.history(1).at(0).end_reason, row.reason) << row.status;
    }
}

TEST_F(BridgeCallsTest, CallsOfOthersAreNotShown) {
    call::SessionSummary other = summary(call::LegState::Answered);
    other.trunk = "carrier";
    EXPECT_EQ(event(other), "");
    other.trunk = {};
    EXPECT_EQ(event(other), "");
    EXPECT_THAT(calls_.active(), IsEmpty());
}

TEST_F(BridgeCallsTest, TheLoopbackSideHasTheCallsThatGoToThePbx) {
    calls_.use({{.bridge = "default", .trunk = "bridge/default/pbx", .outgoing_only = true}});
    call::SessionSummary one = summary(call::LegState::Inviting);
    one.trunk = "bridge/default/pbx";
    EXPECT_EQ(event(one), "");
    one.incoming = false;
    one.state = call::LegState::Ringing;
    EXPECT_EQ(event(one), "call.ringing");
}

TEST_F(BridgeCallsTest, ANumberIsReachedByTheTrunkOfItsBridge) {
    EXPECT_EQ(calls_.callee_of("default", "+5511912345678").value(),
              "tel:+5511912345678;tgrp=bridge/default/whatsapp");
    EXPECT_FALSE(calls_.callee_of("nobody", "+5511912345678"));
}

TEST_F(BridgeCallsTest, WhatWasSaidOfAFailureIsShownAtTheEnd) {
    (void)calls_.changed(summary(call::LegState::Inviting), kNow);
    calls_.note_error("c1", "the user has not permitted this business to call (138006)");
    (void)calls_.changed(ended(403, false), kNow);
    EXPECT_THAT(calls_.history(1).at(0).error.value_or(""), testing::HasSubstr("138006"));
}

TEST(BridgeCalls, ARestartForgetsNoCallThatIsOver) {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "whatsapp_calls.jsonl";
    {
        store::DiskThread disk;
        BridgeHistory history(file, disk);
        BridgeCalls calls;
        calls.keep_in(history);
        calls.use({{.bridge = "default", .trunk = "bridge/default/whatsapp"}});
        (void)calls.changed(summary(call::LegState::Ringing), kNow);
        (void)calls.changed(ended(486, false), kNow);
        ASSERT_THAT(calls.history(9), SizeIs(1));
    }
    store::DiskThread disk;
    BridgeHistory history(file, disk);
    BridgeCalls calls;
    calls.keep_in(history);
    ASSERT_THAT(calls.history(9), SizeIs(1));
    EXPECT_EQ(calls.history(9)[0].end_reason, "busy");
    EXPECT_EQ(calls.history(9)[0].phone, "+5511987654321");
    EXPECT_TRUE(calls.find("c1"));
}

}  // namespace
}  // namespace patchbay::app
