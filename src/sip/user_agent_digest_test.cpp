// SPDX-License-Identifier: Apache-2.0
// Challenges met by calls and by other requests: RFC 3261 22.
#include "sip/digest.hpp"
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
using testing::SizeIs;

class Challenged : public TwoPeers {
  protected:
    InviteRequest with_password(std::string password = "secret", std::string realm = {}) {
        InviteRequest request = link_.call(alice_, bob_);
        request.credentials =
            Credentials{"alice", Secret<std::string>(std::move(password)), std::move(realm)};
        return request;
    }
    void challenge(const std::string& parameters, int status = 401) {
        const char* name = status == 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
        link_.act(bob_, [&](Instant now, Outputs& out) {
            bob_.agent.reject(now, incoming(),
                              {status, {}, {{name, "Digest realm=\"r\", " + parameters}}}, out);
        });
        link_.run_for(Milliseconds(50));
    }
    bool proves(const Message& request, const std::string& method = "INVITE") const {
        const auto credentials = request.get<Authorization>();
        return credentials && digest_proves(*credentials, method,
                                            digest_hash(DigestAlgorithm::Md5, "alice:r:secret"));
    }
    const Message& latest_invite() const { return event_of<IncomingCall>(bob_)->request; }
};

TEST_F(Challenged, TheInviteComesAgainWithCredentialsANewNumberAndTheSameCallId) {
    const CallHandle handle = call(with_password());
    link_.run_for(Milliseconds(50));
    const Message first = latest_invite();
    challenge("nonce=\"n1\", qop=\"auth\"");
    ASSERT_THAT(events_of<IncomingCall>(bob_), SizeIs(2));
    const Message& second = latest_invite();
    EXPECT_TRUE(proves(second));
    EXPECT_EQ(second.header("Call-ID"), first.header("Call-ID"));
    EXPECT_EQ(second.header("From"), first.header("From"));
    EXPECT_EQ(second.header("To"), first.header("To"));
    EXPECT_EQ(second.header("CSeq"), "2 INVITE");
    EXPECT_NE(second.header("Via"), first.header("Via"));
    EXPECT_EQ(second.body(), first.body());
    EXPECT_EQ(second.header("Content-Type"), first.header("Content-Type"));
    answer();
    link_.run_for(Milliseconds(50));
    EXPECT_NE(event_of<Answered>(alice_), nullptr);
    EXPECT_NE(event_of<Confirmed>(bob_), nullptr);
    EXPECT_TRUE(proves(event_of<Confirmed>(bob_)->ack));  // 13.2.2.4
    hangup(alice_, handle);
    expect_nothing_left();
}

TEST_F(Challenged, AStaleNonceIsReplaced) {
    call(with_password());
    link_.run_for(Milliseconds(50));
    challenge("nonce=\"n1\", qop=\"auth\"");
    challenge("nonce=\"n2\", qop=\"auth\", stale=true");
    ASSERT_THAT(events_of<IncomingCall>(bob_), SizeIs(3));
    EXPECT_TRUE(proves(latest_invite()));
    EXPECT_EQ(latest_invite().get<Authorization>()->get("nonce"), "n2");
    EXPECT_EQ(latest_invite().header("CSeq"), "3 INVITE");
}

TEST_F(Challenged, WrongCredentialsAreTriedOnce) {
    call(with_password("wrong"));
    link_.run_for(Milliseconds(50));
    challenge("nonce=\"n1\", qop=\"auth\"");
    challenge("nonce=\"n2\", qop=\"auth\"");
    EXPECT_THAT(events_of<IncomingCall>(bob_), SizeIs(2));
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->status, 401);
    expect_nothing_left();
}

TEST_F(Challenged, WithoutCredentialsTheChallengeIsTheAnswer) {
    call();
    link_.run_for(Milliseconds(50));
    challenge("nonce=\"n1\"");
    ASSERT_NE(event_of<Rejected>(alice_), nullptr);
    EXPECT_EQ(event_of<Rejected>(alice_)->status, 401);
}

TEST_F(Challenged, CredentialsOfAnotherRealmStayAtHome) {
    call(with_password("secret", "elsewhere"));
    link_.run_for(Milliseconds(50));
    challenge("nonce=\"n1\"");
    EXPECT_THAT(events_of<IncomingCall>(bob_), SizeIs(1));
    EXPECT_NE(event_of<Rejected>(alice_), nullptr);
}

TEST_F(Challenged, AProxyIsAnsweredInItsOwnHeader) {
    call(with_password());
    link_.run_for(Milliseconds(50));
    challenge("nonce=\"n1\"", 407);
    EXPECT_TRUE(latest_invite().header("Proxy-Authorization"));
    EXPECT_FALSE(latest_invite().header("Authorization"));
}

TEST_F(Challenged, HungUpMeanwhileTheInviteDoesNotComeAgain) {
    const CallHandle handle = call(with_password());
    link_.run_for(Milliseconds(50));
    link_.drop = [](const SipLink::Seen& seen) { return seen.text.starts_with("CANCEL"); };
    hangup(alice_, handle);
    challenge("nonce=\"n1\"");
    EXPECT_THAT(events_of<IncomingCall>(bob_), SizeIs(1));
    expect_nothing_left();
}

TEST_F(Challenged, AByeIsSentAgainWithCredentials) {
    const CallHandle handle = call(with_password());
    link_.run_for(Milliseconds(50));
    answer();
    link_.run_for(Milliseconds(50));
    link_.drop = [this](const SipLink::Seen& seen) { return seen.to == bob_.address; };
    hangup(alice_, handle);
    const Message bye = Message::parse(link_.wire().back().text).value();
    link_.drop = nullptr;
    MessageWriter writer = MessageWriter::response(bye, {.status = 401, .to_tag = "x"});
    writer.header("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n7\", qop=\"auth\"");
    link_.inject(bob_.address, alice_.address, writer.finish().value());
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Ended>(bob_), nullptr);
    const Message& again = *event_of<Ended>(bob_)->request;
    EXPECT_TRUE(proves(again, "BYE"));
    EXPECT_EQ(again.header("CSeq"), "3 BYE");
    expect_nothing_left();
}

// --- requests outside calls

class OutsideCalls : public Challenged {
  protected:
    OutgoingRequest request(std::string method) {
        OutgoingRequest request;
        request.method = std::move(method);
        request.target = Uri::sip("", bob_.address.ip.to_string());
        request.from.uri = Uri::sip("alice", "example.com");
        request.to.uri = request.from.uri;
        request.flow = link_.flow(alice_, bob_);
        request.contact = true;
        request.headers = {{"Expires", "60"}};
        request.credentials = Credentials{"alice", Secret<std::string>("secret"), {}};
        return request;
    }
    RequestHandle send(OutgoingRequest request) {
        RequestHandle handle;
        link_.act(alice_, [&](Instant now, Outputs& out) {
            handle = alice_.agent.request(now, std::move(request), out);
        });
        return handle;
    }
};

TEST_F(OutsideCalls, OptionsAreAnswered) {
    const RequestHandle handle = send(request("OPTIONS"));
    link_.run_for(Milliseconds(50));
    const auto* finished = event_of<RequestFinished>(alice_);
    ASSERT_NE(finished, nullptr);
    EXPECT_EQ(finished->handle, handle);
    EXPECT_EQ(finished->status, 200);
    EXPECT_TRUE(finished->response->header("Allow"));
    expect_nothing_left();
}

TEST_F(OutsideCalls, ARegisterIsRepeatedWithCredentials) {
    link_.drop = [this](const SipLink::Seen& seen) { return seen.to == bob_.address; };
    send(request("REGISTER"));
    const Message first = Message::parse(link_.wire().back().text).value();
    EXPECT_EQ(first.header("Contact"), "<sip:pb0.@192.0.2.1:5060>");
    EXPECT_EQ(first.header("Expires"), "60");
    MessageWriter refusal = MessageWriter::response(first, {.status = 401, .to_tag = "x"});
    refusal.header("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"");
    link_.inject(bob_.address, alice_.address, refusal.finish().value());
    link_.run_for(Milliseconds(50));
    const Message second = Message::parse(link_.wire().back().text).value();
    EXPECT_TRUE(proves(second, "REGISTER"));
    EXPECT_EQ(second.header("CSeq"), "2 REGISTER");
    EXPECT_THAT(alice_.events, IsEmpty());
    MessageWriter ok = MessageWriter::response(second, {.status = 200, .to_tag = "x"});
    link_.inject(bob_.address, alice_.address, ok.finish().value());
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<RequestFinished>(alice_), nullptr);
    EXPECT_EQ(event_of<RequestFinished>(alice_)->status, 200);
}

TEST_F(OutsideCalls, WithoutAnyAnswerTheyFinishAfterTimerF) {
    link_.drop = [](const SipLink::Seen&) { return true; };
    send(request("OPTIONS"));
    link_.run_for(Seconds(32));
    ASSERT_NE(event_of<RequestFinished>(alice_), nullptr);
    EXPECT_EQ(event_of<RequestFinished>(alice_)->status, 408);
    EXPECT_FALSE(event_of<RequestFinished>(alice_)->response);
    expect_nothing_left();
}

// RFC 3261 22.2, 22.3; RFC 7616 3.4: what was asked once need not be asked again; the nonce counts
// on.
TEST_F(Challenged, LaterRequestsOfTheDialogBringTheirCredentialsWithACountedNonce) {
    const CallHandle handle = call(with_password());
    link_.run_for(Milliseconds(50));
    challenge("nonce=\"n1\", qop=\"auth\"");
    answer();
    link_.run_for(Milliseconds(50));
    link_.act(alice_, [&](Instant now, Outputs& out) {
        alice_.agent.reoffer(now, handle, {"application/sdp", "again"}, {}, out);
    });
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Reoffer>(bob_), nullptr);
    const Message reoffer = event_of<Reoffer>(bob_)->request;
    EXPECT_TRUE(proves(reoffer));
    EXPECT_EQ(reoffer.get<Authorization>()->get("nc"), "00000002");
    EXPECT_EQ(reoffer.get<Authorization>()->get("uri"), reoffer.request_uri());
    link_.act(bob_, [&](Instant now, Outputs& out) {
        bob_.agent.answer_reoffer(now, event_of<Reoffer>(bob_)->call,
                                  {{"application/sdp", "taken"}, {}}, out);
    });
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<ReofferConfirmed>(bob_), nullptr);
    const Message ack = event_of<ReofferConfirmed>(bob_)->ack;
    EXPECT_EQ(ack.header("Authorization"), reoffer.header("Authorization"));  // 22.1
    link_.act(alice_,
              [&](Instant now, Outputs& out) { alice_.agent.hangup(now, handle, {}, out); });
    link_.run_for(Milliseconds(50));
    ASSERT_NE(event_of<Ended>(bob_), nullptr);
    const Message bye = *event_of<Ended>(bob_)->request;
    EXPECT_TRUE(proves(bye, "BYE"));
    EXPECT_EQ(bye.get<Authorization>()->get("nc"), "00000003");
}

TEST(DigestAhead, WhoeverWantsAFreshNonceGetsItWithoutSayingThatTheOldOneIsStale) {
    SeededRandom random(1);
    DigestClient client(Credentials{"alice", Secret<std::string>("secret"), {}});
    const auto message = [](const std::string& text) {
        return Message::parse(std::string_view(text)).value();
    };
    const std::string head =
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\nTo: "
        "<sip:c@d>\r\nCall-ID: x\r\nCSeq: 1 BYE\r\n";
    const Message request = message("BYE sip:c@d SIP/2.0\r\n" + head + "\r\n");
    const auto challenged = [&](const std::string& nonce) {
        return message("SIP/2.0 401 No\r\n" + head +
                       "WWW-Authenticate: Digest realm=\"r\", qop=\"auth\", nonce=\"" + nonce +
                       "\"\r\n\r\n");
    };
    EXPECT_THAT(client.ahead(request, random), IsEmpty());  // nobody has asked yet
    ASSERT_TRUE(client.answer(request, challenged("n1"), random));
    client.settled();
    const ExtraHeaders ahead = client.ahead(request, random);
    ASSERT_THAT(ahead, SizeIs(1));
    EXPECT_THAT(ahead[0].value, HasSubstr("nc=00000002"));
    const Message authorized =
        message("BYE sip:c@d SIP/2.0\r\n" + head + "Authorization: " + ahead[0].value + "\r\n\r\n");
    const auto fresh = client.answer(authorized, challenged("n2"), random, true);
    ASSERT_TRUE(fresh);
    EXPECT_THAT(fresh->front().value, HasSubstr("nonce=\"n2\""));
    EXPECT_THAT(fresh->front().value, HasSubstr("nc=00000001"));
    // But an answer to a challenge that is challenged again is wrong.
    EXPECT_FALSE(client.answer(authorized, challenged("n3"), random));
}

}  // namespace
}  // namespace patchbay::sip
