// SPDX-License-Identifier: Apache-2.0
// What a user agent answers to requests that make no call: RFC 3261 8.2, 12.2.2, 9.2.
#include "base/text.hpp"
#include "sip/header.hpp"
#include "sip/limits.hpp"
#include "support/two_peers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace patchbay::sip {
namespace {

using test::event_of;
using test::events_of;
using test::SipLink;
using test::TwoPeers;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

// `text` with the first `from` replaced.
std::string with(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

struct Template {
    std::string method = "OPTIONS";
    std::string branch = "z9hG4bKq1";
    std::string to_tag = {};
    std::string call_id = "c1@192.0.2.50";
    unsigned cseq = 1;
    std::string extra = {};
    std::string via_port = ":5060";
};

std::string request(const Template& t) {
    return t.method + " sip:bob@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.50" + t.via_port +
           ";branch=" + t.branch + "\r\nMax-Forwards: 70\r\nFrom: <sip:x@example.com>;tag=x1\r\n" +
           "To: <sip:bob@example.com>" + (t.to_tag.empty() ? "" : ";tag=" + t.to_tag) +
           "\r\nCall-ID: " + t.call_id + "\r\nCSeq: " + std::to_string(t.cseq) + " " + t.method +
           "\r\nContact: <sip:x@192.0.2.50>\r\n" + t.extra + "Content-Length: 0\r\n\r\n";
}

class Refusals : public TwoPeers {
  protected:
    // The last message that Bob sends because of `text`; empty when he is silent.
    std::string answer_to(const std::string& text) {
        const std::size_t before = link_.wire().size();
        link_.inject(stranger_, bob_.address, text);
        link_.run_for(Milliseconds(20));
        return link_.wire().size() > before + 1 ? link_.wire().back().text : std::string();
    }

    // Remembers the dialog of the established call as Alice's side writes it.
    void hold_dialog() {
        for (const auto& seen : link_.wire()) {
            if (seen.text.starts_with("ACK")) {
                ack_ = seen.text;
            }
        }
        from_tag_ = *Message::parse(ack_).value().get<From>()->tag();
    }
    // A request of Alice's in that dialog, as if she had sent it.
    std::string in_dialog(const std::string& method,
                          unsigned cseq,
                          const std::string& branch) const {
        const Message ack = Message::parse(ack_).value();
        std::string text = with(ack_, "ACK ", method + " ");
        text = with(text, "CSeq: 1 ACK", "CSeq: " + std::to_string(cseq) + " " + method);
        const std::string old(*ack.get<Via>()->branch());
        return with(text, old, "z9hG4bK" + branch);
    }

    std::string ack_;
    std::string from_tag_;
    const SocketAddress stranger_{IpAddress::v4(192, 0, 2, 50), 5060};
};

struct Case {
    const char* name;
    Template request;
    std::string answer;  // how it begins; empty: silence
    std::string says = {};
};
void PrintTo(const Case& one, std::ostream* out) {
    *out << one.name;
}

const Case kCases[] = {
    {"OPTIONS tells what we can", {}, "SIP/2.0 200", "\r\nAllow: INVITE, ACK, BYE, CANCEL"},
    {"OPTIONS tells which bodies", {}, "SIP/2.0 200", "\r\nAccept: application/sdp"},
    {"BYE of no dialog", {.method = "BYE"}, "SIP/2.0 481"},
    {"BYE of an unknown dialog", {.method = "BYE", .to_tag = "nope"}, "SIP/2.0 481"},
    {"INVITE of an unknown dialog", {.method = "INVITE", .to_tag = "nope"}, "SIP/2.0 481"},
    {"INFO of no dialog", {.method = "INFO"}, "SIP/2.0 481"},
    {"CANCEL of nothing", {.method = "CANCEL"}, "SIP/2.0 481"},
    {"stray ACK", {.method = "ACK", .to_tag = "nope"}, ""},
    {"MESSAGE outside a call", {.method = "MESSAGE"}, "SIP/2.0 403"},
    {"SUBSCRIBE", {.method = "SUBSCRIBE"}, "SIP/2.0 405", "\r\nAllow: INVITE"},
    {"REFER outside a call", {.method = "REFER"}, "SIP/2.0 403"},
    {"UPDATE of no dialog", {.method = "UPDATE"}, "SIP/2.0 481"},
    {"PRACK of no dialog", {.method = "PRACK"}, "SIP/2.0 481"},
    {"NOTIFY of no dialog", {.method = "NOTIFY"}, "SIP/2.0 481"},
    {"REGISTER", {.method = "REGISTER"}, "SIP/2.0 405", "\r\nAllow: INVITE"},
    {"a method nobody knows", {.method = "NEWMETHOD"}, "SIP/2.0 501"},
    {"an extension we lack",
     {.method = "INVITE", .extra = "Require: 100rel, foo\r\n"},
     "SIP/2.0 420",
     "\r\nUnsupported: foo"},
    {"a session interval below ours",
     {.method = "INVITE", .extra = "Supported: timer\r\nSession-Expires: 60\r\n"},
     "SIP/2.0 422",
     "\r\nMin-SE: 90"},
    {"a Replaces of no call",
     {.method = "INVITE", .extra = "Replaces: x@h;to-tag=a;from-tag=b\r\n"},
     "SIP/2.0 481"},
    {"a Replaces without a tag",
     {.method = "INVITE", .extra = "Replaces: x@h;to-tag=a\r\n"},
     "SIP/2.0 400"},
    {"two Replaces",
     {.method = "INVITE",
      .extra = "Replaces: x@h;to-tag=a;from-tag=b\r\nReplaces: y@h;to-tag=a;from-tag=b\r\n"},
     "SIP/2.0 400"},
    {"Replaces and Join",
     {.method = "INVITE",
      .extra = "Replaces: x@h;to-tag=a;from-tag=b\r\nJoin: y@h;to-tag=a;from-tag=b\r\n"},
     "SIP/2.0 400"},
    {"an ACK is not refused", {.method = "ACK", .extra = "Require: foo\r\n"}, ""},
};

class RefusalTable : public Refusals, public testing::WithParamInterface<Case> {};

TEST_P(RefusalTable, IsAnsweredSo) {
    const std::string answer = answer_to(request(GetParam().request));
    EXPECT_THAT(answer, StartsWith(GetParam().answer));
    if (!GetParam().says.empty()) {
        EXPECT_THAT(answer, HasSubstr(GetParam().says));
    }
    if (GetParam().answer.empty()) {
        EXPECT_EQ(answer, "");
    }
    EXPECT_THAT(bob_.events, IsEmpty());
    EXPECT_EQ(bob_.agent.counts().calls, 0U);
}
INSTANTIATE_TEST_SUITE_P(Requests, RefusalTable, testing::ValuesIn(kCases));

TEST_F(Refusals, AnswersARefusedRequestAgainWithTheSameTag) {
    const std::string text = request({.method = "BYE"});
    EXPECT_EQ(answer_to(text), answer_to(text));
}

TEST_F(Refusals, KeepNoState) {
    for (int i = 0; i < 50; ++i) {
        answer_to(request({.method = "BYE", .branch = "z9hG4bK" + std::to_string(i)}));
    }
    EXPECT_EQ(bob_.agent.counts().transactions, 0U);
}

TEST_F(Refusals, ARequestThatCameTwoWaysIsServedOnce) {  // 8.2.2.2
    answer_to(request({.method = "INVITE", .branch = "z9hG4bKa"}));
    EXPECT_THAT(answer_to(request({.method = "INVITE", .branch = "z9hG4bKb"})),
                StartsWith("SIP/2.0 482"));
    EXPECT_THAT(events_of<IncomingCall>(bob_), SizeIs(1));
}

TEST_F(Refusals, AnInviteAgainGetsTheLatestProvisionalAgain) {
    const std::string invite = request({.method = "INVITE"});
    EXPECT_THAT(answer_to(invite), StartsWith("SIP/2.0 100"));
    ring();
    link_.run_for(Milliseconds(20));
    EXPECT_THAT(answer_to(invite), StartsWith("SIP/2.0 180"));
    EXPECT_THAT(events_of<IncomingCall>(bob_), SizeIs(1));
}

TEST_F(Refusals, AnInviteWithoutContactMakesNoDialog) {
    const std::string invite =
        with(request({.method = "INVITE"}), "Contact: <sip:x@192.0.2.50>\r\n", "");
    EXPECT_THAT(answer_to(invite), StartsWith("SIP/2.0 400"));
    EXPECT_THAT(bob_.events, IsEmpty());
}

TEST_F(Refusals, ABodyThatIsNoSessionDescriptionIsRefused) {
    const std::string invite = with(request({.method = "INVITE"}), "Content-Length: 0\r\n\r\n",
                                    "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi");
    const std::string answer = answer_to(invite);
    EXPECT_THAT(answer, StartsWith("SIP/2.0 415"));
    EXPECT_THAT(answer, HasSubstr("\r\nAccept: application/sdp"));
}

TEST_F(Refusals, ARequestOutOfOrderInTheDialogIsAServerError) {  // 12.2.2
    establish();
    hold_dialog();
    EXPECT_THAT(answer_to(in_dialog("INFO", 7, "a")), StartsWith("SIP/2.0 200"));
    EXPECT_THAT(answer_to(in_dialog("INFO", 6, "b")), StartsWith("SIP/2.0 500"));
    EXPECT_THAT(answer_to(in_dialog("OPTIONS", 8, "c")), StartsWith("SIP/2.0 200"));
    EXPECT_THAT(events_of<InfoReceived>(bob_), SizeIs(1));
}

TEST_F(Refusals, AWrongRemoteTagIsNoMemberOfTheDialog) {
    establish();
    hold_dialog();
    EXPECT_THAT(answer_to(with(in_dialog("BYE", 7, "a"), from_tag_, "other")),
                StartsWith("SIP/2.0 481"));
    EXPECT_EQ(event_of<Ended>(bob_), nullptr);
}

TEST_F(Refusals, MoreCallsThanTheCapAreAskedToComeLater) {
    auto& carol = link_.add("carol", {.max_calls = 1});
    link_.inject(stranger_, carol.address, request({.method = "INVITE", .call_id = "1"}));
    link_.inject(stranger_, carol.address,
                 request({.method = "INVITE", .branch = "z9hG4bKq2", .call_id = "2"}));
    link_.run_for(Milliseconds(20));
    EXPECT_THAT(link_.wire().back().text, StartsWith("SIP/2.0 503"));
    EXPECT_THAT(link_.wire().back().text, HasSubstr("\r\nRetry-After: 5\r\n"));
    EXPECT_EQ(carol.agent.counts().calls, 1U);
}

TEST_F(Refusals, TheResponseGoesToTheSourcePortOnlyWhenRportAsksForIt) {  // RFC 3581 4
    const SocketAddress nat{IpAddress::v4(203, 0, 113, 9), 40'000};
    link_.inject(nat, bob_.address, request({.via_port = ":5070"}));
    link_.run_for(Milliseconds(20));
    EXPECT_EQ(link_.wire().back().to.to_string(), "203.0.113.9:5070");
    EXPECT_THAT(link_.wire().back().text, HasSubstr("received=203.0.113.9"));

    link_.inject(nat, bob_.address, request({.branch = "z9hG4bKz;rport", .via_port = ":5070"}));
    link_.run_for(Milliseconds(20));
    EXPECT_EQ(link_.wire().back().to, nat);
    EXPECT_THAT(link_.wire().back().text, HasSubstr("rport=40000"));
}

TEST_F(Refusals, GarbageIsNotAnswered) {
    EXPECT_EQ(answer_to("hello\r\n\r\n"), "");
    EXPECT_EQ(answer_to(std::string(1'000, '\0')), "");
    EXPECT_EQ(answer_to("SIP/2.0 200 OK\r\n\r\n"), "");
}

TEST_F(Refusals, Rfc2543RequestsWithoutAMagicCookieAreMatchedTheOldWay) {  // 17.2.3
    const std::string invite = request({.method = "INVITE", .branch = "old"});
    answer_to(invite);
    EXPECT_THAT(answer_to(invite), StartsWith("SIP/2.0 100"));
    EXPECT_THAT(events_of<IncomingCall>(bob_), SizeIs(1));
    EXPECT_THAT(answer_to(request({.method = "CANCEL", .branch = "old"})),
                StartsWith("SIP/2.0 487"));
    EXPECT_THAT(events_of<Canceled>(bob_), SizeIs(1));
    EXPECT_EQ(answer_to(request({.method = "ACK", .branch = "old", .to_tag = "any"})), "");
    link_.run_for(Seconds(10));
    EXPECT_EQ(link_.sent(bob_, "SIP/2.0 487"), 1U);
}

}  // namespace
}  // namespace patchbay::sip
