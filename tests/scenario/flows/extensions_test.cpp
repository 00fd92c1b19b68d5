// SPDX-License-Identifier: Apache-2.0
// Calls with what carriers and PBXs add to RFC 3261: reliable provisional responses (RFC 3262),
// UPDATE (RFC 3311), session timers (RFC 4028), MESSAGE and INFO in the dialog, early media.
#include "support/call_flow.hpp"

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;

class ExtensionFlow : public CallFlow {
  protected:
    // Dave answers our INVITE when the test says so, and everything else at once.
    SessionKey dial_dave(bool answers = false) {
        add_stranger();
        on_message_ = [this, answers](const sip::Message& message) {
            if (!message.is_request() || message.method() == sip::Method::Ack) {
                return;
            }
            if (message.method() != sip::Method::Invite) {
                reply(message, {});
            } else if (answers) {
                reply(message, {.sdp = sdp(), .headers = answer_headers_});
            }
        };
        const SessionKey call = dial_uri("sip:dave@192.0.2.60");
        world().run(Milliseconds(500));
        return call;
    }
    sip::Message invite() const { return *latest(sip::Method::Invite); }

    sip::ExtraHeaders answer_headers_;
};

TEST_F(ExtensionFlow, EarlyMediaIsSentReliablyAndHeard) {  // RFC 3262, RFC 3960
    begin({.phones = {{.answer_after = Seconds(3), .early_media = true}, {}}});
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_TRUE(world().all<event::Ringing>(call).front().early_media);
    EXPECT_NEAR(heard_by_server(call), kBobTone, 2);
    world().run(Seconds(2));
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc3262_early_media");
}

TEST_F(ExtensionFlow, ALostPrackIsRepeated) {
    begin({.phones = {{.answer_after = Seconds(3), .early_media = true}, {}}});
    int pracks = 0;
    world().drop = [&](const Datagram& datagram) {
        return datagram.bytes.starts_with("PRACK") && ++pracks <= 2;
    };
    const SessionKey call = dial();
    world().run(Seconds(5));
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc3262_lost_prack");
}

TEST_F(ExtensionFlow, RingingIsSentReliablyByThoseWhoInsist) {
    const SessionKey call = dial_dave();
    const auto asked = invite();
    reply(asked, {.status = 180, .headers = {{"Require", "100rel"}, {"RSeq", "1"}}});
    world().run(Milliseconds(200));
    reply(asked, {.status = 183, .sdp = sdp(), .headers = {{"Require", "100rel"}, {"RSeq", "2"}}});
    world().run(Milliseconds(200));
    reply(asked, {});  // the answer was in the 183
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(call, "answer"));
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc3262_two_reliable");
}

TEST_F(ExtensionFlow, CanceledWhileItRingsReliably) {
    const SessionKey call = dial_dave();
    const auto asked = invite();
    reply(asked, {.status = 183, .sdp = sdp(), .headers = {{"Require", "100rel"}, {"RSeq", "9"}}});
    world().run(Milliseconds(200));
    hang_up(call);
    reply(asked, {.status = 487});
    world().run(Seconds(1));
    expect_ladder("rfc3262_canceled");
}

TEST_F(ExtensionFlow, TheSessionChangesBeforeTheAnswer) {  // RFC 3311
    const SessionKey call = dial_dave();
    const auto asked = invite();
    reply(asked, {.status = 183, .sdp = sdp(), .headers = {{"Require", "100rel"}, {"RSeq", "1"}}});
    world().run(Milliseconds(200));
    const std::string changed = sdp("sendonly", 2);
    request({.method = "UPDATE", .body = changed});
    reply(asked, {});
    world().run(Milliseconds(200));
    EXPECT_TRUE(world().happened(call, "answer"));
    EXPECT_TRUE(world().all<event::Hold>(call).back().on_hold);
    const std::size_t heard = stranger_voice_.heard().size();
    world().run(Milliseconds(800));
    EXPECT_EQ(stranger_voice_.heard().size(), heard);  // sendonly: nothing goes to him
    hang_up(call);
    expect_ladder("rfc3311_early_update");
}

TEST_F(ExtensionFlow, AnUpdateHoldsACall) {
    const SessionKey call = dial_dave(true);
    const std::string held = sdp("inactive", 2);
    request({.method = "UPDATE", .cseq = 1, .body = held});
    EXPECT_TRUE(world().all<event::Hold>(call).back().on_hold);
    const std::string back = sdp("sendrecv", 3);
    request({.method = "UPDATE", .cseq = 2, .body = back});
    EXPECT_FALSE(world().all<event::Hold>(call).back().on_hold);
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc3311_hold");
}

TEST_F(ExtensionFlow, AnUpdateWithACodecThatWeLackIsRefused) {
    const SessionKey call = dial_dave(true);
    std::string strange = sdp("sendrecv", 2);
    strange.replace(strange.find("RTP/AVP 0"), 9, "RTP/AVP 18");
    request({.method = "UPDATE", .body = strange});
    EXPECT_FALSE(world().happened(call, "hangup"));
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc3311_refused");
}

TEST_F(ExtensionFlow, WeRefreshTheSession) {  // RFC 4028 7.4
    begin({.phones = {{}, {}}});
    const SessionKey call = dial_and_answer();
    world().run(Seconds(910));
    EXPECT_TRUE(world().phone().in_call());
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc4028_we_refresh");
}

TEST_F(ExtensionFlow, APeerWithoutUpdateIsRefreshedByTheSameOffer) {
    answer_headers_ = {{"Session-Expires", "90;refresher=uac"}, {"Allow", "INVITE, ACK, BYE"}};
    const SessionKey call = dial_dave(true);
    world().run(Seconds(100));
    EXPECT_FALSE(world().happened(call, "hangup"));
    EXPECT_FALSE(world().happened(call, "hold"));
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc4028_refresh_by_invite");
}

TEST_F(ExtensionFlow, APeerThatForgetsToRefreshIsHungUp) {  // RFC 4028 10
    answer_headers_ = {{"Session-Expires", "90;refresher=uas"}};
    const SessionKey call = dial_dave(true);
    expect_stranger_tones(call);
    world().run(Seconds(65));
    EXPECT_EQ(world().history(call).ended->status, 408);
    expect_ladder("rfc4028_expired");
}

TEST_F(ExtensionFlow, AnIntervalThatIsTooSmallIsRaised) {  // RFC 4028 7.3
    add_stranger();
    on_message_ = [this, first = true](const sip::Message& message) mutable {
        if (message.method() == sip::Method::Invite && std::exchange(first, false)) {
            reply(message, {.status = 422, .headers = {{"Min-SE", "3600"}}});
        } else if (message.is_request() && message.method() != sip::Method::Ack) {
            const bool invite = message.method() == sip::Method::Invite;
            reply(message, {.sdp = invite ? sdp() : ""});
        }
    };
    const SessionKey call = dial_uri("sip:dave@192.0.2.60");
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(call, "answer"));
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc4028_interval_too_small");
}

TEST_F(ExtensionFlow, TextTravelsBothWays) {  // RFC 3428
    const SessionKey call = dial_and_answer();
    at_phone(0, [](auto& phone, Instant now, auto& out) { phone.send_text(now, "hello", out); });
    world().run(Milliseconds(200));
    ASSERT_TRUE(world().happened(call, "message"));
    EXPECT_EQ(world().all<event::Message>(call).front().body, "hello");
    EXPECT_EQ(world().all<event::Message>(call).front().content_type, "text/plain");
    command::Message message;
    message.body = "good day";
    world().command(call, message);
    world().run(Milliseconds(200));
    EXPECT_FALSE(world().happened(call, "error"));
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc3428_message");
}

TEST_F(ExtensionFlow, ATextThatIsRefusedIsAnErrorAndTheCallGoesOn) {
    const SessionKey call = dial_dave(true);
    on_message_ = [this](const sip::Message& message) {
        if (message.is_request()) {
            reply(message, {.status = message.method() == sip::Method::Message ? 415 : 200});
        }
    };
    command::Message message;
    message.body = "good day";
    world().command(call, message);
    world().run(Milliseconds(200));
    EXPECT_EQ(world().all<event::Error>(call).back().code, 415);
    EXPECT_FALSE(world().happened(call, "hangup"));
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc3428_refused");
}

// Gateways space "Signal" as they like.
TEST_F(ExtensionFlow, KeysByInfoAreHeardHoweverTheyAreSpaced) {
    const SessionKey call = dial_dave(true);
    std::uint32_t cseq = 0;
    for (const std::string_view body :
         {"Signal=1\r\nDuration=160\r\n", "Signal = 2\r\nDuration = 100\r\n",
          "signal= #\nduration=1", "Duration=160\r\nSignal=*\r\n", "Signal=\t5"}) {
        request({.method = "INFO", .cseq = ++cseq, .body = body, .type = "application/dtmf-relay"});
    }
    request({.method = "INFO", .cseq = ++cseq, .body = "9", .type = "application/dtmf"});
    std::string keys;
    for (const event::Dtmf& key : world().all<event::Dtmf>(call)) {
        keys += key.digit;
    }
    EXPECT_EQ(keys, "12#*59");
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("info_dtmf_relay");
}

TEST_F(ExtensionFlow, AnInfoPackageThatNobodyKnowsIsRefused) {  // RFC 6086
    const SessionKey call = dial_dave(true);
    request({.method = "INFO", .headers = "Info-Package: conference\r\n"});
    EXPECT_FALSE(world().happened(call, "dtmf"));
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc6086_unknown_package");
}

// RFC 3261 8.1.2: a Contact may be a name, and is looked up once the call is there.
TEST_F(ExtensionFlow, AContactThatIsANameIsLookedUp) {
    begin();
    world().add_host("dave.example", stranger().ip);
    const SessionKey call = dial_dave();
    ladder_.name(IpAddress::v4(192, 0, 2, 61), "other");
    const auto asked = invite();
    // The answer comes from elsewhere than where its Contact leads.
    std::string text = sip::MessageWriter::response(asked, {.status = 200, .to_tag = "dave"})
                           .header("Contact", "<sip:dave@dave.example>")
                           .body("application/sdp", sdp())
                           .finish()
                           .value();
    world().send_as({IpAddress::v4(192, 0, 2, 61), 5060}, server(), std::move(text));
    expect_stranger_tones(call);
    hang_up(call);
    ASSERT_NE(latest(sip::Method::Bye), nullptr);
    EXPECT_EQ(latest(sip::Method::Bye)->request_uri(), "sip:dave@dave.example");
    expect_ladder("rfc3261_contact_is_a_name");
}

TEST_F(ExtensionFlow, EarlyMediaIsNotHeardWhereTheOperatorForbidsIt) {
    WorldOptions options{.phones = {{.answer_after = Seconds(3), .early_media = true}, {}}};
    options.exchange.early_media = EarlyMediaPolicy::Ignore;
    begin(std::move(options));
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_FALSE(world().all<event::Ringing>(call).front().early_media);
    EXPECT_EQ(heard_by_server(call), 0);
    world().run(Seconds(2));
    expect_tones(call);  // the answer was in the 183, and is in force now
    hang_up(call);
}

TEST_F(ExtensionFlow, ACallerWhoSpeaksNoneOfItIsCalledAsEver) {
    WorldOptions options;
    options.exchange.agent.reliable_provisionals = false;
    options.exchange.agent.session_timer.offered = false;
    begin(std::move(options));
    const SessionKey call = dial_and_answer();
    expect_tones(call);
    hang_up(call);
    expect_ladder("plain_rfc3261");
}

}  // namespace
}  // namespace patchbay::test
