// SPDX-License-Identifier: Apache-2.0
// Hold both ways: RFC 5359 2.1 to 2.3, RFC 3264 8.4, and the glare of RFC 3261 14.1.
#include "support/call_flow.hpp"

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;

class HoldFlow : public CallFlow {
  protected:
    void hold(SessionKey call) {
        world().command(call, command::Hold{});
        world().run(Seconds(2));
    }
    void unhold(SessionKey call) {
        world().command(call, command::Unhold{});
        world().run(Seconds(2));
    }
};

TEST_F(HoldFlow, WeHoldTheOtherAndTakeHimBack) {
    const SessionKey call = dial_and_answer();
    hold(call);
    EXPECT_EQ(heard_by_server(call), 0);            // held, bob says nothing
    EXPECT_NEAR(heard_by_phone(), kServerTone, 2);  // what plays is his music on hold (2.3)
    EXPECT_FALSE(world().happened(call, "hold"));   // it is we who hold
    unhold(call);
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc5359_2_1_we_hold");
}

TEST_F(HoldFlow, TheOtherHoldsUsAndTakesUsBack) {
    const SessionKey call = dial_and_answer();
    hold_by_phone(sdp::Direction::SendOnly);
    EXPECT_EQ(world().all<event::Hold>(call).back().on_hold, true);
    const auto before = world().heard_packets().size();
    world().run(Seconds(1));
    EXPECT_EQ(world().heard_packets().size(), before);
    hold_by_phone(sdp::Direction::SendRecv);
    EXPECT_EQ(world().all<event::Hold>(call).back().on_hold, false);
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc5359_2_1_other_holds");
}

TEST_F(HoldFlow, AHoldThatIsInactiveIsOne) {
    const SessionKey call = dial_and_answer();
    hold_by_phone(sdp::Direction::Inactive);
    EXPECT_EQ(world().all<event::Hold>(call).back().on_hold, true);
    hold_by_phone(sdp::Direction::SendRecv);
    expect_tones(call);
    hang_up_phone();
    expect_ladder("rfc5359_2_1_inactive");
}

TEST_F(HoldFlow, BothHoldAndNothingFlowsUntilBothHaveLetGo) {
    const SessionKey call = dial_and_answer();
    hold_by_phone(sdp::Direction::SendOnly);
    hold(call);
    EXPECT_EQ(heard_by_server(call), 0);
    const auto before = world().heard_packets().size();
    unhold(call);
    EXPECT_EQ(world().heard_packets().size(), before);  // bob still holds
    EXPECT_EQ(world().all<event::Hold>(call).back().on_hold, true);
    hold_by_phone(sdp::Direction::SendRecv);
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc5359_2_1_both_hold");
}

TEST_F(HoldFlow, TwiceIsOnce) {
    const SessionKey call = dial_and_answer();
    hold(call);
    hold(call);
    unhold(call);
    unhold(call);
    expect_tones(call);
    hang_up(call);
    expect_ladder("hold_twice");
}

TEST_F(HoldFlow, OffersOfBothSidesCollideAndAreTriedAgain) {  // RFC 3261 14.1
    const SessionKey call = dial_and_answer();
    world().command(call, command::Hold{});
    at_phone(0, [](auto& phone, Instant now, auto& out) {
        phone.reoffer(now, sdp::Direction::SendRecv, {{"PCMA"}}, out);
    });
    world().run(Seconds(6));
    EXPECT_EQ(heard_by_server(call), 0);
    EXPECT_FALSE(world().happened(call, "error"));
    unhold(call);
    expect_tones(call);
    hang_up(call);
    expect_ladder("rfc3261_14_1_glare");
}

TEST_F(HoldFlow, RefusedTheCallGoesOnAsItWas) {
    add_stranger();
    on_message_ = [this](const sip::Message& message) {
        const bool again = message.header("To")->find("tag=") != std::string_view::npos;
        if (message.method() == sip::Method::Invite && again) {
            reply(message, {.status = 488});
        } else if (message.method() == sip::Method::Invite) {
            reply(message, {.sdp = sdp()});
        } else if (message.method() == sip::Method::Bye) {
            reply(message, {});
        }
    };
    const SessionKey call = dial_uri("sip:dave@192.0.2.60");
    world().run(Seconds(1));
    hold(call);
    EXPECT_EQ(world().all<event::Error>(call).back().code, 488);
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("hold_refused");
}

TEST_F(HoldFlow, OfADialogThatIsGoneEndsTheCall) {  // RFC 3261 12.2.1.2
    add_stranger();
    on_message_ = [this](const sip::Message& message) {
        const bool again = message.header("To")->find("tag=") != std::string_view::npos;
        if (message.is_request() && message.method() != sip::Method::Ack) {
            reply(message, {.status = again ? 481 : 200, .sdp = again ? "" : sdp()});
        }
    };
    const SessionKey call = dial_uri("sip:dave@192.0.2.60");
    world().run(Seconds(1));
    expect_stranger_tones(call);
    hold(call);
    EXPECT_EQ(world().history(call).ended->status, 481);
    expect_ladder("hold_of_a_dead_dialog");
}

// What old phones do (RFC 2543): accepted, never sent.
TEST_F(HoldFlow, AnAddressOfZeroIsAHold) {
    add_stranger();
    on_message_ = [this](const sip::Message& message) {
        if (message.is_request() && message.method() != sip::Method::Ack) {
            reply(message, {.sdp = message.method() == sip::Method::Invite ? sdp() : ""});
        }
    };
    const SessionKey call = dial_uri("sip:dave@192.0.2.60");
    world().run(Seconds(1));
    const std::string held = sdp("sendrecv", 2, "0.0.0.0");
    request({.method = "INVITE", .cseq = 1, .body = held});
    request({.method = "ACK", .cseq = 1});
    EXPECT_EQ(world().all<event::Hold>(call).back().on_hold, true);
    const std::string back = sdp("sendrecv", 3);
    request({.method = "INVITE", .cseq = 2, .body = back});
    request({.method = "ACK", .cseq = 2});
    EXPECT_EQ(world().all<event::Hold>(call).back().on_hold, false);
    expect_stranger_tones(call);
    hang_up(call);
    expect_ladder("rfc2543_hold");
}

TEST_F(HoldFlow, ConsultationIsAHeldCallAndASecondOne) {  // RFC 5359 2.2
    const SessionKey bob = dial_and_answer(0, "bob");
    hold(bob);
    const SessionKey carol = dial_and_answer(1, "carol");
    expect_tones(carol, 1);
    hang_up(carol);
    unhold(bob);
    expect_tones(bob);
    hang_up(bob);
    expect_ladder("rfc5359_2_2_consultation");
}

TEST_F(HoldFlow, WhoeverFollowsAnOperationIsToldHowItEnds) {
    const SessionKey call = dial_and_answer();
    Effects effects;
    world().exchange().handle_command(world().now(), call,
                                      {command::Hold{}, std::nullopt, OperationId(5)}, effects);
    world().perform(std::move(effects));
    world().run(Seconds(1));
    const auto& operations = world().history(call).operations;
    ASSERT_EQ(operations.size(), 1U);
    EXPECT_EQ(operations.front().operation, OperationId(5));
    EXPECT_EQ(operations.front().status, (OperationStatus{200, {}, true}));
    hang_up(call);
}

}  // namespace
}  // namespace patchbay::test
