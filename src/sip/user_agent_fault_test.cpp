// SPDX-License-Identifier: Apache-2.0
// A bug of ours, wherever it shows, costs the call or the message whose turn it was.
#include "sip/user_agent.hpp"
#include "support/two_peers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

using test::event_of;
using test::events_of;
using test::TwoPeers;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class BrokenInvariantInSip : public TwoPeers {
  protected:
    void expect_a_sound_call() {
        const CallHandle handle = establish();
        ASSERT_THAT(events_of<Answered>(alice_), testing::Not(IsEmpty()));
        EXPECT_EQ(event_of<Answered>(alice_)->call, handle);
        hangup(alice_, handle);
        link_.run_for(Milliseconds(100));
        expect_nothing_left();
    }
};

TEST_F(BrokenInvariantInSip, InACommandEndsTheCallWithTheByeThatThePeerIsOwed) {
    const CallHandle other = establish();
    const CallHandle handle = establish();
    alice_.random.break_next();
    hangup(alice_, handle);
    ASSERT_THAT(alice_.broken, SizeIs(1));
    EXPECT_EQ(alice_.broken.front().call, handle);
    EXPECT_THAT(alice_.broken.front().report, HasSubstr("a bug of ours"));
    EXPECT_EQ(event_of<Ended>(alice_)->call, handle);
    link_.run_for(Seconds(40));
    EXPECT_EQ(link_.sent(alice_, "BYE"), 1U);
    EXPECT_THAT(events_of<Ended>(bob_), SizeIs(1));

    hangup(alice_, other);
    link_.run_for(Milliseconds(100));
    EXPECT_THAT(events_of<Ended>(bob_), SizeIs(2));
    expect_nothing_left();
}

TEST_F(BrokenInvariantInSip, WithNewInviteIsAnswered500AndTheNextOneIsServed) {
    bob_.random.break_next();
    call();
    link_.run_for(Seconds(1));
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->status, 500);
    EXPECT_THAT(bob_.broken, SizeIs(1));
    EXPECT_EQ(event_of<IncomingCall>(bob_), nullptr);
    expect_a_sound_call();
}

TEST_F(BrokenInvariantInSip, OnTheResponseOfThePeerEndsTheCall) {
    const CallHandle handle = call();
    link_.run_for(Milliseconds(100));
    answer();
    alice_.random.break_next();  // the branch of the ACK
    link_.run_for(Milliseconds(15));
    ASSERT_THAT(alice_.broken, SizeIs(1));
    EXPECT_EQ(alice_.broken.front().call, handle);
    EXPECT_THAT(events_of<Ended>(alice_), SizeIs(1));
    link_.run_for(Seconds(40));
    EXPECT_FALSE(events_of<Ended>(bob_).empty());
    expect_a_sound_call();
}

TEST_F(BrokenInvariantInSip, OnATimerEndsTheCall) {
    link_.drop = [](const auto& seen) { return seen.text.starts_with("ACK"); };
    establish();
    link_.run_for(Seconds(31));
    bob_.random.break_next();  // the branch of the BYE after 64*T1 without the ACK
    link_.run_for(Seconds(5));
    EXPECT_THAT(bob_.broken, SizeIs(1));
    EXPECT_THAT(events_of<Ended>(bob_), SizeIs(1));
    EXPECT_THAT(events_of<Ended>(alice_), SizeIs(1));
    link_.drop = nullptr;
    expect_nothing_left();
}

TEST_F(BrokenInvariantInSip, InEveryFurtherStepForgetsTheCallAtOnce) {
    const CallHandle handle = establish();
    alice_.random.break_next(100);
    hangup(alice_, handle);
    alice_.random.break_next(0);
    EXPECT_THAT(events_of<Ended>(alice_), SizeIs(1));
    EXPECT_EQ(alice_.agent.counts().calls, 0U);
    EXPECT_EQ(link_.sent(alice_, "BYE"), 0U);
    hangup(bob_, incoming());
    link_.run_for(Milliseconds(100));
    EXPECT_EQ(link_.sent(alice_, "SIP/2.0 481"), 1U);
    expect_nothing_left();
    expect_a_sound_call();
}

TEST_F(BrokenInvariantInSip, InAPlacedCallOrARequestIsItsRefusal) {
    alice_.random.break_next();
    const CallHandle handle = call();
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->call, handle);
    EXPECT_EQ(event_of<Rejected>(alice_)->status, 500);
    alice_.random.break_next();
    link_.act(alice_, [&](Instant now, Outputs& out) {
        alice_.agent.request(now, {.method = "OPTIONS", .flow = link_.flow(alice_, bob_)}, out);
    });
    ASSERT_NE(event_of<RequestFinished>(alice_), nullptr);
    EXPECT_EQ(event_of<RequestFinished>(alice_)->status, 500);
    EXPECT_THAT(alice_.broken, SizeIs(2));
    expect_nothing_left();
}

}  // namespace
}  // namespace patchbay::sip
