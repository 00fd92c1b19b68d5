// SPDX-License-Identifier: Apache-2.0
// Calls of a third party whose media flows from phone to phone: RFC 3725 4.4, and 4.2 for phones
// that need a description at once.
#include "support/sound.hpp"
#include "support/third_party_test.hpp"

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DirectCallTest : public ThirdPartyTest {
  protected:
    void start_direct() { start({.ring_time = {}, .headers = {}, .recorder = {}, .direct = true}); }
    void connect_directly() {
        start_direct();
        world().run(Seconds(2));
        ASSERT_TRUE(said(ThirdPartyStage::CalleeAnswered)) << failure() << ladder_->text();
    }
    void expect_nothing_relayed() {
        for (std::size_t i = 0; i < options_.phones.size(); ++i) {
            EXPECT_THAT(world().said_payloads(i), IsEmpty()) << i;
        }
        EXPECT_EQ(world().open_ports(), 0U);
        EXPECT_THAT(world().strays(), IsEmpty());
    }
    void order(PartyRole role, Command command, OperationId operation) {
        world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
            exchange.handle_command(
                now, session_of(role),
                {.command = std::move(command), .request_id = {}, .operation = operation}, out);
        });
    }
    // The outcome of an operation on either party; 0 while there is none.
    int outcome(OperationId operation) {
        for (const auto& [key, history] : world().histories()) {
            for (const auto& one : history.operations) {
                if (one.operation == operation && one.status.final) {
                    return one.status.status;
                }
            }
        }
        return 0;
    }
    void hang_up(std::size_t i) {
        world().at_phone([&](lab::PhoneEngine& phone,
                             lab::PhoneOutputs& out) { phone.hang_up(world().now(), out); },
                         i);
    }
    void redirect(PartyRole role, std::size_t to) {
        world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
            exchange.redirect(now, OperationId(8), session_of(role), World::phone_uri(to), out);
        });
    }
};

TEST_F(DirectCallTest, ThePhonesTalkWithoutTheServer) {
    options_.phones[1] = {.ring_after = Milliseconds(100), .answer_after = Milliseconds(1500)};
    start_direct();
    world().run(Seconds(3));
    EXPECT_THAT(stages(),
                ElementsAre(ThirdPartyStage::CallerAnswered, ThirdPartyStage::CalleeCalled,
                            ThirdPartyStage::CalleeRings, ThirdPartyStage::CalleeAnswered));
    expect_talking(0, 1);
    expect_nothing_relayed();
    hang_up(0);
    expect_nothing_left();
    expect_ladder("direct_start");
}

TEST_F(DirectCallTest, ACallerThatNeedsMediaIsOfferedABlackHole) {
    options_.phones[0].needs_media = true;
    connect_directly();
    expect_talking(0, 1);
    expect_nothing_relayed();
    hang_up(1);
    expect_nothing_left();
    expect_ladder("direct_caller_needs_media");
}

TEST_F(DirectCallTest, ACalleeThatNeedsAnOfferGetsABlackHoleAndThenTheCaller) {
    options_.phones[1].needs_media = true;
    connect_directly();
    expect_talking(0, 1);
    expect_nothing_relayed();
    hang_up(1);
    expect_nothing_left();
    expect_ladder("direct_callee_needs_an_offer");
}

TEST_F(DirectCallTest, BothPhonesMayNeedMedia) {
    options_.phones[0].needs_media = true;
    options_.phones[1].needs_media = true;
    connect_directly();
    expect_talking(0, 1);
    expect_nothing_relayed();
}

TEST_F(DirectCallTest, ABusyCalleeLeavesNothing) {
    options_.phones[1].reject = sip::Rejection{.status = 486};
    start_direct();
    world().run(Seconds(2));
    EXPECT_EQ(failure(), "486 Busy Here");
    expect_nothing_left();
    expect_ladder("direct_busy_callee");
}

TEST_F(DirectCallTest, ABusyCallerLeavesNothing) {
    options_.phones[0].reject = sip::Rejection{.status = 486};
    start_direct();
    world().run(Seconds(2));
    EXPECT_EQ(failure(), "failed to establish initial call: 486 Busy Here");
    expect_nothing_left();
}

TEST_F(DirectCallTest, ACallerWhoHangsUpWhileTheCalleeRingsLeavesNothing) {
    options_.phones[0].hang_up_after = Seconds(1);
    options_.phones[1].answer_after = std::nullopt;
    start_direct();
    world().run(Seconds(4));
    EXPECT_EQ(failure(), "the caller hung up");
    expect_nothing_left();
}

TEST_F(DirectCallTest, ACallThatIsCanceledLeavesNothing) {
    options_.phones[1].answer_after = Milliseconds(300);
    // 320: the callee's 200 is on its way; 331: the caller is being told of him.
    for (const int when : {0, 100, 220, 320, 525, 531, 540}) {
        world_.reset();
        start_direct();
        world().run(Milliseconds(when));
        bool canceled = false;
        world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
            canceled = exchange.cancel(now, kStart, out);
        });
        EXPECT_TRUE(canceled || said(ThirdPartyStage::CalleeAnswered)) << when;
        if (!canceled) {
            hang_up(0);
        }
        expect_nothing_left();
    }
}

TEST_F(DirectCallTest, AReInviteThatTheOtherPhoneRefusesChangesNothing) {
    connect_directly();
    world().at_phone(
        [&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
            phone.reoffer(world().now(), sdp::Direction::SendRecv, std::vector<std::string>{"opus"},
                          out);
        },
        1);
    world().run(Seconds(1));
    EXPECT_THAT(ladder_->text(), HasSubstr("server -> bob     488 INVITE"));
    EXPECT_NEAR(heard_by(1), frequency(0), 2);
}

TEST_F(DirectCallTest, HoldingEitherPartySilencesBothAndResumesBoth) {
    connect_directly();
    order(PartyRole::Caller, command::Hold{}, OperationId(8));
    world().run(Seconds(1));
    EXPECT_EQ(outcome(OperationId(8)), 200);
    EXPECT_EQ(heard_by(0), 0);
    EXPECT_EQ(heard_by(1), 0);
    order(PartyRole::Caller, command::Unhold{}, OperationId(9));
    world().run(Seconds(1));
    EXPECT_EQ(outcome(OperationId(9)), 200);
    expect_talking(0, 1);
    expect_nothing_relayed();
    expect_ladder("direct_hold");
}

TEST_F(DirectCallTest, ACallIsHeldUntilNeitherPartyIs) {
    connect_directly();
    order(PartyRole::Caller, command::Hold{}, OperationId(8));
    order(PartyRole::Callee, command::Hold{}, OperationId(9));
    world().run(Seconds(1));
    EXPECT_EQ(outcome(OperationId(8)), 200);
    EXPECT_EQ(outcome(OperationId(9)), 200);
    order(PartyRole::Caller, command::Unhold{}, OperationId(10));
    world().run(Seconds(1));
    EXPECT_EQ(outcome(OperationId(10)), 200);
    EXPECT_EQ(heard_by(0), 0);
    EXPECT_EQ(heard_by(1), 0);
    order(PartyRole::Callee, command::Unhold{}, OperationId(11));
    world().run(Seconds(1));
    expect_talking(0, 1);
}

TEST_F(DirectCallTest, AReInviteOfAPhoneReachesTheOtherOne) {
    connect_directly();
    const auto reoffer = [&](sdp::Direction direction) {
        world().at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
            phone.reoffer(world().now(), direction, std::nullopt, out);
        });
        world().run(Seconds(1));
    };
    reoffer(sdp::Direction::SendOnly);
    EXPECT_EQ(heard_by(0), 0);
    EXPECT_NEAR(heard_by(1), frequency(0), 2);
    reoffer(sdp::Direction::SendRecv);
    expect_talking(0, 1);
    expect_nothing_relayed();
    expect_ladder("direct_phone_holds");
}

TEST_F(DirectCallTest, APhoneThatAsksForAnOfferGetsThatOfTheOtherOne) {
    connect_directly();
    world().at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.ask_for_offer(world().now(), out);
    });
    world().run(Seconds(1));
    expect_talking(0, 1);
    expect_ladder("direct_phone_asks_for_an_offer");
}

TEST_F(DirectCallTest, BothPhonesMayReInviteAtOnce) {
    connect_directly();
    for (const std::size_t i : {0U, 1U}) {
        world().at_phone(
            [&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
                phone.reoffer(world().now(), sdp::Direction::SendRecv, std::nullopt, out);
            },
            i);
    }
    order(PartyRole::Callee, command::Hold{}, OperationId(8));
    world().run(Seconds(10));
    EXPECT_EQ(outcome(OperationId(8)), 200);
    order(PartyRole::Callee, command::Unhold{}, OperationId(9));
    world().run(Seconds(5));
    EXPECT_EQ(outcome(OperationId(9)), 200);
    expect_talking(0, 1);
}

TEST_F(DirectCallTest, APartyIsTransferredByRefer) {
    connect_directly();
    command::Transfer transfer;
    transfer.callee = World::phone_uri(2);
    order(PartyRole::Callee, transfer, OperationId(8));
    world().run(Seconds(4));
    EXPECT_EQ(outcome(OperationId(8)), 200);
    expect_talking(1, 2);
    EXPECT_FALSE(world().phone(0).in_call());
    hang_up(1);
    expect_nothing_left();
    expect_ladder("direct_transfer");
}

TEST_F(DirectCallTest, APartyIsRedirectedWithoutItsHelp) {
    connect_directly();
    redirect(PartyRole::Caller, 2);
    world().run(Seconds(2));
    EXPECT_EQ(world().third_parties().back().status.stage, ThirdPartyStage::CalleeAnswered);
    expect_talking(0, 2);
    EXPECT_FALSE(world().phone(1).in_call());
    expect_nothing_relayed();
    hang_up(2);
    expect_nothing_left();
    expect_ladder("direct_redirect");
}

TEST_F(DirectCallTest, ARedirectionThatFailsLeavesTheCallAsItWas) {
    options_.phones[2].reject = sip::Rejection{.status = 486};
    connect_directly();
    redirect(PartyRole::Caller, 2);
    world().run(Seconds(2));
    EXPECT_EQ(failure(), "486 Busy Here");
    expect_talking(0, 1);
}

TEST_F(DirectCallTest, ARedirectionThatIsCanceledGivesThePartiesBackToEachOther) {
    options_.phones[2] = {.answer_after = Milliseconds(50)};
    for (const int when : {30, 62, 67}) {
        world_.reset();
        connect_directly();
        redirect(PartyRole::Caller, 2);
        world().run(Milliseconds(when));
        world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
            EXPECT_TRUE(exchange.cancel(now, OperationId(8), out)) << when;
        });
        EXPECT_EQ(failure(), "canceled");
        world().run(Seconds(2));
        expect_talking(0, 1);
        EXPECT_FALSE(world().phone(2).in_call());
    }
}

TEST_F(DirectCallTest, PartiesOfTwoCallsAreConnected) {
    options_.phones.resize(4);
    connect_directly();
    const SessionKey first = session_of(PartyRole::Caller);
    start({.caller = World::phone_uri(2),
           .callee = World::phone_uri(3),
           .ring_time = {},
           .headers = {},
           .recorder = {},
           .direct = true});
    world().run(Seconds(2));
    SessionId other;
    for (const auto& [key, history] : world().histories()) {
        if (!history.ended && history.summaries.back().callee == World::phone_uri(3)) {
            other = history.summaries.back().id;
        }
    }
    ladder_->clear();
    world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
        exchange.connect(now, OperationId(8), first, other, out);
    });
    world().run(Seconds(2));
    EXPECT_EQ(world().third_parties().back().status.stage, ThirdPartyStage::CalleeAnswered);
    expect_talking(0, 3);
    EXPECT_FALSE(world().phone(1).in_call());
    EXPECT_FALSE(world().phone(2).in_call());
    expect_nothing_relayed();
    hang_up(0);
    expect_nothing_left();
    expect_ladder("direct_connect");
}

TEST_F(DirectCallTest, WhatNeedsTheAudioIsRefusedAndTheCallGoesOn) {
    connect_directly();
    command::Play play;
    play.url = "tone.wav";
    command::Dtmf keys;
    keys.digits = "1";
    const std::vector<Command> commands = {play, keys, command::Record{}, command::Mute{}};
    std::uint64_t operation = 20;
    for (const Command& one : commands) {
        order(PartyRole::Caller, one, OperationId(++operation));
        EXPECT_EQ(outcome(OperationId(operation)), 501);
    }
    expect_talking(0, 1);
}

TEST_F(DirectCallTest, ASessionOfAThirdPartyNamesNoMediaOfOurs) {
    std::vector<std::string> bodies;
    connect_directly();
    for (const auto& message : world().wire()) {
        if (message.datagram.from.ip.to_string() == "192.0.2.1" &&
            message.datagram.bytes.find("m=audio") != std::string::npos) {
            EXPECT_THAT(message.datagram.bytes, Not(HasSubstr("c=IN IP4 192.0.2.1\r")));
            // RFC 3725 4.4: the origin is the controller's in each dialog.
            EXPECT_THAT(message.datagram.bytes, HasSubstr(" IN IP4 192.0.2.1\r"));
            bodies.push_back(message.datagram.bytes);
        }
    }
    EXPECT_EQ(bodies.size(), 2U);
}

TEST_F(DirectCallTest, TheListSaysThatTheMediaIsDirect) {
    connect_directly();
    EXPECT_TRUE(world().history(session_of(PartyRole::Caller)).summaries.back().direct);
    EXPECT_TRUE(world().history(session_of(PartyRole::Callee)).summaries.back().direct);
}

}  // namespace
}  // namespace patchbay::test
