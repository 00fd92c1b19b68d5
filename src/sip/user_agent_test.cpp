// SPDX-License-Identifier: Apache-2.0
// Whole calls between two user agents over an emulated network, in virtual time.
#include "sip/user_agent.hpp"

#include "support/sip_link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

using test::event_of;
using test::events_of;
using test::SipLink;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class TwoPeers : public testing::Test {
  protected:
    explicit TwoPeers(SipLink::Settings settings = {}) : link_(settings) {}

    CallHandle call() { return call(link_.call(alice_, bob_)); }
    CallHandle call(InviteRequest request) {
        CallHandle handle;
        link_.act(alice_, [&](Instant now, Outputs& out) {
            handle = alice_.agent.invite(now, std::move(request), out);
        });
        return handle;
    }
    CallHandle incoming() const {
        const auto* event = event_of<IncomingCall>(bob_);
        return event != nullptr ? event->call : CallHandle();
    }
    void ring() {
        link_.act(bob_,
                  [&](Instant now, Outputs& out) { bob_.agent.ring(now, incoming(), {}, out); });
    }
    void answer() {
        link_.act(bob_, [&](Instant now, Outputs& out) {
            bob_.agent.answer(now, incoming(), {{"application/sdp", "answer"}, {}}, out);
        });
    }
    void hangup(SipLink::Peer& peer, CallHandle handle, ExtraHeaders headers = {}) {
        link_.act(peer, [&](Instant now, Outputs& out) {
            peer.agent.hangup(now, handle, std::move(headers), out);
        });
    }
    CallHandle establish() {
        const CallHandle handle = call();
        link_.run_for(Milliseconds(100));
        answer();
        link_.run_for(Milliseconds(100));
        return handle;
    }
    void expect_nothing_left() {
        link_.run_dry();
        for (const auto* peer : {&alice_, &bob_}) {
            EXPECT_EQ(peer->agent.counts().calls, 0U) << peer->label;
            EXPECT_EQ(peer->agent.counts().transactions, 0U) << peer->label;
            EXPECT_FALSE(peer->agent.next_timeout()) << peer->label;
        }
    }

    SipLink link_;
    SipLink::Peer& alice_ = link_.add("alice");
    SipLink::Peer& bob_ = link_.add("bob");
};

using BasicCall = TwoPeers;

TEST_F(BasicCall, IsInvitedRungAnsweredConfirmedAndHungUp) {
    const CallHandle handle = call();
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<IncomingCall>(bob_), nullptr);
    EXPECT_EQ(event_of<IncomingCall>(bob_)->request.body(), "offer of alice");
    EXPECT_EQ(link_.sent(bob_, "SIP/2.0 100"), 1U);

    ring();
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Progress>(alice_), nullptr);
    EXPECT_EQ(event_of<Progress>(alice_)->response.status(), 180);

    answer();
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Answered>(alice_), nullptr);
    EXPECT_EQ(event_of<Answered>(alice_)->call, handle);
    EXPECT_EQ(event_of<Answered>(alice_)->response.body(), "answer");
    EXPECT_NE(event_of<Confirmed>(bob_), nullptr);

    hangup(alice_, handle);
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Ended>(alice_), nullptr);
    EXPECT_EQ(event_of<Ended>(alice_)->cause, EndCause::LocalHangup);
    ASSERT_NE(event_of<Ended>(bob_), nullptr);
    EXPECT_EQ(event_of<Ended>(bob_)->cause, EndCause::RemoteHangup);

    expect_nothing_left();
    EXPECT_THAT(events_of<Ended>(alice_), SizeIs(1));
    EXPECT_THAT(events_of<Ended>(bob_), SizeIs(1));
    EXPECT_EQ(link_.sent("INVITE"), 1U);
    EXPECT_EQ(link_.sent("ACK"), 1U);
    EXPECT_EQ(link_.sent("BYE"), 1U);
}

TEST_F(BasicCall, MayBeHungUpByTheCallee) {
    establish();
    hangup(bob_, incoming());
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Ended>(alice_), nullptr);
    EXPECT_EQ(event_of<Ended>(alice_)->cause, EndCause::RemoteHangup);
    EXPECT_EQ(link_.sent(bob_, "BYE"), 1U);
    expect_nothing_left();
}

TEST_F(BasicCall, MayBeRejected) {
    const CallHandle handle = call();
    link_.run_for(Milliseconds(50));
    link_.act(bob_, [&](Instant now, Outputs& out) {
        bob_.agent.reject(now, incoming(), {486, "Not Now", {{"Reason", "Q.850;cause=17"}}}, out);
    });
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->call, handle);
    EXPECT_EQ(event_of<Rejected>(alice_)->status, 486);
    EXPECT_EQ(event_of<Rejected>(alice_)->reason, "Not Now");
    EXPECT_EQ(event_of<Rejected>(alice_)->response->header("Reason"), "Q.850;cause=17");
    expect_nothing_left();
    EXPECT_EQ(link_.sent("ACK"), 1U);
}

TEST_F(BasicCall, IsCanceledByTheCaller) {
    const CallHandle handle = call();
    link_.run_for(Milliseconds(50));
    ring();
    link_.run_for(Milliseconds(50));
    hangup(alice_, handle, {{"Reason", "SIP;cause=200"}});
    link_.run_for(Milliseconds(100));
    ASSERT_NE(event_of<Canceled>(bob_), nullptr);
    EXPECT_EQ(event_of<Canceled>(bob_)->request.header("Reason"), "SIP;cause=200");
    EXPECT_EQ(link_.sent(bob_, "SIP/2.0 487"), 1U);
    EXPECT_THAT(events_of<Rejected>(alice_), IsEmpty());
    EXPECT_THAT(events_of<Ended>(alice_), SizeIs(1));
    expect_nothing_left();
}

}  // namespace
}  // namespace patchbay::sip
