// SPDX-License-Identifier: Apache-2.0
// REFER and its NOTIFYs (RFC 3515, RFC 4488), Replaces (RFC 3891).
#include "sip/header.hpp"
#include "sip/limits.hpp"
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

class Refers : public TwoPeers {
  protected:
    Refers() { handle_ = establish(); }

    // Alice asks Bob to call Carol.
    ReferHandle refer(bool subscribe = true) {
        ReferRequest request;
        request.refer_to.uri = Uri::sip("carol", "192.0.2.3");
        request.referred_by.emplace();
        request.referred_by->uri = Uri::sip("alice", "example.com");
        request.subscribe = subscribe;
        ReferHandle refer;
        at(alice_, [&](UserAgent& agent, Instant now, Outputs& out) {
            refer = agent.refer(now, handle_, std::move(request), out);
        });
        return refer;
    }
    ReferHandle asked() const { return event_of<ReferReceived>(bob_)->refer; }
    void accept() {
        at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
            agent.accept_refer(now, incoming(), asked(), out);
        });
    }
    void report(int status) {
        at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
            agent.notify_refer(now, incoming(), asked(), {status, {}}, out);
        });
    }
    std::string notify(std::string_view extra, std::string_view body = "SIP/2.0 200 OK\r\n") {
        const auto answer = Message::parse(last("SIP/2.0 200"));
        std::string text =
            "NOTIFY sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKi" +
            std::to_string(++notifies_) + "\r\nMax-Forwards: 70\r\nFrom: ";
        text.append(*answer->header("To")).append("\r\nTo: ").append(*answer->header("From"));
        text.append("\r\nCall-ID: ").append(*answer->header("Call-ID"));
        text.append("\r\nCSeq: " + std::to_string(90 + notifies_) + " NOTIFY\r\n").append(extra);
        text.append("Content-Type: message/sipfrag\r\nContent-Length: ");
        text.append(std::to_string(body.size())).append("\r\n\r\n").append(body);
        link_.inject(bob_.address, alice_.address, text);
        link_.run_for(Milliseconds(50));
        return link_.wire().back().text;
    }

    CallHandle handle_;
    int notifies_ = 0;
};

TEST_F(Refers, AreAcceptedReportedAndDone) {
    const ReferHandle mine = refer();
    ASSERT_NE(event_of<ReferReceived>(bob_), nullptr);
    EXPECT_EQ(event_of<ReferReceived>(bob_)->refer_to.uri, Uri::sip("carol", "192.0.2.3"));
    EXPECT_EQ(event_of<ReferReceived>(bob_)->request.get<ReferredBy>()->uri.user(), "alice");
    accept();
    EXPECT_EQ(link_.sent(bob_, "SIP/2.0 202"), 1U);
    ASSERT_NE(event_of<ReferAccepted>(alice_), nullptr);
    EXPECT_EQ(event_of<ReferAccepted>(alice_)->refer, mine);
    EXPECT_EQ(event_of<ReferProgress>(alice_)->status.status, 100);
    EXPECT_THAT(last("NOTIFY"), HasSubstr("\r\nEvent: refer\r\n"));
    EXPECT_THAT(last("NOTIFY"), HasSubstr("\r\nSubscription-State: active;expires=180\r\n"));
    EXPECT_THAT(last("NOTIFY"), HasSubstr("\r\nContent-Type: message/sipfrag"));
    report(180);
    EXPECT_EQ(event_of<ReferProgress>(alice_)->status, (ReferStatus{180, "Ringing"}));
    report(200);
    EXPECT_THAT(last("NOTIFY"), HasSubstr("Subscription-State: terminated;reason=noresource"));
    ASSERT_NE(event_of<ReferFinished>(alice_), nullptr);
    EXPECT_EQ(event_of<ReferFinished>(alice_)->status, (ReferStatus{200, "OK"}));
    EXPECT_THAT(events_of<Ended>(alice_), IsEmpty());
    hangup(alice_, handle_);
    expect_nothing_left();
}

TEST_F(Refers, TheOutcomeIsToldBeforeTheBye) {
    refer();
    at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
        agent.accept_refer(now, incoming(), asked(), out);
        agent.notify_refer(now, incoming(), asked(), {200, {}}, out);
        agent.hangup(now, incoming(), {}, out);
    });
    EXPECT_EQ(link_.sent(bob_, "NOTIFY"), 2U);
    EXPECT_THAT(last("NOTIFY"), HasSubstr("Subscription-State: terminated;reason=noresource"));
    ASSERT_NE(event_of<ReferFinished>(alice_), nullptr);
    EXPECT_EQ(event_of<ReferFinished>(alice_)->status, (ReferStatus{200, "OK"}));
    expect_nothing_left();
}

TEST_F(Refers, RefusedTheCallGoesOn) {
    refer();
    at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
        agent.refuse_refer(now, incoming(), asked(), {603, {}, {}}, out);
    });
    ASSERT_NE(event_of<ReferFinished>(alice_), nullptr);
    EXPECT_EQ(event_of<ReferFinished>(alice_)->status, (ReferStatus{603, "Decline"}));
    EXPECT_THAT(events_of<ReferAccepted>(alice_), IsEmpty());
    EXPECT_THAT(events_of<Ended>(alice_), IsEmpty());
}

TEST_F(Refers, TheSecondOfADialogIsToldByItsNumber) {  // RFC 3515 2.4.6
    refer();
    accept();
    refer();
    accept();
    const auto cseq = Message::parse(last("REFER"))->get<CSeq>();
    EXPECT_THAT(last("NOTIFY"),
                HasSubstr("\r\nEvent: refer;id=" + std::to_string(cseq->number) + "\r\n"));
    report(486);
    const auto finished = events_of<ReferFinished>(alice_);
    ASSERT_THAT(finished, SizeIs(1));
    EXPECT_EQ(finished.front()->refer, events_of<ReferAccepted>(alice_).back()->refer);
}

TEST_F(Refers, WithoutASubscriptionNothingFollowsTheAcceptance) {  // RFC 4488
    refer(false);
    EXPECT_THAT(last("REFER"), HasSubstr("\r\nRefer-Sub: false\r\n"));
    accept();
    EXPECT_THAT(last("SIP/2.0 202"), HasSubstr("\r\nRefer-Sub: false\r\n"));
    EXPECT_EQ(link_.sent("NOTIFY"), 0U);
    ASSERT_NE(event_of<ReferFinished>(alice_), nullptr);
    EXPECT_EQ(event_of<ReferFinished>(alice_)->status.status, 0);
}

TEST_F(Refers, SilenceAfterTheAcceptanceIsReported) {
    refer();
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("NOTIFY"); };
    accept();
    link_.run_for(Seconds(33));
    ASSERT_NE(event_of<ReferFinished>(alice_), nullptr);
    EXPECT_EQ(event_of<ReferFinished>(alice_)->status.status, 408);
    // The NOTIFY that nobody answered ends the subscription, not the call (RFC 6665 4.2.2).
    EXPECT_THAT(events_of<Ended>(bob_), IsEmpty());
    link_.drop = nullptr;
    hangup(alice_, handle_);
    expect_nothing_left();
}

TEST_F(Refers, ANotifyMayComeBeforeTheAnswerToTheRefer) {  // RFC 3515 2.4.4
    refer();
    EXPECT_THAT(notify("Event: refer\r\nSubscription-State: active;expires=60\r\n",
                       "SIP/2.0 100 Trying\r\n"),
                StartsWith("SIP/2.0 200"));
    EXPECT_EQ(event_of<ReferProgress>(alice_)->status.status, 100);
}

TEST_F(Refers, ANotifyOfNoSubscriptionIsRefused) {
    EXPECT_THAT(notify("Event: refer\r\nSubscription-State: active\r\n"),
                StartsWith("SIP/2.0 481"));
    EXPECT_THAT(notify("Event: presence\r\nSubscription-State: active\r\n"),
                StartsWith("SIP/2.0 489"));
    EXPECT_THAT(notify("Subscription-State: active\r\n"), StartsWith("SIP/2.0 489"));
    refer();
    EXPECT_THAT(notify("Event: refer;id=99\r\nSubscription-State: active\r\n"),
                StartsWith("SIP/2.0 481"));
    EXPECT_THAT(notify("Event: refer\r\n"), StartsWith("SIP/2.0 400"));
    EXPECT_THAT(events_of<Ended>(alice_), IsEmpty());
}

TEST_F(Refers, TheSubscriptionOutlivesTheCall) {  // RFC 5589 6
    refer();
    accept();
    hangup(alice_, handle_);
    link_.run_for(Milliseconds(100));
    EXPECT_NE(event_of<Ended>(bob_), nullptr);
    report(200);
    EXPECT_THAT(last("NOTIFY"), HasSubstr("SIP/2.0 200 OK"));
    EXPECT_THAT(link_.wire().back().text, StartsWith("SIP/2.0 200"));
    expect_nothing_left();
}

TEST_F(Refers, AnOutcomeThatNobodyReportsIsGivenUpInTime) {
    refer();
    accept();
    hangup(alice_, handle_);
    link_.run_for(kReferExpires + Seconds(1));
    EXPECT_THAT(last("NOTIFY"), HasSubstr("terminated;reason=timeout"));
    expect_nothing_left();
}

TEST_F(Refers, WithoutATargetAreRefused400) {
    refer();
    const auto good = Message::parse(last("REFER"));
    std::string text(good->text());
    const auto at = text.find("Refer-To: ");
    text.erase(at, text.find("\r\n", at) + 2 - at);
    text.replace(text.find("branch=") + 7, 8, "z9hG4bK2");
    text.replace(text.find(" REFER\r\n") - 1, 1, "9");
    link_.inject(alice_.address, bob_.address, text);
    link_.run_for(Milliseconds(50));
    EXPECT_THAT(link_.wire().back().text, StartsWith("SIP/2.0 400"));
}

TEST_F(Refers, ThatWaitWhenTheCallEndsAreAnswered487) {
    refer();
    hangup(bob_, incoming());
    link_.run_for(Milliseconds(50));
    EXPECT_EQ(link_.sent(bob_, "SIP/2.0 487"), 1U);
    expect_nothing_left();
}

// --- Replaces. Carol takes Bob's place in the call with Alice, or is refused.

class Replacing : public TwoPeers {
  protected:
    InviteRequest replacing(const Replaces& replaces) {
        InviteRequest request = link_.call(carol_, alice_);
        request.replaces = replaces;
        return request;
    }
    void call_from_carol(const Replaces& replaces) {
        at(carol_, [&](UserAgent& agent, Instant now, Outputs& out) {
            carols_ = agent.invite(now, replacing(replaces), out);
        });
    }
    int refusal() const {
        const auto* rejected = event_of<Rejected>(carol_);
        return rejected != nullptr ? rejected->status : 0;
    }
    // Bob's call with Alice as she must be told of it.
    Replaces bobs_call() const { return bob_.agent.dialog(incoming())->as_seen_by_peer(); }

    SipLink::Peer& carol_ = link_.add("carol");
    CallHandle carols_;
};

TEST_F(Replacing, ACallTakesThePlaceOfAnother) {
    const CallHandle old = establish();
    call_from_carol(bobs_call());
    EXPECT_THAT(last("INVITE"), HasSubstr("\r\nRequire: replaces\r\n"));
    const auto* incoming_call = event_of<IncomingCall>(alice_);
    ASSERT_NE(incoming_call, nullptr);
    EXPECT_EQ(incoming_call->replaces, old);
    at(alice_, [&](UserAgent& agent, Instant now, Outputs& out) {
        agent.answer(now, incoming_call->call, {{"application/sdp", "answer"}, {}}, out);
        agent.hangup(now, old, {}, out);
    });
    EXPECT_NE(event_of<Answered>(carol_), nullptr);
    EXPECT_NE(event_of<Ended>(bob_), nullptr);
    hangup(carol_, carols_);
    expect_nothing_left();
}

TEST_F(Replacing, IsRefusedByTheRulesOfRfc3891Section3) {
    const CallHandle old = establish();
    const Replaces good = bobs_call();
    const struct {
        std::string_view what;
        Replaces replaces;
        int status;
    } cases[] = {
        {"another Call-ID", {"x@y", good.to_tag, good.from_tag, false}, 481},
        {"tags the wrong way round", {good.call_id, good.from_tag, good.to_tag, false}, 481},
        {"a wrong from-tag", {good.call_id, good.to_tag, "other", false}, 481},
        {"only an early one", {good.call_id, good.to_tag, good.from_tag, true}, 486},
    };
    for (const auto& one : cases) {
        call_from_carol(one.replaces);
        EXPECT_EQ(refusal(), one.status) << one.what;
    }
    EXPECT_THAT(events_of<IncomingCall>(alice_), IsEmpty());
    EXPECT_THAT(events_of<Ended>(alice_), IsEmpty());
    // Alice has hung up, and still waits for the answer to her BYE.
    link_.drop = [this](const SipLink::Seen& seen) { return seen.to == bob_.address; };
    hangup(alice_, old);
    call_from_carol(good);
    EXPECT_EQ(refusal(), 603);
}

TEST_F(Replacing, AnEarlyCallIsReplacedOnlyWhereWeMadeIt) {
    const CallHandle old = call();
    link_.run_for(Milliseconds(50));
    ring();
    link_.run_for(Milliseconds(50));
    const auto ringing = Message::parse(last("SIP/2.0 180"));
    const std::string to_tag(*ringing->get<To>()->tag());
    const std::string from_tag(*ringing->get<From>()->tag());
    const std::string call_id(*ringing->header("Call-ID"));
    // Alice made it: she is the one who may be asked.
    call_from_carol({call_id, from_tag, to_tag, true});
    ASSERT_NE(event_of<IncomingCall>(alice_), nullptr);
    EXPECT_EQ(event_of<IncomingCall>(alice_)->replaces, old);
    // Bob only rings.
    InviteRequest request = link_.call(carol_, bob_);
    request.replaces = Replaces{call_id, to_tag, from_tag, false};
    at(carol_,
       [&](UserAgent& agent, Instant now, Outputs& out) { agent.invite(now, request, out); });
    EXPECT_EQ(refusal(), 481);
}

TEST_F(Replacing, TheTargetOfAnAttendedTransferNamesTheCallInItsUri) {  // RFC 5589 7
    establish();
    const Uri uri = refer_to_replacing(Uri::sip("bob", "192.0.2.2"), {"a@b", "to", "from", false});
    EXPECT_EQ(uri.to_string(), "sip:bob@192.0.2.2?Replaces=a%40b%3Bto-tag%3Dto%3Bfrom-tag%3Dfrom");
    EXPECT_EQ(uri.header("replaces"), "a@b;to-tag=to;from-tag=from");
}

}  // namespace
}  // namespace patchbay::sip
