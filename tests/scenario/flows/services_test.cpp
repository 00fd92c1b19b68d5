// SPDX-License-Identifier: Apache-2.0
// The other services of RFC 5359, in each part that this server plays: a user agent that is called
// or calls, or the back-to-back user agent between two phones.
//
// Not here, for it is done nowhere: 2.10 as the focus of a conference, and 2.17 as the one who
// watches another's dialogs.
#include "support/call_flow.hpp"

namespace patchbay::test {
namespace {

using namespace call;
using testing::IsEmpty;
using testing::SizeIs;

class ServiceFlow : public CallFlow {
  protected:
    // Dave's proxy answers when the test says so, and everything else at once.
    SessionKey dial_dave() {
        add_stranger("proxy");
        on_message_ = [this](const sip::Message& message) {
            if (message.is_request() && message.method() != sip::Method::Invite &&
                message.method() != sip::Method::Ack) {
                reply(message, {.tag = tag_});
            }
        };
        const SessionKey call = dial_uri("sip:dave@192.0.2.60");
        world().run(Milliseconds(500));
        invite_ = *latest(sip::Method::Invite);
        return call;
    }
    void progress(int status, std::string_view tag) {
        reply(*invite_, {.status = status, .tag = tag});
        world().run(Milliseconds(500));
    }
    void answer(std::string_view tag) {
        tag_ = tag;
        reply(*invite_, {.tag = tag, .sdp = sdp()});
    }
    // An INVITE of the stranger that begins a call.
    std::string new_call(std::string_view to, const std::string& headers) {
        const std::string offer = sdp();
        std::string text = "INVITE sip:";
        text.append(to).append(
            "@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.60;branch=z9hG4bKn\r\n"
            "Max-Forwards: 70\r\nFrom: <sip:dave@192.0.2.60>;tag=dave\r\nTo: <sip:");
        text.append(to).append("@192.0.2.1>\r\nCall-ID: new\r\nCSeq: 1 INVITE\r\n");
        return text + "Contact: <sip:dave@192.0.2.60>\r\n" + headers +
               "Content-Type: application/sdp\r\nContent-Length: " + std::to_string(offer.size()) +
               "\r\n\r\n" + offer;
    }

    std::optional<sip::Message> invite_;
    std::string tag_;
};

// 2.6 Transfer - Instant Messaging: the number comes as a text, and the application acts on it.

TEST_F(ServiceFlow, Section26ATextNamesWhomToCallInstead) {
    const SessionKey call = dial_and_answer();
    at_phone(0, [](auto& phone, Instant now, auto& out) {
        phone.send_text(now, "please call sip:bob@192.0.2.11", out);
    });
    world().run(Milliseconds(200));
    const std::string text = world().all<event::Message>(call).front().body;
    command::Transfer transfer;
    transfer.callee = text.substr(text.find("sip:"));
    world().command(call, transfer);
    world().run(Seconds(3));
    expect_joined(0, 1);
    hang_up_phone(0);
    expect_ladder("rfc5359_2_6_instant_message");
}

// 2.7 Call Forwarding Unconditional

TEST_F(ServiceFlow, Section27TheCallThatWeMakeIsForwarded) {
    const SessionKey call = dial_dave();
    progress(181, "proxy");
    progress(180, "carol");
    answer("carol");
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc5359_2_7_caller");
}

TEST_F(ServiceFlow, Section27WeForward) {
    begin(between_phones({row("alice", ToTrunk{{"carol"}})}));
    world().phone_calls("alice");
    world().run(Seconds(2));
    expect_joined(0, 1);
    hang_up_phone(0);
    expect_ladder("rfc5359_2_7_we_forward");
}

// 2.8 Call Forwarding - Busy

TEST_F(ServiceFlow, Section28TheCallThatWeMakeIsForwardedByABusyPhone) {
    const SessionKey call = dial_dave();
    progress(180, "carol");  // the 486 of the busy phone stays between it and the proxy
    answer("carol");
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc5359_2_8_caller");
}

// 2.9 Call Forwarding - No Answer: two dialogs ring one after the other.

TEST_F(ServiceFlow, Section29TheCallThatWeMakeIsForwardedWhenNobodyAnswers) {
    const SessionKey call = dial_dave();
    progress(180, "dave");
    world().run(Seconds(5));
    progress(181, "proxy");
    progress(180, "carol");
    answer("carol");
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc5359_2_9_caller");
}

// 2.10 3-Way Conference - Third Party Is Added: the focus tells us by a re-INVITE.

TEST_F(ServiceFlow, Section210TheOtherBecomesTheFocusOfAConference) {
    const SessionKey call = dial_dave();
    answer("dave");
    expect_stranger_tones(call);
    const std::string mixed = sdp("sendrecv", 2);
    request(
        {.method = "INVITE", .cseq = 1, .body = mixed, .contact = "<sip:mix@192.0.2.60>;isfocus"});
    request({.method = "ACK", .cseq = 1});
    expect_stranger_tones(call);
    hang_up(call);
    EXPECT_EQ(latest(sip::Method::Bye)->request_uri(), "sip:mix@192.0.2.60");
    expect_ladder("rfc5359_2_10_participant");
}

// 2.11 3-Way Conference - Third Party Joins: nobody joins a call of ours by Join (RFC 3911).

TEST_F(ServiceFlow, Section211ACallThatWantsToJoinIsRefused) {
    const SessionKey call = dial_and_answer();
    add_stranger();
    world().send_as(stranger(), server(),
                    new_call("echo", "Require: join\r\nJoin: x;to-tag=1;from-tag=2\r\n"));
    world().run(Milliseconds(200));
    ASSERT_THAT(received_, SizeIs(1));
    EXPECT_EQ(received_.front().status(), 420);
    EXPECT_EQ(received_.front().header("Unsupported"), "join");
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc5359_2_11_refused");
}

// 2.12 Find-Me: one after the other.

TEST_F(ServiceFlow, Section212WeTryOnePlaceAfterTheOther) {
    WorldOptions options = between_phones({row("alice", ToTrunk{{"carol", "alice"}})});
    options.phones[1].reject = sip::Rejection{503, {}, {}};
    begin(std::move(options));
    world().phone_calls("alice");
    world().run(Seconds(2));
    expect_joined(0, 2);
    hang_up_phone(2);
    expect_ladder("rfc5359_2_12_we_search");
}

// The caller's view: several phones rang, and one of them answers.
TEST_F(ServiceFlow, Section212TheCallThatWeMakeIsSearchedFor) {
    const SessionKey call = dial_dave();
    progress(180, "desk");
    progress(180, "mobile");
    answer("mobile");
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc5359_2_12_caller");
}

// 2.13 Call Management (Incoming Call Screening)

TEST_F(ServiceFlow, Section213ACallerIsScreened) {
    Route screen = row(".*", Refusal{603, "Decline"});
    screen.caller = Pattern::compile("phone0").value();
    begin(between_phones({screen, row("alice", ToTrunk{{"alice"}})}));
    world().phone_calls("alice", 0);
    world().run(Seconds(1));
    EXPECT_FALSE(world().phone(2).in_call());
    world().phone_calls("alice", 1);
    world().run(Seconds(2));
    expect_joined(1, 2);
    hang_up_phone(1);
    expect_ladder("rfc5359_2_13_screened");
}

// 2.14 Call Management (Outgoing Call Screening)

TEST_F(ServiceFlow, Section214ANumberIsScreened) {
    WorldOptions options = between_phones({row("0.*", ToTrunk{{"alice"}})});
    options.exchange.services.denied_prefixes = {"0900"};
    begin(std::move(options));
    world().phone_calls("09001234");
    world().run(Seconds(1));
    EXPECT_FALSE(world().phone(2).in_call());
    world().phone_calls("030123");
    world().run(Seconds(2));
    expect_joined(0, 2);
    hang_up_phone(0);
    expect_ladder("rfc5359_2_14_screened");
}

// 2.15 Call Park: the park server takes our call over, and then whoever retrieves it.

TEST_F(ServiceFlow, Section215OurCallIsParkedAndRetrieved) {
    begin({.phones = {{}, {}, {}}});
    const SessionKey call = dial_and_answer();
    const auto take_over = [&](std::size_t taker, std::size_t taken) {
        const auto replaces = world().phone(taken).dialog()->as_seen_by_peer();
        at_phone(taker, [&](auto& phone, Instant now, auto& out) {
            ASSERT_TRUE(phone.call(now, "sip:server@192.0.2.1", server(), out, replaces));
        });
        world().run(Seconds(2));
        EXPECT_FALSE(world().phone(taken).in_call());
        expect_tones(call, taker);
    };
    take_over(1, 0);  // carol is the park server
    take_over(2, 1);
    hang_up(call);
    expect_ladder("rfc5359_2_15_parked");
}

// 2.17 Automatic Redial: our dialogs are watched by nobody.

TEST_F(ServiceFlow, Section217WhoWantsToWatchOurCallsIsRefused) {
    add_stranger();
    world().send_as(stranger(), server(),
                    "SUBSCRIBE sip:server@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP "
                    "192.0.2.60;branch=z9hG4bKs\r\nMax-Forwards: 70\r\nFrom: "
                    "<sip:dave@192.0.2.60>;tag=dave\r\nTo: <sip:server@192.0.2.1>\r\nCall-ID: "
                    "watch\r\nCSeq: 1 SUBSCRIBE\r\nContact: <sip:dave@192.0.2.60>\r\nEvent: "
                    "dialog\r\nContent-Length: 0\r\n\r\n");
    world().run(Milliseconds(200));
    ASSERT_THAT(received_, SizeIs(1));
    EXPECT_GE(received_.front().status(), 400);
    expect_ladder("rfc5359_2_17_refused");
}

// 2.18 Click to Dial: the server is the controller; the phone is rung and then sent to the other.

TEST_F(ServiceFlow, Section218TheServerDialsForBob) {
    const SessionKey call = dial_and_answer();
    command::Transfer transfer;
    transfer.callee = World::phone_uri(1);
    world().command(call, transfer);
    world().run(Seconds(3));
    expect_joined(0, 1);
    hang_up_phone(0);
    expect_ladder("rfc5359_2_18_click_to_dial");
}

TEST_F(ServiceFlow, Section218NobodyMakesUsDialByAReferOutsideACall) {
    add_stranger();
    world().send_as(stranger(), server(),
                    "REFER sip:server@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP "
                    "192.0.2.60;branch=z9hG4bKs\r\nMax-Forwards: 70\r\nFrom: "
                    "<sip:dave@192.0.2.60>;tag=dave\r\nTo: <sip:server@192.0.2.1>\r\nCall-ID: "
                    "click\r\nCSeq: 1 REFER\r\nContact: <sip:dave@192.0.2.60>\r\nRefer-To: "
                    "<sip:bob@192.0.2.10>\r\nContent-Length: 0\r\n\r\n");
    world().run(Milliseconds(200));
    ASSERT_THAT(received_, SizeIs(1));
    EXPECT_EQ(received_.front().status(), 403);
    expect_ladder("rfc5359_2_18_refused");
}

// Between two phones: transfer and what ends it, as each of them sees it; hold_between_test.cpp has
// their holds.

TEST_F(ServiceFlow, ABusyCalleeIsToldToTheCaller) {
    WorldOptions options = between_phones({row("alice", ToTrunk{{"alice"}})});
    options.phones[2].reject = sip::Rejection{486, {}, {}};
    begin(std::move(options));
    world().phone_calls("alice");
    world().run(Seconds(2));
    EXPECT_FALSE(world().phone(0).in_call());
    expect_ladder("between_busy");
}

TEST_F(ServiceFlow, ACallerWhoGivesUpStopsTheRinging) {
    WorldOptions options = between_phones({row("alice", ToTrunk{{"alice"}})});
    options.phones[2].answer_after = std::nullopt;
    begin(std::move(options));
    world().phone_calls("alice");
    world().run(Seconds(2));
    hang_up_phone(0);
    EXPECT_FALSE(world().phone(2).in_call());
    expect_ladder("between_canceled");
}

TEST_F(ServiceFlow, AnAnnouncementBeforeTheAnswerIsHeardByTheCaller) {  // RFC 3960
    WorldOptions options = between_phones({row("alice", ToTrunk{{"alice"}})});
    options.phones[2] = {.answer_after = Seconds(3), .early_media = true};
    begin(std::move(options));
    world().phone_calls("alice");
    world().run(Seconds(2));
    EXPECT_NEAR(heard_by_phone(0), kAliceTone, 2);
    EXPECT_FALSE(world().phone(0).is_answered());
    world().run(Seconds(2));
    expect_joined(0, 2);
    hang_up_phone(0);
    expect_ladder("between_early_media");
}

TEST_F(ServiceFlow, AnAnnouncementInPlaceOfAnAnswerIsHeardToo) {
    WorldOptions options = between_phones({row("alice", ToTrunk{{"alice"}})});
    options.phones[2] = {
        .answer_after = Seconds(3), .reject = sip::Rejection{404, {}, {}}, .early_media = true};
    begin(std::move(options));
    world().phone_calls("alice");
    world().run(Seconds(2));
    EXPECT_NEAR(heard_by_phone(0), kAliceTone, 2);
    world().run(Seconds(2));
    EXPECT_FALSE(world().phone(0).in_call());
    expect_ladder("between_announcement");
}

TEST_F(ServiceFlow, APartyIsTransferredByTheOther) {
    WorldOptions options = between_phones({row("alice", ToTrunk{{"alice"}})});
    options.exchange.transfers = TransferPolicy::Follow;
    begin(std::move(options));
    world().phone_calls("alice");
    world().run(Seconds(2));
    expect_joined(0, 2);
    at_phone(0, [](auto& phone, Instant now, auto& out) {
        phone.transfer(now, *sip::Uri::parse("sip:carol@192.0.2.11"), std::nullopt, out);
    });
    world().run(Seconds(2));
    EXPECT_FALSE(world().phone(0).in_call());
    expect_joined(1, 2);
    hang_up_phone(2);
    expect_ladder("between_transfer");
}

}  // namespace
}  // namespace patchbay::test
