// SPDX-License-Identifier: Apache-2.0
// Reliable provisional responses: RFC 3262.
#include "sip/header.hpp"
#include "support/two_peers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace patchbay::sip {
namespace {

using test::event_of;
using test::events_of;
using test::SipLink;
using test::TwoPeers;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

const Body kAnswer{"application/sdp", "answer"};

class ReliableProvisionals : public TwoPeers {
  protected:
    void progress(int status = 183, Body body = kAnswer) {
        at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
            agent.ring(now, incoming(), {status, {}, std::move(body), {}}, out);
        });
    }
    void calls(std::string body = "offer of alice", ExtraHeaders headers = {}) {
        InviteRequest request = link_.call(alice_, bob_);
        request.body.text = std::move(body);
        request.headers = std::move(headers);
        handle_ = call(std::move(request));
        link_.run_for(Milliseconds(50));
    }
    // Alice, but with a word for Bob that her own user agent does not write.
    void calls_by_hand(std::string_view extra, std::string_view body = "") {
        link_.inject(
            alice_.address, bob_.address,
            "INVITE sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch="
            "z9hG4bKhand\r\nMax-Forwards: 70\r\nFrom: <sip:a@h>;tag=a\r\nTo: <sip:b@h>\r\n"
            "Call-ID: hand\r\nCSeq: 1 INVITE\r\nContact: <sip:a@192.0.2.1>\r\n" +
                std::string(extra) + (body.empty() ? "" : "Content-Type: application/sdp\r\n") +
                "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
        link_.run_for(Milliseconds(50));
    }
    std::vector<std::string> ladder() const {
        std::vector<std::string> lines;
        for (const auto& seen : link_.wire()) {
            const auto line = seen.first_line();
            lines.emplace_back(line.starts_with("SIP") ? line.substr(8, 3)
                                                       : line.substr(0, line.find(' ')));
        }
        return lines;
    }

    CallHandle handle_;
};

TEST_F(ReliableProvisionals, ASessionDescriptionIsSentReliablyAndAcknowledgedByPrack) {
    calls();
    progress();
    EXPECT_THAT(last("SIP/2.0 183"), HasSubstr("\r\nRequire: 100rel\r\n"));
    EXPECT_THAT(last("SIP/2.0 183"), HasSubstr("\r\nRSeq: "));
    ASSERT_NE(event_of<Progress>(alice_), nullptr);
    EXPECT_FALSE(event_of<Progress>(alice_)->answer_owed);
    ASSERT_NE(event_of<ProgressConfirmed>(bob_), nullptr);
    const auto rack = event_of<ProgressConfirmed>(bob_)->prack.get<RAck>();
    ASSERT_TRUE(rack);
    EXPECT_EQ(rack->cseq, (CSeq{1, "INVITE"}));
    answer();
    link_.run_for(Milliseconds(50));
    // The answer was given and acknowledged: the 200 does not repeat it (RFC 6337 3.1.1).
    ASSERT_NE(event_of<Answered>(alice_), nullptr);
    EXPECT_EQ(event_of<Answered>(alice_)->response.body(), "");
    EXPECT_THAT(ladder(), ElementsAre("INVITE", "100", "183", "PRACK", "200", "200", "ACK"));
    hangup(alice_, handle_);
    expect_nothing_left();
}

TEST_F(ReliableProvisionals, RingingWithoutASessionNeedsNone) {
    calls();
    progress(180, {});
    EXPECT_THAT(last("SIP/2.0 180"), Not(HasSubstr("RSeq")));
    EXPECT_EQ(link_.sent("PRACK"), 0U);
}

TEST_F(ReliableProvisionals, AreRepeatedAtT1DoublingUntilThePrackComes) {
    calls();
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("PRACK"); };
    const Instant start = link_.now();
    progress();
    link_.run_for(Seconds(9));
    std::vector<std::int64_t> times;
    for (const auto& seen : link_.wire()) {
        if (seen.text.starts_with("SIP/2.0 183")) {
            times.push_back(whole_milliseconds(seen.at - start).count());
        }
    }
    EXPECT_THAT(times, ElementsAre(0, 500, 1500, 3500, 7500));
    EXPECT_THAT(events_of<Progress>(alice_), SizeIs(1));
    link_.drop = nullptr;
    link_.run_for(Seconds(20));
    EXPECT_NE(event_of<ProgressConfirmed>(bob_), nullptr);
    EXPECT_THAT(times, SizeIs(5));
}

TEST_F(ReliableProvisionals, WithoutAPrackTheCallIsRefused504) {
    calls();
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("PRACK"); };
    progress();
    link_.run_for(Seconds(33));
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->status, 504);
    ASSERT_NE(event_of<Ended>(bob_), nullptr);
    EXPECT_EQ(event_of<Ended>(bob_)->cause, EndCause::AckTimeout);
    expect_nothing_left();
}

TEST_F(ReliableProvisionals, TheAnswerWaitsForThePrackOfASession) {
    calls();
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("PRACK"); };
    progress();
    answer();
    link_.run_for(Milliseconds(400));
    EXPECT_EQ(link_.sent("SIP/2.0 200"), 0U);
    link_.drop = nullptr;
    link_.run_for(Seconds(1));
    EXPECT_NE(event_of<Confirmed>(bob_), nullptr);
    hangup(alice_, handle_);
    expect_nothing_left();
}

TEST_F(ReliableProvisionals, TheNextOneWaitsForThePrackOfTheOneBefore) {
    calls();
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("PRACK"); };
    progress();
    progress(182, kAnswer);
    EXPECT_EQ(link_.sent("SIP/2.0 182"), 0U);
    link_.drop = nullptr;
    link_.run_for(Seconds(2));
    EXPECT_EQ(link_.sent("SIP/2.0 182"), 1U);
    const auto first = Message::parse(last("SIP/2.0 183"))->get<RSeq>();
    const auto second = Message::parse(last("SIP/2.0 182"))->get<RSeq>();
    EXPECT_EQ(second->value, first->value + 1);
    EXPECT_THAT(events_of<ProgressConfirmed>(bob_), SizeIs(1));  // the 182 said nothing new
}

TEST_F(ReliableProvisionals, ACallerThatInsistsGetsAllOfThemReliably) {
    calls_by_hand("Require: 100rel\r\n", "v=0");
    progress(180, {});
    EXPECT_THAT(last("SIP/2.0 180"), HasSubstr("\r\nRSeq: "));
}

TEST_F(ReliableProvisionals, ACallerThatDoesNotKnowThemGetsNone) {
    calls_by_hand("", "v=0");
    progress();
    EXPECT_THAT(last("SIP/2.0 183"), Not(HasSubstr("RSeq")));
}

TEST_F(ReliableProvisionals, APrackOfNothingIsAnswered481) {
    calls_by_hand("Supported: 100rel\r\n", "v=0");
    progress();
    const auto progress_sent = Message::parse(last("SIP/2.0 183"));
    const auto to = progress_sent->header("To");
    link_.inject(alice_.address, bob_.address,
                 "PRACK sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKp\r\n"
                 "Max-Forwards: 70\r\nFrom: <sip:a@h>;tag=a\r\nTo: " +
                     std::string(*to) +
                     "\r\nCall-ID: hand\r\nCSeq: 2 PRACK\r\nRAck: 4000000 1 INVITE\r\n"
                     "Content-Length: 0\r\n\r\n");
    link_.run_for(Milliseconds(50));
    EXPECT_THAT(link_.wire().back().text, StartsWith("SIP/2.0 481"));
}

TEST_F(ReliableProvisionals, TheOfferOfTheCalleeIsAnsweredInThePrack) {  // RFC 3262 5
    calls("");
    progress(183, {"application/sdp", "offer of bob"});
    ASSERT_NE(event_of<Progress>(alice_), nullptr);
    EXPECT_TRUE(event_of<Progress>(alice_)->answer_owed);
    EXPECT_EQ(link_.sent("PRACK"), 0U);
    at(alice_, [&](UserAgent& agent, Instant now, Outputs& out) {
        agent.acknowledge_progress(now, handle_, {"application/sdp", "answer of alice"}, out);
    });
    ASSERT_NE(event_of<ProgressConfirmed>(bob_), nullptr);
    EXPECT_EQ(event_of<ProgressConfirmed>(bob_)->prack.body(), "answer of alice");
    answer();
    link_.run_for(Milliseconds(50));
    // Nothing is open: the 200 is bare, and it is acknowledged without the user.
    EXPECT_EQ(event_of<Answered>(alice_)->response.body(), "");
    EXPECT_NE(event_of<Confirmed>(bob_), nullptr);
    hangup(bob_, incoming());
    expect_nothing_left();
}

TEST_F(ReliableProvisionals, ARepeatOrAGapIsNoNews) {  // RFC 3262 4
    calls();
    const auto invite = Message::parse(last("INVITE"));
    const auto say = [&](std::string_view number) {
        MessageWriter writer =
            MessageWriter::response(*invite, {.status = 183, .to_tag = "by-hand"});
        writer.header("Contact", "<sip:b@192.0.2.2>").header("Require", "100rel");
        writer.header("RSeq", number);
        link_.inject(bob_.address, alice_.address, *writer.finish());
        link_.run_for(Milliseconds(30));
        return events_of<Progress>(alice_).size();
    };
    EXPECT_EQ(say("10"), 1U);
    EXPECT_EQ(say("10"), 1U);
    EXPECT_EQ(say("12"), 1U);
    EXPECT_EQ(say("11"), 2U);
    EXPECT_EQ(say("9"), 2U);
    EXPECT_EQ(link_.sent("PRACK"), 2U);
}

TEST_F(ReliableProvisionals, EachForkIsCountedForItself) {
    calls();
    const auto invite = Message::parse(last("INVITE"));
    for (const std::string_view tag : {"one", "two"}) {
        MessageWriter writer = MessageWriter::response(*invite, {.status = 183, .to_tag = tag});
        writer.header("Contact", "<sip:b@192.0.2.2>").header("Require", "100rel");
        link_.inject(bob_.address, alice_.address, *writer.header("RSeq", "5").finish());
    }
    link_.run_for(Milliseconds(50));
    EXPECT_THAT(events_of<Progress>(alice_), SizeIs(2));
    EXPECT_EQ(link_.sent("PRACK"), 2U);
}

TEST_F(ReliableProvisionals, CanceledMeanwhileTheyAreNotRepeated) {
    calls();
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("PRACK"); };
    progress();
    hangup(alice_, handle_);
    link_.run_for(Seconds(5));
    EXPECT_EQ(link_.sent("SIP/2.0 183"), 1U);
    EXPECT_NE(event_of<Canceled>(bob_), nullptr);
    expect_nothing_left();
}

class WithoutReliableProvisionals : public TwoPeers {
  protected:
    WithoutReliableProvisionals() : TwoPeers({}, {}, {.reliable_provisionals = false}) {}
};

TEST_F(WithoutReliableProvisionals, TheyAreNeitherSentNorPromised) {
    call();
    link_.run_for(Milliseconds(50));
    at(bob_, [&](UserAgent& agent, Instant now, Outputs& out) {
        agent.ring(now, incoming(), {183, {}, kAnswer, {}}, out);
    });
    EXPECT_THAT(last("SIP/2.0 183"), Not(HasSubstr("RSeq")));
    EXPECT_THAT(last("SIP/2.0 183"), Not(HasSubstr("100rel")));
}

}  // namespace
}  // namespace patchbay::sip
