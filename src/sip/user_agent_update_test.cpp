// SPDX-License-Identifier: Apache-2.0
// UPDATE (RFC 3311), session timers (RFC 4028), MESSAGE (RFC 3428) and INFO packages (RFC 6086) in
// a call.
#include "sip/header.hpp"
#include "support/two_peers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
using testing::StartsWith;

const Body kOffer{"application/sdp", "new offer"};
const Body kAnswer{"application/sdp", "new answer"};

class Updates : public TwoPeers {
  protected:
    using TwoPeers::TwoPeers;

    void update(SipLink::Peer& peer, CallHandle call, Body body = kOffer) {
        at(peer, [&](UserAgent& agent, Instant now, Outputs& out) {
            agent.update(now, call, std::move(body), {}, out);
        });
    }
    void answer_at(SipLink::Peer& peer, CallHandle call) {
        at(peer, [&](UserAgent& agent, Instant now, Outputs& out) {
            agent.answer_reoffer(now, call, {kAnswer, {}}, out);
        });
    }
    void progress(Body body) {
        at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
            agent.ring(now, incoming(), {183, {}, std::move(body), {}}, out);
        });
    }
    std::string in_dialog(std::string_view method, std::string_view extra) {
        const auto answer = Message::parse(last("SIP/2.0 200"));
        std::string text(method);
        text +=
            " sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKi\r\n"
            "Max-Forwards: 70\r\nFrom: ";
        text.append(*answer->header("To")).append("\r\nTo: ").append(*answer->header("From"));
        text.append("\r\nCall-ID: ").append(*answer->header("Call-ID"));
        text.append("\r\nCSeq: 90 ").append(method).append("\r\n").append(extra);
        link_.inject(bob_.address, alice_.address, text + "\r\n");
        link_.run_for(Milliseconds(50));
        return link_.wire().back().text;
    }
};

TEST_F(Updates, CarryAnOfferInAConfirmedCall) {
    const CallHandle handle = establish();
    update(alice_, handle);
    ASSERT_NE(event_of<Reoffer>(bob_), nullptr);
    EXPECT_EQ(event_of<Reoffer>(bob_)->request.method(), Method::Update);
    answer_at(bob_, incoming());
    ASSERT_NE(event_of<ReofferAnswered>(alice_), nullptr);
    EXPECT_EQ(event_of<ReofferAnswered>(alice_)->response.body(), "new answer");
    EXPECT_EQ(link_.sent("ACK"), 1U);  // that of the INVITE
    hangup(alice_, handle);
    expect_nothing_left();
}

TEST_F(Updates, MayBeRefusedAndTheCallGoesOn) {
    const CallHandle handle = establish();
    update(alice_, handle);
    at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
        agent.refuse_reoffer(now, incoming(), {488, {}, {}}, out);
    });
    ASSERT_NE(event_of<ReofferRefused>(alice_), nullptr);
    EXPECT_EQ(event_of<ReofferRefused>(alice_)->status, 488);
    EXPECT_THAT(events_of<Ended>(alice_), IsEmpty());
}

TEST_F(Updates, OfBothSidesAtOnceMeet491) {  // RFC 3311 5.2
    const CallHandle handle = establish();
    for (auto* peer : {&alice_, &bob_}) {
        link_.act(*peer, [&](Instant now, Outputs& out) {
            peer->agent.update(now, peer == &alice_ ? handle : incoming(), kOffer, {}, out);
        });
    }
    link_.run_for(Milliseconds(50));
    EXPECT_EQ(event_of<ReofferRefused>(alice_)->status, 491);
    EXPECT_EQ(event_of<ReofferRefused>(bob_)->status, 491);
    EXPECT_TRUE(event_of<ReofferRefused>(alice_)->retry_after);
}

TEST_F(Updates, WhileAnOfferWaitsForItsAnswerGet500AndALaterTime) {
    const CallHandle handle = establish();
    update(alice_, handle);
    at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
        agent.update(now, incoming(), kOffer, {}, out);
    });
    EXPECT_EQ(event_of<ReofferRefused>(bob_)->status, 491);  // ours to know, without asking
    const auto before = link_.sent(bob_, "SIP/2.0 500");
    const auto first = Message::parse(last("UPDATE"));
    std::string again(first->text());
    again.replace(again.find("branch=") + 7, 8, "z9hG4bK2");
    again.replace(again.find(" UPDATE\r\n") - 1, 1, "3");
    link_.inject(alice_.address, bob_.address, again);
    link_.run_for(Milliseconds(50));
    EXPECT_EQ(link_.sent(bob_, "SIP/2.0 500"), before + 1);
    EXPECT_THAT(last("SIP/2.0 500"), HasSubstr("Retry-After: "));
}

TEST_F(Updates, BeforeTheAnswerNeedAnOfferThatWasAnsweredReliably) {  // RFC 3311 5.1
    const CallHandle handle = call();
    link_.run_for(Milliseconds(50));
    ring();
    link_.run_for(Milliseconds(50));
    update(alice_, handle);
    EXPECT_EQ(event_of<ReofferRefused>(alice_)->status, 491);
    EXPECT_EQ(link_.sent("UPDATE"), 0U);
    progress({"application/sdp", "early answer"});
    update(alice_, handle);
    EXPECT_EQ(link_.sent("UPDATE"), 1U);
    answer_at(bob_, incoming());
    EXPECT_NE(event_of<ReofferAnswered>(alice_), nullptr);
    update(bob_, incoming());
    answer_at(alice_, handle);
    EXPECT_NE(event_of<ReofferAnswered>(bob_), nullptr);
    answer();
    link_.run_for(Milliseconds(50));
    EXPECT_NE(event_of<Confirmed>(bob_), nullptr);
    hangup(alice_, handle);
    expect_nothing_left();
}

TEST_F(Updates, WithoutAnOfferRenewTheTargetAndAreAnsweredAtOnce) {
    const CallHandle handle = establish();
    EXPECT_THAT(in_dialog("UPDATE", "Contact: <sip:moved@192.0.2.2:5070>\r\n"),
                StartsWith("SIP/2.0 200"));
    EXPECT_THAT(events_of<Reoffer>(alice_), IsEmpty());
    EXPECT_EQ(alice_.agent.dialog(handle)->remote_target.user(), "moved");
}

TEST_F(Updates, ThatWaitWhenTheCallIsHungUpAreAnswered487) {
    const CallHandle handle = establish();
    update(alice_, handle);
    hangup(bob_, incoming());
    link_.run_for(Milliseconds(50));
    EXPECT_EQ(link_.sent(bob_, "SIP/2.0 487"), 1U);
    expect_nothing_left();
}

TEST_F(Updates, MessagesTravelInTheDialog) {  // RFC 3428
    const CallHandle handle = establish();
    at(alice_, [&](UserAgent& agent, Instant now, Outputs& out) {
        agent.send_message(now, handle, {"text/plain", "hello"}, {{"Subject", "greeting"}}, out);
    });
    ASSERT_NE(event_of<MessageReceived>(bob_), nullptr);
    EXPECT_EQ(event_of<MessageReceived>(bob_)->request.body(), "hello");
    EXPECT_EQ(event_of<MessageReceived>(bob_)->request.header("Subject"), "greeting");
    ASSERT_NE(event_of<MessageAnswered>(alice_), nullptr);
    EXPECT_EQ(event_of<MessageAnswered>(alice_)->status, 200);
}

TEST_F(Updates, AnInfoPackageThatNobodyKnowsIsRefused469) {  // RFC 6086 4.2.2
    establish();
    EXPECT_THAT(in_dialog("INFO", "Info-Package: foo\r\n"), StartsWith("SIP/2.0 469"));
    EXPECT_THAT(link_.wire().back().text, HasSubstr("Recv-Info: nil"));
    EXPECT_THAT(events_of<InfoReceived>(alice_), IsEmpty());
}

// --- session timers

TEST_F(Updates, TheSessionIsRefreshedByTheCallerAtHalfTimeForEver) {
    const CallHandle handle = establish();
    EXPECT_THAT(last("INVITE"), HasSubstr("\r\nSession-Expires: 1800\r\n"));
    EXPECT_THAT(last("SIP/2.0 200"), HasSubstr("\r\nSession-Expires: 1800;refresher=uac\r\n"));
    link_.run_for(Seconds(10'000));
    EXPECT_EQ(link_.sent("UPDATE"), 11U);
    EXPECT_THAT(last("UPDATE"), HasSubstr("\r\nSession-Expires: 1800;refresher=uac\r\n"));
    EXPECT_THAT(last("UPDATE"), HasSubstr("Content-Length: 0"));
    EXPECT_THAT(events_of<Ended>(alice_), IsEmpty());
    EXPECT_THAT(events_of<ReofferRefused>(alice_), IsEmpty());
    hangup(alice_, handle);
    expect_nothing_left();
}

TEST_F(Updates, APeerThatFallsSilentIsHungUpByBothSides) {
    establish();
    link_.drop = [](const SipLink::Seen&) { return true; };
    link_.run_for(Seconds(1800));
    ASSERT_NE(event_of<Ended>(alice_), nullptr);
    EXPECT_EQ(event_of<Ended>(alice_)->cause, EndCause::DialogGone);  // no answer to the refresh
    ASSERT_NE(event_of<Ended>(bob_), nullptr);
    EXPECT_EQ(event_of<Ended>(bob_)->cause, EndCause::SessionExpired);
    EXPECT_EQ(link_.sent(bob_, "BYE"), 7U + 4U);  // timer E and F: 11 copies
    expect_nothing_left();
}

TEST_F(Updates, AnyOfferRenewsTheSession) {
    const CallHandle handle = establish();
    link_.run_for(Seconds(800));
    at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
        agent.reoffer(now, incoming(), kOffer, {}, out);
    });
    // The roles stay: the re-INVITE of bob names alice, who is its callee.
    EXPECT_THAT(last("INVITE"), HasSubstr("\r\nSession-Expires: 1800;refresher=uas\r\n"));
    answer_at(alice_, handle);
    link_.run_for(Seconds(800));
    EXPECT_EQ(link_.sent("UPDATE"), 0U);
    link_.run_for(Seconds(200));
    EXPECT_EQ(link_.sent(alice_, "UPDATE"), 1U);
}

class PickyCallee : public Updates {
  protected:
    PickyCallee()
        : Updates(
              {}, {}, {.session_timer = {.interval = Seconds(3600), .minimum = Seconds(3600)}}) {}
};

TEST_F(PickyCallee, GetsTheIntervalThatItAskedForBy422) {  // RFC 4028 7.3
    establish();
    EXPECT_EQ(link_.sent("SIP/2.0 422"), 1U);
    EXPECT_EQ(link_.sent("INVITE"), 2U);
    EXPECT_THAT(last("INVITE"), HasSubstr("\r\nSession-Expires: 3600\r\nMin-SE: 3600\r\n"));
    EXPECT_THAT(last("INVITE"), HasSubstr("\r\nCSeq: 2 INVITE\r\n"));
    EXPECT_THAT(events_of<Answered>(alice_), SizeIs(1));
    EXPECT_THAT(events_of<Rejected>(alice_), IsEmpty());
}

TEST_F(Updates, APeerWithoutUpdateIsRefreshedByTheSameOfferAgain) {  // RFC 4028 7.4
    call();
    link_.run_for(Milliseconds(50));
    const auto invite = Message::parse(last("INVITE"));
    const auto accept = [&](const Message& request) {
        MessageWriter writer =
            MessageWriter::response(request, {.status = 200, .to_tag = "by-hand"});
        writer.header("Contact", "<sip:b@192.0.2.9>").header("Allow", "INVITE, ACK, BYE");
        writer.header("Session-Expires", "200;refresher=uac");
        link_.inject(bob_.address, alice_.address,
                     *writer.body("application/sdp", "answer").finish());
        link_.run_for(Milliseconds(50));
    };
    accept(*invite);
    link_.run_for(Seconds(101));
    const auto refresh = Message::parse(last("INVITE"));
    EXPECT_EQ(link_.sent("UPDATE"), 0U);
    EXPECT_EQ(refresh->header("CSeq"), "2 INVITE");
    EXPECT_EQ(refresh->body(), "offer of alice");
    accept(*refresh);
    ASSERT_NE(event_of<ReofferAnswered>(alice_), nullptr);
    EXPECT_TRUE(event_of<ReofferAnswered>(alice_)->refresh);
}

}  // namespace
}  // namespace patchbay::sip
