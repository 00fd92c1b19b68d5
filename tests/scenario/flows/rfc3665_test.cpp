// SPDX-License-Identifier: Apache-2.0
// The session flows of RFC 3665 section 3, with this server as the user agent of either side.
#include "support/call_flow.hpp"

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;

class Rfc3665 : public CallFlow {};

// 3.1 Successful Session Establishment

TEST_F(Rfc3665, Section31WhereWeCallAndHangUp) {
    const SessionKey call = dial_and_answer();
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc3665_3_1_caller_hangs_up");
}

TEST_F(Rfc3665, Section31WhereWeCallAndTheOtherHangsUp) {
    const SessionKey call = dial_and_answer();
    expect_tones(call);
    hang_up_phone();
    expect_ladder("rfc3665_3_1_callee_hangs_up");
}

TEST_F(Rfc3665, Section31WhereWeAreCalledAndTheOtherHangsUp) {
    world().phone_calls("echo");
    world().run(Seconds(3));
    EXPECT_NEAR(heard_by_phone(), kBobTone, 2);  // bob hears himself
    hang_up_phone();
    expect_ladder("rfc3665_3_1_called_other_hangs_up");
}

TEST_F(Rfc3665, Section31WhereWeAreCalledAndHangUp) {
    world().phone_calls("tone");
    world().run(Seconds(3));
    EXPECT_NEAR(heard_by_phone(), kServerTone, 2);
    world().close(world().last_session());
    world().run(Seconds(1));
    expect_ladder("rfc3665_3_1_called_we_hang_up");
}

// 3.2 Session Establishment Through Two Proxies: their Record-Route is the way of all that follows.

TEST_F(Rfc3665, Section32WhereWeCallThroughProxies) {
    add_stranger("proxy");
    const SessionKey call = dial_uri("sip:bob@192.0.2.60");
    world().run(Milliseconds(100));
    const auto invite = *latest(sip::Method::Invite);
    reply(invite, {.status = 180});
    reply(invite, {.sdp = sdp(),
                   .headers = {{"Record-Route", "<sip:proxy2.example.com;lr>"},
                               {"Record-Route", "<sip:192.0.2.60;lr>"}}});
    on_message_ = [this](const sip::Message& message) {
        if (message.method() == sip::Method::Bye) {
            reply(message, {});
        }
    };
    expect_stranger_tones(call);
    hang_up(call);
    // The nearest proxy comes first (RFC 3261 12.1.2), wherever the dialog came from.
    EXPECT_THAT(latest(sip::Method::Bye)->header("Route"),
                testing::Optional(std::string_view("<sip:192.0.2.60;lr>")));
    expect_ladder("rfc3665_3_2_caller");
}

TEST_F(Rfc3665, Section32WhereWeAreCalledThroughProxies) {
    add_stranger("proxy");
    on_message_ = [this](const sip::Message& message) {
        if (message.is_request() && message.method() == sip::Method::Bye) {
            reply(message, {});
        }
    };
    const std::string offer = sdp();
    const std::string head =
        " sip:echo@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.60;branch=z9hG4bKp1\r\n"
        "Via: SIP/2.0/UDP atlanta.example.com;branch=z9hG4bKp0;received=192.0.2.99\r\n"
        "Record-Route: <sip:192.0.2.60;lr>\r\nRecord-Route: <sip:ss1.example.com;lr>\r\n"
        "Max-Forwards: 68\r\nFrom: <sip:alice@example.com>;tag=alice\r\nTo: "
        "<sip:echo@192.0.2.1>";
    const std::string rest = "\r\nCall-ID: proxied\r\nContact: <sip:alice@192.0.2.99>\r\n";
    world().send_as(stranger(), server(),
                    "INVITE" + head + rest + "CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n" +
                        "Content-Length: " + std::to_string(offer.size()) + "\r\n\r\n" + offer);
    world().run(Milliseconds(300));
    ASSERT_FALSE(received_.empty());
    const std::string tag(received_.back().get<sip::To>()->tag().value());
    world().send_as(
        stranger(), server(),
        "ACK" + head + ";tag=" + tag + rest + "CSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n");
    world().run(Seconds(2));
    EXPECT_NEAR(heard_by_stranger(), kStrangerTone, 2);  // the echo
    world().close(world().last_session());
    world().run(Seconds(1));
    expect_ladder("rfc3665_3_2_called");
}

// 3.3 Session Establishment with Multiple Proxy Authentication

TEST_F(Rfc3665, Section33TwoProxiesAskForCredentials) {
    add_stranger("proxy");
    int challenges = 0;
    on_message_ = [&](const sip::Message& message) {
        if (message.method() == sip::Method::Bye) {
            return reply(message, {});
        }
        if (message.method() != sip::Method::Invite) {
            return;
        }
        const std::string realm = challenges == 0 ? "atlanta" : "biloxi";
        if (challenges++ < 2) {
            return reply(message, {.status = 407,
                                   .tag = "p" + realm,
                                   .headers = {{"Proxy-Authenticate",
                                                "Digest realm=\"" + realm + "\", nonce=\"n\""}}});
        }
        reply(message, {.sdp = sdp()});
    };
    CallOption option;
    option.callee = "sip:bob@192.0.2.60";
    option.sip = SipOption{};
    option.sip->username = "alice";
    option.sip->password = Secret<std::string>("secret");
    const SessionKey call = dial_with(std::move(option));
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc3665_3_3_caller");
}

// 3.4 with a proxy that fails

TEST_F(Rfc3665, Section34AProxyThatFailsIsReported) {
    add_stranger("proxy");
    on_message_ = [this](const sip::Message& message) {
        if (message.method() == sip::Method::Invite) {
            reply(message, {.status = 503, .headers = {{"Retry-After", "60"}}});
        }
    };
    const SessionKey call = dial_uri("sip:bob@192.0.2.60");
    world().run(Seconds(1));
    EXPECT_EQ(world().all<event::Reject>(call).front().code, 503);
    expect_ladder("rfc3665_3_4_caller");
}

// 3.6 Session via Redirect: the place to go instead is the application's to choose.

TEST_F(Rfc3665, Section36ARedirectionIsReported) {
    add_stranger("redirect");
    on_message_ = [this](const sip::Message& message) {
        if (message.method() == sip::Method::Invite) {
            reply(message, {.status = 302, .headers = {{"Contact", "<sip:bob@192.0.2.10>"}}});
        }
    };
    const SessionKey call = dial_uri("sip:bob@192.0.2.60");
    world().run(Seconds(1));
    EXPECT_EQ(world().all<event::Reject>(call).front().code, 302);
    expect_ladder("rfc3665_3_6_redirected");
}

// 3.6 with SDP in the ACK

TEST_F(Rfc3665, Section36TheAnswerTravelsInTheAck) {
    at_phone(0, [&](auto& phone, Instant now, auto& out) {
        const auto called = phone.call_without_offer(now, "sip:echo@192.0.2.1", server(), out);
        ASSERT_TRUE(called);
    });
    world().run(Seconds(3));
    EXPECT_NEAR(heard_by_phone(), kBobTone, 2);
    hang_up_phone();
    expect_ladder("rfc3665_3_6_sdp_in_ack");
}

// 3.7 Session with re-INVITE

TEST_F(Rfc3665, Section37TheOtherMovesAndTheAudioFollows) {
    const SessionKey call = dial_and_answer();
    at_phone(0, [](auto& phone, Instant now, auto& out) {
        phone.reoffer(now, sdp::Direction::SendRecv, {{"PCMA"}}, out);
    });
    world().run(Seconds(1));
    EXPECT_EQ(world().phone().audio()->negotiated()->codec.name, "PCMA");
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc3665_3_7_reinvite");
}

// 3.8 Unsuccessful No Answer

TEST_F(Rfc3665, Section38NobodyAnswersAndWeGiveUp) {
    begin({.phones = {{.answer_after = std::nullopt}}});
    const SessionKey call = dial();
    world().run(Seconds(10));
    hang_up(call);
    expect_ladder("rfc3665_3_8_no_answer");
}

TEST_F(Rfc3665, Section38TheCancelCrossesTheAnswer) {
    begin({.signalling = {.delay = Milliseconds(100)},
           .phones = {{.answer_after = Milliseconds(500)}}});
    const SessionKey call = dial();
    world().run(Milliseconds(550));  // the 200 is under way
    hang_up(call);
    expect_ladder("rfc3665_3_8_cancel_crosses_answer");
}

TEST_F(Rfc3665, Section38HungUpBeforeAnyAnswerTheCancelWaits) {
    begin({.signalling = {.delay = Milliseconds(300)},
           .phones = {{.ring_after = Seconds(1), .answer_after = std::nullopt}}});
    const SessionKey call = dial();
    world().run(Milliseconds(100));
    hang_up(call);
    world().run(Seconds(1));
    expect_ladder("rfc3665_3_8_cancel_waits_for_a_provisional");
}

// 3.9 Unsuccessful Busy, 3.11 Unsuccessful Temporarily Unavailable

TEST_F(Rfc3665, Section39Busy) {
    begin({.phones = {{.reject = sip::Rejection{486, {}, {}}}}});
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_EQ(world().all<event::Reject>(call).front().code, 486);
    expect_ladder("rfc3665_3_9_busy");
}

TEST_F(Rfc3665, Section39WeAreNobody) {
    world().phone_calls("nobody");
    world().run(Seconds(1));
    expect_ladder("rfc3665_3_9_called_unknown_user");
}

TEST_F(Rfc3665, Section311TemporarilyUnavailable) {
    begin({.phones = {{.reject = sip::Rejection{480, {}, {{"Retry-After", "300"}}}}}});
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_EQ(world().all<event::Reject>(call).front().code, 480);
    expect_ladder("rfc3665_3_11_unavailable");
}

// 3.10 Unsuccessful No Response from User Agent

TEST_F(Rfc3665, Section310NoResponse) {
    const SessionKey call = dial_uri("sip:bob@192.0.2.77");
    world().run(Seconds(40));
    EXPECT_EQ(world().all<event::Reject>(call).front().code, 408);
    expect_ladder("rfc3665_3_10_no_response");
}

// What RFC 3261 adds where messages are lost.

TEST_F(Rfc3665, ALostAnswerIsRepeatedUntilTheAck) {
    const SessionKey call = dial();
    int answers = 0;
    world().drop = [&](const Datagram& datagram) {
        return datagram.bytes.starts_with("SIP/2.0 200") && ++answers <= 2;
    };
    world().run(Seconds(5));
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc3261_lost_answer");
}

TEST_F(Rfc3665, AnAnswerWithoutAckIsHungUp) {
    world().drop = [](const Datagram& datagram) { return datagram.bytes.starts_with("ACK"); };
    world().phone_calls("echo");
    world().run(Seconds(3));
    EXPECT_NEAR(heard_by_phone(), kBobTone, 2);  // himself, as long as it lasts
    world().run(Seconds(37));
    expect_ladder("rfc3261_no_ack");
}

TEST_F(Rfc3665, AByeOfBothSidesIsAnsweredByBoth) {
    const SessionKey call = dial_and_answer();
    expect_tones(call);
    world().command(call, command::Hangup{});
    hang_up_phone();
    expect_ladder("rfc3261_bye_crosses_bye");
}

// RFC 3261 13.2.2.4: one fork of the INVITE answers, then another.

TEST_F(Rfc3665, ASecondForkThatAnswersIsAcknowledgedAndHungUp) {
    add_stranger();
    on_message_ = [this](const sip::Message& message) {
        if (message.method() == sip::Method::Bye) {
            reply(message, {});
        }
    };
    const SessionKey call = dial_uri("sip:dave@192.0.2.60");
    world().run(Milliseconds(100));
    const auto invite = *latest(sip::Method::Invite);
    reply(invite, {.status = 180, .tag = "one"});
    reply(invite, {.status = 180, .tag = "two"});
    reply(invite, {.tag = "one", .sdp = sdp()});
    world().run(Milliseconds(100));
    reply(invite, {.tag = "two", .sdp = sdp()});
    world().run(Seconds(1));
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc3261_forked_answer");
}

}  // namespace
}  // namespace patchbay::test
