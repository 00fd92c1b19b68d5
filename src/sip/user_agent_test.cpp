// SPDX-License-Identifier: Apache-2.0
// Whole calls between two user agents over an emulated network, in virtual time.
#include "sip/user_agent.hpp"

#include "support/two_peers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace patchbay::sip {
namespace {

using test::event_of;
using test::events_of;
using test::SipLink;
using test::TwoPeers;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

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

TEST_F(BasicCall, MayBeRedirected) {
    call();
    link_.run_for(Milliseconds(50));
    link_.act(bob_, [&](Instant now, Outputs& out) {
        bob_.agent.reject(now, incoming(), {302, {}, {{"Contact", "<sip:carol@h>"}}}, out);
    });
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->response->header("Contact"), "<sip:carol@h>");
}

TEST_F(BasicCall, CarriesTheUsersHeadersButNoneThatWouldBreakIt) {
    InviteRequest request = link_.call(alice_, bob_);
    request.headers = {{"X-Account", "7"},
                       {"X-Evil", "a\r\nX-Injected: b"},
                       {"Call-ID", "forged"},
                       {"Bad Name", "c"}};
    call(request);
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<IncomingCall>(bob_), nullptr);
    const Message& invite = event_of<IncomingCall>(bob_)->request;
    EXPECT_EQ(invite.header("X-Account"), "7");
    EXPECT_FALSE(invite.header("X-Evil"));
    EXPECT_FALSE(invite.header("X-Injected"));
    EXPECT_NE(invite.header("Call-ID"), "forged");
    EXPECT_FALSE(invite.header("Bad Name"));
}

TEST_F(BasicCall, NamesTheExternalAddressToAllButLoopbackPeers) {
    auto& carol = link_.add("carol", {.external_address = IpAddress::v4(203, 0, 113, 1)});
    link_.act(carol, [&](Instant now, Outputs& out) {
        carol.agent.invite(now, link_.call(carol, bob_), out);
    });
    EXPECT_THAT(link_.wire().back().text, HasSubstr("Via: SIP/2.0/UDP 203.0.113.1:5060;"));
    EXPECT_THAT(link_.wire().back().text, HasSubstr("Contact: <sip:pb0.@203.0.113.1:5060>"));
    InviteRequest to_loopback = link_.call(carol, bob_);
    to_loopback.flow.remote.ip = IpAddress::v4(127, 0, 0, 1);
    link_.act(carol, [&](Instant now, Outputs& out) { carol.agent.invite(now, to_loopback, out); });
    EXPECT_THAT(link_.wire().back().text, Not(HasSubstr("203.0.113.1")));
}

TEST_F(BasicCall, TooLargeForADatagramLeavesByTcpWhereThatIsPossible) {  // 18.1.1
    auto& carol = link_.add("carol", {.tcp_for_large_requests = true});
    InviteRequest request = link_.call(carol, bob_);
    request.body.text = std::string(1'300, 'x');
    Outputs out;
    carol.agent.invite(link_.now(), request, out);
    ASSERT_THAT(out.transmits, SizeIs(1));
    EXPECT_EQ(out.transmits.front().flow.transport, Transport::Tcp);
    EXPECT_THAT(out.transmits.front().bytes, HasSubstr("Via: SIP/2.0/TCP "));
    EXPECT_THAT(out.transmits.front().bytes, HasSubstr(";transport=tcp>"));

    Outputs by_alice;
    alice_.agent.invite(link_.now(), request, by_alice);
    EXPECT_EQ(by_alice.transmits.front().flow.transport, Transport::Udp);
}

// --- loss and lateness

TEST_F(BasicCall, RepeatsA2xxUntilItsAckComesAndReportsItOnce) {
    call();
    link_.run_for(Milliseconds(50));
    int acks = 0;
    link_.drop = [&acks](const SipLink::Seen& seen) {
        return seen.text.starts_with("ACK") && ++acks <= 2;
    };
    answer();
    link_.run_for(Seconds(10));
    EXPECT_EQ(link_.sent(bob_, "SIP/2.0 200"), 3U);
    EXPECT_EQ(acks, 3);
    EXPECT_THAT(events_of<Answered>(alice_), SizeIs(1));
    EXPECT_THAT(events_of<Confirmed>(bob_), SizeIs(1));
}

TEST_F(BasicCall, WithoutAnyAckIsEndedByByeAfterSixtyFourT1) {
    call();
    link_.run_for(Milliseconds(50));
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("ACK"); };
    const Instant answered = link_.now();
    answer();
    link_.run_for(Seconds(40));
    std::vector<std::int64_t> repeats;
    for (const auto& seen : link_.wire()) {
        if (seen.from == bob_.address && seen.text.starts_with("SIP/2.0 200") &&
            seen.text.find("INVITE") != std::string::npos) {
            repeats.push_back(whole_milliseconds(seen.at - answered).count());
        }
    }
    EXPECT_THAT(repeats, testing::ElementsAre(0, 500, 1500, 3500, 7500, 11500, 15500, 19500, 23500,
                                              27500, 31500));
    ASSERT_NE(event_of<Ended>(bob_), nullptr);
    EXPECT_EQ(event_of<Ended>(bob_)->cause, EndCause::AckTimeout);
    EXPECT_EQ(event_of<Ended>(alice_)->cause, EndCause::RemoteHangup);
    expect_nothing_left();
}

TEST_F(BasicCall, ANewBranchMayCarryTheAck) {
    establish();
    const auto ack = std::find_if(link_.wire().begin(), link_.wire().end(),
                                  [](const auto& seen) { return seen.text.starts_with("ACK"); });
    link_.inject(alice_.address, bob_.address, ack->text);
    link_.run_for(Milliseconds(50));
    EXPECT_THAT(events_of<Confirmed>(bob_), SizeIs(1));
}

TEST_F(BasicCall, ThatNobodyAnswersEndsAfterTimerB) {
    link_.drop = [](const SipLink::Seen&) { return true; };
    const Instant start = link_.now();
    const CallHandle handle = call();
    link_.run_for(Milliseconds(31'999));
    EXPECT_THAT(alice_.events, IsEmpty());
    link_.run_for(Milliseconds(1));
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->call, handle);
    EXPECT_EQ(event_of<Rejected>(alice_)->status, 408);
    EXPECT_FALSE(event_of<Rejected>(alice_)->response.has_value());
    EXPECT_EQ(link_.now() - start, Seconds(32));
    EXPECT_EQ(link_.sent("INVITE"), 7U);
    expect_nothing_left();
}

TEST_F(BasicCall, ThatCannotBeSentIsRejectedAtOnce) {
    link_.drop = [](const SipLink::Seen&) { return true; };
    call();
    link_.act(alice_, [&](Instant now, Outputs& out) {
        alice_.agent.handle_transport_error(now, link_.flow(alice_, bob_), out);
    });
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->status, 503);
    expect_nothing_left();
}

TEST_F(BasicCall, MayRingForTenMinutes) {
    call();
    link_.run_for(Milliseconds(50));
    ring();
    link_.run_for(Seconds(600));
    EXPECT_THAT(events_of<Rejected>(alice_), IsEmpty());
    answer();
    link_.run_for(Milliseconds(50));
    EXPECT_NE(event_of<Answered>(alice_), nullptr);
}

// --- CANCEL and its races

TEST_F(BasicCall, HungUpBeforeAnyProvisionalIsCanceledWithTheFirstOne) {
    const CallHandle handle = call();
    hangup(alice_, handle);
    EXPECT_EQ(link_.sent("CANCEL"), 0U);
    EXPECT_THAT(events_of<Ended>(alice_), SizeIs(1));  // at once for the user
    link_.run_for(Milliseconds(100));
    EXPECT_EQ(link_.sent("CANCEL"), 1U);
    EXPECT_NE(event_of<Canceled>(bob_), nullptr);
    expect_nothing_left();
}

TEST_F(BasicCall, AnsweredWhileTheCancelTravelsIsAckedAndHungUp) {
    const CallHandle handle = call();
    link_.run_for(Milliseconds(50));
    hangup(alice_, handle);
    answer();
    link_.run_for(Milliseconds(200));
    EXPECT_EQ(link_.sent(alice_, "CANCEL"), 1U);
    EXPECT_EQ(link_.sent(alice_, "ACK"), 1U);
    EXPECT_EQ(link_.sent(alice_, "BYE"), 1U);
    EXPECT_THAT(events_of<Answered>(alice_), IsEmpty());
    EXPECT_THAT(events_of<Canceled>(bob_), IsEmpty());
    ASSERT_NE(event_of<Ended>(bob_), nullptr);
    EXPECT_EQ(event_of<Ended>(bob_)->cause, EndCause::RemoteHangup);
    expect_nothing_left();
}

TEST_F(BasicCall, CanceledButNeverFinallyAnsweredIsGivenUpAfterSixtyFourT1) {
    const CallHandle handle = call();
    link_.run_for(Milliseconds(50));
    link_.drop = [this](const SipLink::Seen& seen) { return seen.from == bob_.address; };
    hangup(alice_, handle);
    link_.run_for(Seconds(33));
    EXPECT_EQ(alice_.agent.counts().calls, 0U);
}

TEST_F(BasicCall, TheCancelRepeatsTheInvitesBranchAndNumber) {
    const CallHandle handle = call();
    link_.run_for(Milliseconds(50));
    hangup(alice_, handle);
    const auto invite = Message::parse(link_.wire().front().text).value();
    const auto cancel = Message::parse(link_.wire().back().text).value();
    EXPECT_EQ(cancel.header("Via"), invite.header("Via"));
    EXPECT_EQ(cancel.header("From"), invite.header("From"));
    EXPECT_EQ(cancel.header("To"), invite.header("To"));
    EXPECT_EQ(cancel.header("Call-ID"), invite.header("Call-ID"));
    EXPECT_EQ(cancel.header("CSeq"), "1 CANCEL");
    EXPECT_EQ(cancel.request_uri(), invite.request_uri());
}

// --- hangup at any moment

class HangupAtAnyMoment : public BasicCall, public testing::WithParamInterface<int> {
  protected:
    static constexpr Milliseconds kAnswered{45};

    // A call that is hung up by `who` at the moment of the parameter; everything else goes on.
    void play(SipLink::Peer& who) {
        bob_.on_event = [this](const Event& event) {
            if (std::holds_alternative<IncomingCall>(event)) {
                ring();
            }
        };
        const CallHandle handle = call();
        const Milliseconds moment(GetParam());
        link_.run_for(std::min(moment, kAnswered));
        if (moment > kAnswered) {
            answer();
            link_.run_for(moment - kAnswered);
        }
        hangup(who, &who == &alice_ ? handle : incoming());
        if (moment <= kAnswered) {
            link_.run_for(kAnswered - moment);
            answer();  // ignored where the call is gone
        }
        expect_nothing_left();
        EXPECT_EQ(events_of<Ended>(alice_).size() + events_of<Rejected>(alice_).size(), 1U);
        EXPECT_EQ(events_of<Ended>(bob_).size() + events_of<Canceled>(bob_).size(), 1U);
    }
};

TEST_P(HangupAtAnyMoment, OfTheCallerEndsTheCallOnceOnEachSideAndLeavesNothing) {
    play(alice_);
}

TEST_P(HangupAtAnyMoment, OfTheCalleeEndsTheCallOnceOnEachSideAndLeavesNothing) {
    if (Milliseconds(GetParam()) >= Milliseconds(10)) {  // before, he knows of no call
        play(bob_);
    }
}
INSTANTIATE_TEST_SUITE_P(Milliseconds, HangupAtAnyMoment, testing::Range(0, 120, 5));

// --- loss

class LossyCall : public TwoPeers, public testing::WithParamInterface<std::uint64_t> {
  protected:
    LossyCall() : TwoPeers({.seed = GetParam(), .loss_percent = 30, .jitter = Milliseconds(300)}) {}
};

TEST_P(LossyCall, EndsWellOnBothSides) {
    bob_.on_event = [this](const Event& event) {
        if (const auto* incoming = std::get_if<IncomingCall>(&event)) {
            link_.act(bob_, [&](Instant now, Outputs& out) {
                bob_.agent.ring(now, incoming->call, {}, out);
                bob_.agent.answer(now, incoming->call, {{"application/sdp", "a"}, {}}, out);
            });
        }
    };
    const CallHandle handle = call();
    link_.run_for(Seconds(20));
    hangup(alice_, handle);
    expect_nothing_left();
    EXPECT_EQ(events_of<Ended>(alice_).size() + events_of<Rejected>(alice_).size(), 1U);
    EXPECT_LE(events_of<Answered>(alice_).size(), 1U);
    EXPECT_LE(events_of<IncomingCall>(bob_).size(), 1U);
    EXPECT_EQ(events_of<Ended>(bob_).size() + events_of<Canceled>(bob_).size(),
              events_of<IncomingCall>(bob_).size());
}
INSTANTIATE_TEST_SUITE_P(Seeds, LossyCall, testing::Range<std::uint64_t>(1, 101));

// --- forks

TEST_F(BasicCall, OfSeveralForksTheFirst2xxWinsAndTheOthersAreAckedAndHungUp) {
    auto& carol = link_.add("carol");
    const CallHandle handle = call();
    link_.inject(alice_.address, carol.address, link_.wire().front().text);  // a forking proxy
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<IncomingCall>(carol), nullptr);
    const CallHandle forked = event_of<IncomingCall>(carol)->call;
    ring();
    link_.act(carol, [&](Instant now, Outputs& out) { carol.agent.ring(now, forked, {}, out); });
    link_.run_for(Milliseconds(50));
    answer();
    link_.act(carol, [&](Instant now, Outputs& out) {
        carol.agent.answer(now, forked, {{"application/sdp", "carol"}, {}}, out);
    });
    link_.run_for(Milliseconds(200));
    ASSERT_THAT(events_of<Answered>(alice_), SizeIs(1));
    EXPECT_THAT(events_of<Progress>(alice_), SizeIs(2));
    ASSERT_NE(event_of<Ended>(carol), nullptr);
    EXPECT_EQ(event_of<Ended>(carol)->cause, EndCause::RemoteHangup);
    EXPECT_NE(event_of<Confirmed>(carol), nullptr);
    EXPECT_EQ(event_of<Ended>(bob_), nullptr);  // the winner's call stands
    hangup(alice_, handle);
    expect_nothing_left();
    EXPECT_EQ(carol.agent.counts().calls, 0U);
}

// --- the offer in the 2xx

TEST_F(BasicCall, WithoutAnOfferTheAckWaitsForTheUsersAnswer) {
    InviteRequest request = link_.call(alice_, bob_);
    request.body = {};
    const CallHandle handle = call(request);
    link_.run_for(Milliseconds(50));
    answer();
    link_.run_for(Milliseconds(700));
    EXPECT_EQ(link_.sent("ACK"), 0U);
    EXPECT_THAT(events_of<Answered>(alice_), SizeIs(1));  // though the 2xx came twice
    link_.act(alice_, [&](Instant now, Outputs& out) {
        alice_.agent.acknowledge(now, handle, {"application/sdp", "late answer"}, out);
    });
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Confirmed>(bob_), nullptr);
    EXPECT_EQ(event_of<Confirmed>(bob_)->ack.body(), "late answer");
}

TEST_F(BasicCall, HungUpWhileTheAckIsOwedIsAckedFirst) {
    InviteRequest request = link_.call(alice_, bob_);
    request.body = {};
    const CallHandle handle = call(request);
    link_.run_for(Milliseconds(50));
    answer();
    link_.run_for(Milliseconds(50));
    hangup(alice_, handle);
    EXPECT_EQ(link_.sent("ACK"), 1U);
    EXPECT_EQ(link_.sent("BYE"), 1U);
    expect_nothing_left();
}

TEST_F(BasicCall, HungUpByThePeerWhileTheAckIsOwedIsAckedAllTheSame) {
    InviteRequest request = link_.call(alice_, bob_);
    request.body = {};
    call(request);
    link_.run_for(Milliseconds(50));
    answer();
    link_.run_for(Milliseconds(50));
    force_bye_to_alice();
    link_.run_for(Milliseconds(50));
    EXPECT_EQ(link_.sent("ACK"), 1U);
    EXPECT_NE(event_of<Confirmed>(bob_), nullptr);
    hangup(bob_, incoming());
    expect_nothing_left();
}

// --- both at once

TEST_F(BasicCall, HungUpByBothAtOnceEndsOnceForEach) {
    const CallHandle handle = establish();
    hangup(alice_, handle);
    hangup(bob_, incoming());
    expect_nothing_left();
    EXPECT_THAT(events_of<Ended>(alice_), SizeIs(1));
    EXPECT_THAT(events_of<Ended>(bob_), SizeIs(1));
    EXPECT_EQ(link_.sent("SIP/2.0 481"), 0U);
}

}  // namespace
}  // namespace patchbay::sip
