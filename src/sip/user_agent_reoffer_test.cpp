// SPDX-License-Identifier: Apache-2.0
// Re-INVITEs and INFO inside a call: RFC 3261 14, RFC 6086.
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
using testing::AllOf;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class Reoffers : public TwoPeers {
  protected:
    Reoffers() { handle_ = establish(); }

    void reoffer(SipLink::Peer& peer, CallHandle call, std::string body = "new offer") {
        link_.act(peer, [&](Instant now, Outputs& out) {
            peer.agent.reoffer(now, call, {"application/sdp", std::move(body)}, {}, out);
        });
    }
    void answer_at(SipLink::Peer& peer, CallHandle call) {
        link_.act(peer, [&](Instant now, Outputs& out) {
            peer.agent.answer_reoffer(now, call, {{"application/sdp", "new answer"}, {}}, out);
        });
    }
    void pass_time() { link_.run_for(Milliseconds(50)); }
    // The latest message that starts so.
    std::string last(std::string_view start) const {
        std::string found;
        for (const auto& seen : link_.wire()) {
            if (seen.text.starts_with(start)) {
                found = seen.text;
            }
        }
        return found;
    }

    CallHandle handle_;
};

TEST_F(Reoffers, OfTheCalleeIsAnsweredAndConfirmed) {
    reoffer(bob_, incoming());
    pass_time();
    ASSERT_NE(event_of<Reoffer>(alice_), nullptr);
    EXPECT_EQ(event_of<Reoffer>(alice_)->call, handle_);
    EXPECT_EQ(event_of<Reoffer>(alice_)->request.body(), "new offer");
    answer_at(alice_, handle_);
    pass_time();
    ASSERT_NE(event_of<ReofferAnswered>(bob_), nullptr);
    EXPECT_EQ(event_of<ReofferAnswered>(bob_)->response.body(), "new answer");
    EXPECT_NE(event_of<ReofferConfirmed>(alice_), nullptr);
    hangup(alice_, handle_);
    expect_nothing_left();
}

TEST_F(Reoffers, OfTheCallerIsAnsweredAndConfirmed) {
    reoffer(alice_, handle_);
    pass_time();
    answer_at(bob_, incoming());
    pass_time();
    EXPECT_NE(event_of<ReofferAnswered>(alice_), nullptr);
    EXPECT_NE(event_of<ReofferConfirmed>(bob_), nullptr);
}

TEST_F(Reoffers, WithoutABodyTheAnswerTravelsInTheAck) {
    reoffer(bob_, incoming(), "");
    pass_time();
    EXPECT_EQ(event_of<Reoffer>(alice_)->request.body(), "");
    answer_at(alice_, handle_);
    pass_time();
    EXPECT_THAT(events_of<ReofferConfirmed>(alice_), IsEmpty());
    link_.act(bob_, [&](Instant now, Outputs& out) {
        bob_.agent.acknowledge(now, incoming(), {"application/sdp", "in the ack"}, out);
    });
    pass_time();
    ASSERT_NE(event_of<ReofferConfirmed>(alice_), nullptr);
    EXPECT_EQ(event_of<ReofferConfirmed>(alice_)->ack.body(), "in the ack");
}

TEST_F(Reoffers, WithoutABodyAreAckedThoughTheUserHangsUpFirst) {
    reoffer(bob_, incoming(), "");
    pass_time();
    answer_at(alice_, handle_);
    pass_time();
    hangup(bob_, incoming());
    EXPECT_EQ(link_.sent("ACK"), 2U);
    expect_nothing_left();
}

TEST_F(Reoffers, WithoutABodyAreAckedThoughThePeerHangsUpFirst) {
    reoffer(alice_, handle_, "");
    pass_time();
    answer_at(bob_, incoming());
    pass_time();
    force_bye_to_alice();
    pass_time();
    EXPECT_EQ(link_.sent("ACK"), 2U);
    hangup(bob_, incoming());
    expect_nothing_left();
}

TEST_F(Reoffers, RefusedTheCallGoesOn) {
    reoffer(bob_, incoming());
    pass_time();
    link_.act(alice_, [&](Instant now, Outputs& out) {
        alice_.agent.refuse_reoffer(now, handle_, {488, {}, {}}, out);
    });
    pass_time();
    ASSERT_NE(event_of<ReofferRefused>(bob_), nullptr);
    EXPECT_EQ(event_of<ReofferRefused>(bob_)->status, 488);
    EXPECT_FALSE(event_of<ReofferRefused>(bob_)->retry_after);
    EXPECT_EQ(event_of<Ended>(bob_), nullptr);
    reoffer(bob_, incoming());
    pass_time();
    EXPECT_THAT(events_of<Reoffer>(alice_), SizeIs(2));
}

TEST_F(Reoffers, OfBothSidesAtOnceAreRefused491AndRetriedAtDifferentTimes) {  // 14.1
    reoffer(alice_, handle_);
    reoffer(bob_, incoming());
    pass_time();
    ASSERT_NE(event_of<ReofferRefused>(alice_), nullptr);
    ASSERT_NE(event_of<ReofferRefused>(bob_), nullptr);
    EXPECT_EQ(event_of<ReofferRefused>(alice_)->status, 491);
    EXPECT_EQ(event_of<ReofferRefused>(bob_)->status, 491);
    EXPECT_THAT(*event_of<ReofferRefused>(alice_)->retry_after,
                AllOf(Ge(Milliseconds(2'100)), Le(Milliseconds(4'000))));
    EXPECT_THAT(*event_of<ReofferRefused>(bob_)->retry_after, Le(Milliseconds(2'000)));
    EXPECT_THAT(events_of<Reoffer>(alice_), IsEmpty());
}

TEST_F(Reoffers, ASecondOneBeforeTheAnswerIsRefused500WithRetryAfter) {  // 14.2
    reoffer(bob_, incoming());
    pass_time();
    std::string second = last("INVITE");
    const Message first = Message::parse(second).value();
    const std::string branch(*first.get<Via>()->branch());
    second.replace(second.find(branch), branch.size(), "z9hG4bKsecond");
    second.replace(second.find("CSeq: 1"), 7, "CSeq: 2");
    link_.inject(bob_.address, alice_.address, second);
    pass_time();
    EXPECT_THAT(last("SIP/2.0 500"), HasSubstr("Retry-After: "));
    EXPECT_THAT(events_of<Reoffer>(alice_), SizeIs(1));
}

TEST_F(Reoffers, ThatIsCanceledIsAnswered487AndReported) {
    reoffer(bob_, incoming());
    pass_time();
    std::string cancel = last("INVITE");
    cancel.replace(0, 6, "CANCEL");
    cancel.replace(cancel.find("CSeq: 1 INVITE"), 14, "CSeq: 1 CANCEL");
    link_.inject(bob_.address, alice_.address, cancel);
    pass_time();
    EXPECT_NE(event_of<ReofferCanceled>(alice_), nullptr);
    EXPECT_EQ(link_.sent(alice_, "SIP/2.0 487"), 1U);
    EXPECT_EQ(event_of<Ended>(alice_), nullptr);
    answer_at(alice_, handle_);                        // too late, and harmless
    EXPECT_EQ(link_.sent(alice_, "SIP/2.0 200"), 1U);  // of the CANCEL
}

TEST_F(Reoffers, WithoutAckTheCallIsEnded) {
    reoffer(bob_, incoming());
    pass_time();
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("ACK"); };
    answer_at(alice_, handle_);
    link_.run_for(Seconds(33));
    ASSERT_NE(event_of<Ended>(alice_), nullptr);
    EXPECT_EQ(event_of<Ended>(alice_)->cause, EndCause::AckTimeout);
    EXPECT_EQ(event_of<Ended>(bob_)->cause, EndCause::RemoteHangup);
}

TEST_F(Reoffers, ALostAckIsSentAgainForTheRepeated2xx) {
    reoffer(bob_, incoming());
    pass_time();
    int acks = 0;
    link_.drop = [&acks](const SipLink::Seen& seen) {
        return seen.text.starts_with("ACK") && ++acks == 1;
    };
    answer_at(alice_, handle_);
    link_.run_for(Seconds(2));
    EXPECT_EQ(acks, 2);
    EXPECT_THAT(events_of<ReofferAnswered>(bob_), SizeIs(1));
    EXPECT_THAT(events_of<ReofferConfirmed>(alice_), SizeIs(1));
}

TEST_F(Reoffers, ThePeersNewContactIsUsedFromThenOn) {  // 12.2.1.2
    auto& carol = link_.add("carol");
    link_.drop = [this](const SipLink::Seen& seen) { return seen.from == bob_.address; };
    reoffer(bob_, incoming());
    std::string moved = last("INVITE");
    moved.replace(moved.find("@192.0.2.2:5060>"), 16, "@192.0.2.3:5060>");
    link_.drop = nullptr;
    link_.inject(bob_.address, alice_.address, moved);
    pass_time();
    hangup(alice_, handle_);
    EXPECT_EQ(link_.wire().back().to, carol.address);
    EXPECT_THAT(link_.wire().back().text, StartsWith("BYE sip:pb0.@192.0.2.3:5060 "));
}

TEST_F(Reoffers, HangupWhileOneIsPendingAnswersIt487) {
    reoffer(bob_, incoming());
    pass_time();
    hangup(alice_, handle_);
    pass_time();
    EXPECT_EQ(link_.sent(alice_, "SIP/2.0 487"), 1U);
    EXPECT_EQ(event_of<Ended>(bob_)->cause, EndCause::RemoteHangup);
    EXPECT_THAT(events_of<ReofferRefused>(bob_), SizeIs(Le(1U)));
    expect_nothing_left();
}

TEST_F(Reoffers, ThatIsNeverAnsweredDoesNotOutliveTheCall) {
    reoffer(alice_, handle_);
    pass_time();
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("SIP/2.0 487"); };
    const Message invite = Message::parse(last("INVITE")).value();
    MessageWriter trying = MessageWriter::response(invite, {.status = 100});
    link_.inject(bob_.address, alice_.address, trying.finish().value());
    pass_time();
    hangup(alice_, handle_);
    expect_nothing_left();
}

TEST_F(Reoffers, AnsweredThatTheDialogIsUnknownTheCallEnds) {  // 12.2.1.2
    auto& carol = link_.add("carol");                          // a restarted Bob
    link_.drop = [this](const SipLink::Seen& seen) { return seen.to == bob_.address; };
    reoffer(alice_, handle_);
    const std::string invite = last("INVITE");
    link_.inject(alice_.address, carol.address, invite);
    pass_time();
    ASSERT_NE(event_of<Ended>(alice_), nullptr);
    EXPECT_EQ(event_of<Ended>(alice_)->cause, EndCause::DialogGone);
    EXPECT_EQ(link_.sent(alice_, "BYE"), 1U);
}

TEST_F(Reoffers, AnInfoIsAnsweredAndReported) {
    link_.act(alice_, [&](Instant now, Outputs& out) {
        alice_.agent.send_info(now, handle_, {"application/dtmf-relay", "Signal=5\r\nDuration=160"},
                               {}, out);
    });
    pass_time();
    ASSERT_NE(event_of<InfoReceived>(bob_), nullptr);
    EXPECT_THAT(event_of<InfoReceived>(bob_)->request.body(), StartsWith("Signal=5"));
    EXPECT_EQ(link_.sent(bob_, "SIP/2.0 200"), 2U);  // INVITE, INFO
}

TEST_F(Reoffers, TheStateOfACallIsOneLine) {
    EXPECT_THAT(alice_.agent.describe(handle_), StartsWith("caller established, dialog "));
    EXPECT_THAT(bob_.agent.describe(incoming()), StartsWith("callee confirmed, dialog "));
    EXPECT_THAT(alice_.agent.describe(handle_), Not(HasSubstr("\n")));
}

}  // namespace
}  // namespace patchbay::sip
