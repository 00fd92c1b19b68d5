// SPDX-License-Identifier: Apache-2.0
// Hold between two phones, with this server as the back-to-back user agent between them: who holds
// tells us, and we tell the other (RFC 5359 2.1, RFC 3264 8.4). A phone that holds goes on playing
// its tone, which is the music that the other one hears.
#include "support/call_flow.hpp"

namespace patchbay::test {
namespace {

using namespace call;

constexpr std::size_t kBob = 0;
constexpr std::size_t kAlice = 2;

class HoldBetween : public CallFlow {
  protected:
    void call_alice() {
        begin(between_phones({row("alice", ToTrunk{{"alice"}})}));
        world().phone_calls("alice");
        world().run(Seconds(2));
        expect_joined(kBob, kAlice);
    }
    // Dave answers, and to what comes then he says what the test wants.
    void call_dave() {
        begin(between_phones({row("dave", ToTrunk{{"dave"}})}));
        add_stranger();
        on_message_ = [this](const sip::Message& message) { answer_as_dave(message); };
        world().phone_calls("dave");
        world().run(Seconds(2));
        expect_joined_to_dave();
    }
    void answer_as_dave(const sip::Message& message) {
        const bool again = message.header("To")->find("tag=") != std::string_view::npos;
        if (!message.is_request() || message.method() == sip::Method::Ack) {
            return;
        }
        if (message.method() == sip::Method::Invite && again) {
            return reply(message, {.status = reoffer_status_, .sdp = reoffer_answer_});
        }
        const std::string answer = sdp();
        reply(message, {.sdp = message.method() == sip::Method::Invite ? answer : ""});
    }
    void expect_joined_to_dave() {
        world().run(Seconds(1));
        EXPECT_NEAR(heard_by_phone(kBob), kStrangerTone, 2);
        EXPECT_NEAR(heard_by_stranger(), kBobTone, 2);
    }
    // Who gets nothing says nothing either.
    void expect_dave_hears_nothing() {
        world().run(Seconds(1));
        const auto before = stranger_voice_.heard().size();
        world().run(Seconds(1));
        EXPECT_EQ(stranger_voice_.heard().size(), before);
    }
    // Packets that reach a phone within a second.
    std::size_t packets_to(std::size_t phone) {
        const auto before = world().heard_packets(phone).size();
        world().run(Seconds(1));
        return world().heard_packets(phone).size() - before;
    }
    void reoffer(std::size_t phone, sdp::Direction direction) {
        at_phone(phone, [&](auto& engine, Instant now, auto& out) {
            engine.reoffer(now, direction, std::nullopt, out);
        });
    }

    int reoffer_status_ = 200;
    std::string reoffer_answer_;
};

TEST_F(HoldBetween, TheCallerHoldsAndTheCalleeHearsHisMusic) {
    call_alice();
    hold_by_phone(sdp::Direction::SendOnly, kBob);
    EXPECT_NEAR(heard_by_phone(kAlice), kBobTone, 2);
    EXPECT_EQ(packets_to(kBob), 0U);
    hold_by_phone(sdp::Direction::SendRecv, kBob);
    expect_joined(kBob, kAlice);
    hang_up_phone(kBob);
    expect_ladder("between_caller_holds");
}

TEST_F(HoldBetween, TheCalleeHoldsAndTheCallerHearsHisMusic) {
    call_alice();
    hold_by_phone(sdp::Direction::SendOnly, kAlice);
    EXPECT_NEAR(heard_by_phone(kBob), kAliceTone, 2);
    EXPECT_EQ(packets_to(kAlice), 0U);
    hold_by_phone(sdp::Direction::SendRecv, kAlice);
    expect_joined(kBob, kAlice);
    hang_up_phone(kBob);
    expect_ladder("between_callee_holds");
}

TEST_F(HoldBetween, WhoeverIsInactiveIsHeardByNobody) {
    call_alice();
    hold_by_phone(sdp::Direction::Inactive, kBob);
    EXPECT_EQ(packets_to(kAlice), 0U);
    EXPECT_EQ(packets_to(kBob), 0U);
    hold_by_phone(sdp::Direction::SendRecv, kBob);
    expect_joined(kBob, kAlice);
    hang_up_phone(kAlice);
    expect_ladder("between_hold");
}

TEST_F(HoldBetween, BothHoldAndNothingFlowsUntilBothHaveLetGo) {
    call_alice();
    hold_by_phone(sdp::Direction::SendOnly, kBob);
    hold_by_phone(sdp::Direction::SendOnly, kAlice);
    EXPECT_EQ(packets_to(kAlice), 0U);
    EXPECT_EQ(packets_to(kBob), 0U);
    hold_by_phone(sdp::Direction::SendRecv, kBob);
    EXPECT_EQ(packets_to(kAlice), 0U);  // she still holds him, and plays her music
    EXPECT_NEAR(heard_by_phone(kBob), kAliceTone, 2);
    hold_by_phone(sdp::Direction::SendRecv, kAlice);
    expect_joined(kBob, kAlice);
    hang_up_phone(kBob);
    expect_ladder("between_both_hold");
}

TEST_F(HoldBetween, ACodecThatChangesIsNoHoldAndTheOtherIsLeftInPeace) {
    call_alice();
    at_phone(kBob, [](auto& engine, Instant now, auto& out) {
        engine.reoffer(now, sdp::Direction::SendRecv, {{"PCMA"}}, out);
    });
    world().run(Seconds(1));
    expect_joined(kBob, kAlice);
    hang_up_phone(kBob);
    expect_ladder("between_codec_change");
}

TEST_F(HoldBetween, WhoRefusesToBeHeldLosesNothingAndTheOtherHolds) {
    call_dave();
    reoffer_status_ = 488;
    hold_by_phone(sdp::Direction::SendOnly, kBob);
    EXPECT_NEAR(heard_by_stranger(), kBobTone, 2);
    EXPECT_EQ(packets_to(kBob), 0U);
    hold_by_phone(sdp::Direction::SendRecv, kBob);
    expect_joined_to_dave();
    hang_up_phone(kBob);
    expect_ladder("between_hold_refused");
}

TEST_F(HoldBetween, TwoHoldsThatMeetAreRefusedAndTriedAgain) {  // RFC 3261 14.1
    call_alice();
    reoffer(kBob, sdp::Direction::SendOnly);
    reoffer(kAlice, sdp::Direction::SendOnly);
    world().run(Seconds(2));
    hold_by_phone(sdp::Direction::SendRecv, kAlice);  // she thinks better of it
    hold_by_phone(sdp::Direction::SendOnly, kBob);
    EXPECT_NEAR(heard_by_phone(kAlice), kBobTone, 2);
    EXPECT_EQ(packets_to(kBob), 0U);
    hold_by_phone(sdp::Direction::SendRecv, kBob);
    expect_joined(kBob, kAlice);
    hang_up_phone(kBob);
    expect_ladder("between_glare");
}

TEST_F(HoldBetween, AHoldByUpdateIsAnsweredAtOnceAndPassedOn) {  // RFC 3311 5.2
    call_dave();
    const std::string held = sdp("sendonly", 2);
    request({.method = "UPDATE", .cseq = 1, .body = held});
    expect_dave_hears_nothing();
    const std::string back = sdp("sendrecv", 3);
    request({.method = "UPDATE", .cseq = 2, .body = back});
    expect_joined_to_dave();
    hang_up_phone(kBob);
    expect_ladder("between_hold_by_update");
}

TEST_F(HoldBetween, AHoldInTheAnswerToOurOfferIsPassedOn) {  // RFC 3261 14.2
    call_dave();
    request({.method = "INVITE", .cseq = 1});
    const std::string held = sdp("sendonly", 2);
    request({.method = "ACK", .cseq = 1, .body = held});
    expect_dave_hears_nothing();
    const std::string back = sdp("sendrecv", 3);
    request({.method = "INVITE", .cseq = 2, .body = back});
    request({.method = "ACK", .cseq = 2});
    expect_joined_to_dave();
    hang_up_phone(kBob);
    expect_ladder("between_hold_in_ack");
}

TEST_F(HoldBetween, AHoldThatIsTakenBackIsTakenBackFromTheOther) {  // RFC 3261 9
    call_dave();
    bool lost = true;
    world().drop = [&](const Datagram& datagram) {
        return lost && datagram.bytes.starts_with("INVITE") &&
               datagram.to.ip == IpAddress::v4(192, 0, 2, 10);
    };
    const std::string held = sdp("sendonly", 2);
    request({.method = "INVITE", .cseq = 1, .body = held, .branch = "z9hG4bKhold"});
    request({.method = "CANCEL", .cseq = 1, .branch = "z9hG4bKhold"});
    lost = false;
    world().run(Seconds(5));
    expect_joined_to_dave();
    hang_up_phone(kBob);
    expect_ladder("between_hold_canceled");
}

TEST_F(HoldBetween, WhoIsHeldAndLeftBySomebodyWhoTransfersIsTakenBack) {
    WorldOptions options = between_phones({row("alice", ToTrunk{{"alice"}})});
    options.exchange.transfers = TransferPolicy::Follow;
    begin(std::move(options));
    world().phone_calls("alice");
    world().run(Seconds(2));
    hold_by_phone(sdp::Direction::SendOnly, kBob);
    at_phone(kBob, [](auto& phone, Instant now, auto& out) {
        phone.transfer(now, *sip::Uri::parse("sip:carol@192.0.2.11"), std::nullopt, out);
    });
    world().run(Seconds(2));
    EXPECT_FALSE(world().phone(kBob).in_call());
    expect_joined(1, kAlice);
    hang_up_phone(kAlice);
    expect_ladder("between_hold_and_transfer");
}

TEST_F(HoldBetween, WhoHangsUpWhileTheOtherIsAskedLeavesNothingBehind) {
    call_alice();
    world().drop = [](const Datagram& datagram) {
        return datagram.bytes.starts_with("INVITE") &&
               datagram.to.ip == IpAddress::v4(192, 0, 2, 12);
    };
    reoffer(kBob, sdp::Direction::SendOnly);
    world().run(Seconds(1));
    hang_up_phone(kBob);
}

}  // namespace
}  // namespace patchbay::test
