// SPDX-License-Identifier: Apache-2.0
// Calls between two phones that a third party asks for: RFC 3725.
#include "call/third_party.hpp"
#include "support/sound.hpp"
#include "support/third_party_test.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

TEST_F(ThirdPartyTest, TheCallerIsCalledAndThenTheCalleeAndTheyTalk) {
    options_.phones[1] = {.ring_after = Milliseconds(100), .answer_after = Milliseconds(1500)};
    start();
    world().run(Seconds(3));
    EXPECT_THAT(stages(),
                ElementsAre(ThirdPartyStage::CallerAnswered, ThirdPartyStage::CalleeCalled,
                            ThirdPartyStage::CalleeRings, ThirdPartyStage::CalleeAnswered));
    expect_talking(0, 1);
    world().at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.hang_up(world().now(), out);
    });
    expect_nothing_left();
    expect_ladder("third_party_start");
}

TEST_F(ThirdPartyTest, TheCallerHearsRingingWhileTheCalleeRings) {
    options_.phones[1] = {.answer_after = std::nullopt};
    start();
    world().run(Seconds(1));
    const double heard = heard_by(0);
    EXPECT_TRUE(std::abs(heard - 440) < 3 || std::abs(heard - 480) < 3) << heard;
}

TEST_F(ThirdPartyTest, TheCallerHearsEarlyMediaOfTheCallee) {
    options_.phones[1] = {.answer_after = std::nullopt, .early_media = true};
    world().phone(1).set_echo(true);
    start();
    world().run(Seconds(1));
    EXPECT_NEAR(heard_by(0), frequency(0), 2) << ladder_->text();
}

TEST_F(ThirdPartyTest, ABusyCallerFailsTheCallAndNobodyElseIsCalled) {
    options_.phones[0].reject = sip::Rejection{.status = 486};
    start();
    world().run(Seconds(2));
    EXPECT_EQ(failure(), "failed to establish initial call: 486 Busy Here");
    expect_nothing_left();
    expect_ladder("third_party_busy_caller");
}

TEST_F(ThirdPartyTest, ABusyCalleeFailsTheCallAndTheCallerIsHungUp) {
    options_.phones[1].reject = sip::Rejection{.status = 486};
    start();
    world().run(Seconds(2));
    EXPECT_EQ(failure(), "486 Busy Here");
    expect_nothing_left();
    expect_ladder("third_party_busy_callee");
}

TEST_F(ThirdPartyTest, ACalleeWhoDoesNotAnswerIsGivenUpAfterTheRingTime) {
    options_.phones[1].answer_after = std::nullopt;
    start({.ring_time = Seconds(5)});
    world().run(Seconds(8));
    EXPECT_EQ(failure(), "408 Request Timeout");
    expect_nothing_left();
    expect_ladder("third_party_no_answer");
}

TEST_F(ThirdPartyTest, ACallerWhoDoesNotAnswerIsGivenUpAfterTheRingTime) {
    options_.phones[0].answer_after = std::nullopt;
    start({.ring_time = Seconds(5)});
    world().run(Seconds(8));
    EXPECT_EQ(failure(), "failed to establish initial call: 408 Request Timeout");
    expect_nothing_left();
}

TEST_F(ThirdPartyTest, ACallerWhoHangsUpWhileTheCalleeRingsCancelsTheCall) {
    options_.phones[0].hang_up_after = Seconds(1);
    options_.phones[1].answer_after = std::nullopt;
    start();
    world().run(Seconds(4));
    EXPECT_EQ(failure(), "the caller hung up");
    expect_nothing_left();
    expect_ladder("third_party_caller_hangs_up");
}

TEST_F(ThirdPartyTest, ACallThatIsCanceledLeavesNothing) {
    options_.phones[1].answer_after = std::nullopt;
    for (const Milliseconds when : {Milliseconds(0), Milliseconds(100), Milliseconds(1000)}) {
        world_.reset();
        start();
        world().run(when);
        world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
            EXPECT_TRUE(exchange.cancel(now, kStart, out));
            EXPECT_FALSE(exchange.cancel(now, kStart, out));
        });
        EXPECT_EQ(failure(), "canceled");
        expect_nothing_left();
    }
}

TEST_F(ThirdPartyTest, WhoIsNotReachableAtAllIsSaidAtOnce) {
    start({.caller = "030 1234"});
    EXPECT_EQ(failure(), "404 no route");
    start({.callee = "030 1234"});
    world().run(Seconds(2));
    EXPECT_EQ(failure(), "404 no route");
    start({.caller = "no uri"});
    EXPECT_THAT(failure(), HasSubstr("400"));
    expect_nothing_left();
}

TEST_F(ThirdPartyTest, NamesAndHeadersAreOnBothInvites) {
    std::vector<std::string> invites;
    world().on_send = [&](const Datagram& datagram) {
        if (datagram.bytes.starts_with("INVITE")) {
            invites.push_back(datagram.bytes);
        }
    };
    start({.caller_name = "Ann",
           .callee_name = "Ben",
           .ring_time = {},
           .headers = {{"X-Ticket", "7"}}});
    world().run(Seconds(2));
    ASSERT_EQ(invites.size(), 2U);
    EXPECT_THAT(invites[0],
                AllOf(HasSubstr("From: Ben <sip:bob@192.0.2.11>"), HasSubstr("X-Ticket: 7")));
    EXPECT_THAT(invites[1],
                AllOf(HasSubstr("From: Ann <sip:bob@192.0.2.10>"), HasSubstr("X-Ticket: 7")));
}

TEST_F(ThirdPartyTest, TheCallIsRecorded) {
    start({.ring_time = {}, .headers = {}, .recorder = RecorderOption{}});
    world().run(Seconds(3));
    const auto recording = world().history(session_of(PartyRole::Caller)).recording;
    ASSERT_TRUE(recording);
    const auto last = [](const Samples& all) {
        return frequency_of(std::span(all).last(std::min<std::size_t>(all.size(), 8000)));
    };
    EXPECT_NEAR(last(recording->left), frequency(0), 2);
    EXPECT_NEAR(last(recording->right), frequency(1), 2);
}

TEST_F(ThirdPartyTest, EachPartyNamesTheOther) {
    connect_two();
    const auto caller = session_of(PartyRole::Caller);
    const auto callee = session_of(PartyRole::Callee);
    EXPECT_EQ(world().history(caller).summaries.back().partner,
              world().history(callee).summaries.back().id);
    EXPECT_EQ(world().history(callee).summaries.back().partner,
              world().history(caller).summaries.back().id);
}

TEST_F(ThirdPartyTest, APartyOnHoldHearsNothingAndIsHeardAgainAfterwards) {
    connect_two();
    const SessionKey caller = session_of(PartyRole::Caller);
    world().command(caller, command::Hold{});
    world().run(Seconds(1));
    EXPECT_EQ(heard_by(0), 0);
    EXPECT_EQ(heard_by(1), 0);
    world().command(caller, command::Unhold{});
    world().run(Seconds(1));
    expect_talking(0, 1);
    expect_ladder("third_party_hold");
}

TEST_F(ThirdPartyTest, APartyIsRedirectedToSomebodyElseWithoutItsHelp) {
    connect_two();
    world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
        exchange.redirect(now, OperationId(8), session_of(PartyRole::Caller), World::phone_uri(2),
                          out);
    });
    world().run(Seconds(2));
    EXPECT_EQ(world().third_parties().back().status.stage, ThirdPartyStage::CalleeAnswered);
    expect_talking(0, 2);
    EXPECT_FALSE(world().phone(1).in_call());
    world().at_phone(
        [&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) { phone.hang_up(world().now(), out); },
        2);
    expect_nothing_left();
    expect_ladder("third_party_redirect");
}

TEST_F(ThirdPartyTest, ARedirectionThatFailsLeavesTheCallAsItWas) {
    options_.phones[2].reject = sip::Rejection{.status = 486};
    connect_two();
    world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
        exchange.redirect(now, OperationId(8), session_of(PartyRole::Caller), World::phone_uri(2),
                          out);
    });
    world().run(Seconds(2));
    EXPECT_EQ(failure(), "486 Busy Here");
    expect_talking(0, 1);
}

TEST_F(ThirdPartyTest, WhoHangsUpDuringARedirectionEndsIt) {
    options_.phones[2].answer_after = std::nullopt;
    connect_two();
    world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
        exchange.redirect(now, OperationId(8), session_of(PartyRole::Caller), World::phone_uri(2),
                          out);
    });
    world().run(Seconds(1));
    world().at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.hang_up(world().now(), out);
    });
    world().run(Seconds(1));
    EXPECT_EQ(failure(), "the caller hung up");
    expect_nothing_left();
}

}  // namespace
}  // namespace patchbay::test
