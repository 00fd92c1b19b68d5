// SPDX-License-Identifier: Apache-2.0
// What went wrong in the SIP stacks of others, each as a test of ours. docs/lessons.md has the
// whole list.
#include "sip/digest.hpp"
#include "sip/header.hpp"
#include "sip/limits.hpp"
#include "support/two_peers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace patchbay::sip {
namespace {

using test::event_of;
using test::SipLink;
using test::TwoPeers;
using testing::Each;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

struct StrangersRequest {
    std::string method;
    std::string user = "bob";
    std::string tag = "x1";
    std::string extra = {};
    std::string body = {};
};

std::string write(const StrangersRequest& r) {
    static int number = 0;
    const std::string unique = std::to_string(++number);
    return r.method + " sip:" + r.user + "@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.50:5060" +
           ";branch=z9hG4bKq" + unique + "\r\nMax-Forwards: 70\r\nFrom: <sip:" + r.user +
           "@example.com>;tag=" + r.tag + "\r\nTo: <sip:" + r.user + "@example.com>\r\nCall-ID: c" +
           unique + "\r\nCSeq: 1 " + r.method + "\r\nContact: <sip:x@192.0.2.50>\r\n" + r.extra +
           "Content-Length: " + std::to_string(r.body.size()) + "\r\n\r\n" + r.body;
}

// A stranger to whom Bob owes nothing.
class Lesson : public TwoPeers {
  protected:
    // Everything that Bob sends in a minute because of `text`.
    std::vector<Message> answers_to(const std::string& text) {
        const std::size_t before = link_.wire().size();
        link_.inject(stranger_, bob_.address, text);
        link_.run_for(Seconds(60));
        std::vector<Message> answers;
        for (std::size_t i = before + 1; i < link_.wire().size(); ++i) {
            answers.push_back(Message::parse(link_.wire()[i].text).value());
        }
        return answers;
    }
    void expect_refused_and_forgotten(const StrangersRequest& request) {
        const auto answers = answers_to(write(request));
        ASSERT_THAT(answers, SizeIs(1)) << request.method;
        EXPECT_GE(answers.front().status(), 400) << request.method;
        EXPECT_THAT(bob_.events, IsEmpty());
        EXPECT_EQ(bob_.agent.counts().calls, 0U);
        EXPECT_EQ(bob_.agent.counts().transactions, 0U);
    }

    SocketAddress stranger_{IpAddress::v4(192, 0, 2, 50), 5060};
};

TEST_F(Lesson, Cve2026_116779_NoWordOfAMessageSelectsSomethingInsideTheServer) {
    for (const char* user : {"api", "system", "event", "loopback", "eval"}) {
        expect_refused_and_forgotten({.method = "MESSAGE",
                                      .user = user,
                                      .extra = "Content-Type: text/plain\r\n",
                                      .body = "status"});
    }
}

TEST_F(Lesson, Cve2021_41157_And_37624_NoMethodThatSetsSomethingUpIsServedToAStranger) {
    for (const char* method :
         {"SUBSCRIBE", "MESSAGE", "NOTIFY", "PUBLISH", "REFER", "INFO", "UPDATE"}) {
        expect_refused_and_forgotten({.method = method, .extra = "Event: presence\r\n"});
    }
}

TEST_F(Lesson, Cve2026_57191_TheBodyOfAMethodThatWeDoNotServeIsNotLookedAt) {
    std::string account(60'000, 'a');
    expect_refused_and_forgotten(
        {.method = "NOTIFY",
         .extra = "Event: message-summary\r\nContent-Type: application/"
                  "simple-message-summary\r\n",
         .body = "Messages-Waiting: yes\r\nMessage-Account: sip:" + account});
}

// A tag may be as long as a message; it is only ever compared and echoed.
TEST_F(Lesson, Cve2020_27507_AnOverlongTagIsEchoedInFull) {
    const std::string tag(20'000, 't');
    const auto answers = answers_to(write({.method = "OPTIONS", .tag = tag}));
    ASSERT_THAT(answers, SizeIs(1));
    EXPECT_EQ(answers.front().get<From>()->tag(), tag);
}

// Who sends with a forged source must not make us send more than he does. An answer names our
// product and our methods; that is all that it may add.
TEST_F(Lesson, Cve2022_26143_ARefusalIsSentOnceAndIsHardlyLongerThanTheRequest) {
    constexpr std::size_t kOurs = 300;
    for (const char* method : {"OPTIONS", "SUBSCRIBE", "BYE", "NOTHING", "REGISTER", "MESSAGE"}) {
        const std::string request = write({.method = method});
        const auto answers = answers_to(request);
        ASSERT_THAT(answers, SizeIs(Le(1U))) << method;
        for (const Message& answer : answers) {
            EXPECT_LE(answer.text().size(), request.size() + kOurs) << method;
        }
    }
    EXPECT_THAT(answers_to("garbage"), IsEmpty());
    EXPECT_THAT(answers_to("OPTIONS sip:x SIP/2.0\r\n\r\n"), IsEmpty());
}

// A peer who finds a new reason each time is not followed for ever.
TEST_F(Lesson, Cve2020_28242_AnEndlessChainOfChallengesIsGivenUp) {
    bob_.on_event = nullptr;
    InviteRequest request = link_.call(alice_, bob_);
    request.credentials = Credentials{"alice", Secret<std::string>("secret"), {}};
    request.flow.remote = stranger_;
    const CallHandle handle = call(std::move(request));
    for (int round = 0; round < 20; ++round) {
        link_.run_for(Milliseconds(50));
        const auto invite = Message::parse(link_.wire().back().text);
        if (!invite || invite->method() != Method::Invite || !invite->is_request()) {
            continue;
        }
        MessageWriter challenge = MessageWriter::response(
            *invite, {.status = 401, .to_tag = "t" + std::to_string(round)});
        challenge.header("WWW-Authenticate", "Digest realm=\"r\", stale=true, nonce=\"n" +
                                                 std::to_string(round) + "\"");
        link_.inject(stranger_, alice_.address, challenge.finish().value());
    }
    EXPECT_LE(link_.sent(alice_, "INVITE"), 1U + static_cast<std::size_t>(kMaxAuthenticationTries));
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->call, handle);
}

TEST(LessonOfDigests, Cve2026_40892_LongNamesAndNoncesAreHashedLikeShortOnes) {
    const std::string realm(20'000, 'r');
    const std::string nonce(20'000, 'n');
    const auto parsed =
        WwwAuthenticate::parse("Digest realm=\"" + realm + "\", nonce=\"" + nonce + "\"");
    ASSERT_TRUE(parsed);
    const std::string user(20'000, 'u');
    EXPECT_THAT(digest_response({.variant = {},
                                 .username = user,
                                 .realm = realm,
                                 .password = "p",
                                 .method = "INVITE",
                                 .uri = "sip:x",
                                 .nonce = nonce,
                                 .qop = "",
                                 .client_nonce = ""}),
                SizeIs(32));
}

const std::vector<std::string> kCredentialParts{
    "username=\"u\"", "realm=\"r\"",    "nonce=\"n\"",   "uri=\"sip:x\"",
    "qop=auth",       "nc=00000001",    "cnonce=\"c\"",  "algorithm=NoSuchThing",
    "opaque=\"o\"",   "response=\"0\"", "response=\"\"", "realm=\"elsewhere\""};

// Every subset of the parts, from every starting point.
TEST(LessonOfDigests, Cve2025_57767_CredentialsThatLackAnythingProveNothing) {
    for (unsigned chosen = 0; chosen < (1U << kCredentialParts.size()); ++chosen) {
        std::vector<std::string> parts;
        for (std::size_t i = 0; i < kCredentialParts.size(); ++i) {
            if ((chosen >> i & 1U) != 0) {
                parts.push_back(kCredentialParts[i]);
            }
        }
        if (!parts.empty()) {
            std::rotate(parts.begin(), parts.begin() + chosen % parts.size(), parts.end());
        }
        std::string text = "Digest ";
        for (std::size_t i = 0; i < parts.size(); ++i) {
            text += (i == 0 ? "" : ", ") + parts[i];
        }
        if (const auto credentials = Authorization::parse(text)) {
            EXPECT_FALSE(
                digest_proves(*credentials, "INVITE", digest_hash(DigestAlgorithm::Md5, "u:r:p")))
                << text;
        }
    }
}

TEST(LessonOfDigests, Cve2023_28098_CredentialsCutAnywhereAreReadOrRefused) {
    const std::string text =
        "Digest username=\"a\\\"b\", realm=\"r\", nonce=\"n\", uri=\"sip:x\", "
        "response=\"0123456789abcdef"
        "0123456789abcdef\", qop=auth, nc=00000001, cnonce=\"c\"";
    for (std::size_t size = 0; size <= text.size(); ++size) {
        const auto credentials = Authorization::parse(text.substr(0, size));
        EXPECT_TRUE(!credentials || Authorization::parse(to_string(*credentials)) == credentials)
            << size;
    }
}

}  // namespace
}  // namespace patchbay::sip
