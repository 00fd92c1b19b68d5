// SPDX-License-Identifier: Apache-2.0
// Calls between two phones that a third party asks for: RFC 3725.
#include "call/third_party.hpp"
#include "media/tone.hpp"
#include "support/approval.hpp"
#include "support/sip_ladder.hpp"
#include "support/sound.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr OperationId kStart{7};

// Phone 0 is alice, who says 400 Hz; phone 1 is bob, who says 700 Hz; phone 2 is carol with 1000.
class ThirdPartyTest : public testing::Test {
  protected:
    ThirdPartyTest() { options_.phones = {{}, {}, {}}; }

    World& world() {
        if (!world_) {
            world_.emplace(options_);
            ladder_.emplace(*world_, std::map<std::string, std::string>{{"192.0.2.1", "server"},
                                                                        {"192.0.2.10", "alice "},
                                                                        {"192.0.2.11", "bob   "},
                                                                        {"192.0.2.12", "carol "}});
            for (std::size_t i = 0; i < options_.phones.size(); ++i) {
                world_->phone(i).play(std::make_unique<media::ToneSource>(
                    media::ToneSpec{.frequency = frequency(i)}));
            }
        }
        return *world_;
    }
    static double frequency(std::size_t phone) { return 400 + 300 * static_cast<double>(phone); }

    void start(ThirdPartyRequest request = {}) {
        if (request.caller.empty()) {
            request.caller = World::phone_uri(0);
        }
        if (request.callee.empty()) {
            request.callee = World::phone_uri(1);
        }
        world().at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
            exchange.start_call(now, kStart, request, out);
        });
    }
    void connect_two() {
        start();
        world().run(Seconds(2));
        ASSERT_TRUE(said(ThirdPartyStage::CalleeAnswered));
    }
    bool said(ThirdPartyStage stage) {
        const auto& all = world().third_parties();
        return std::any_of(all.begin(), all.end(),
                           [&](const auto& one) { return one.status.stage == stage; });
    }
    std::vector<ThirdPartyStage> stages() {
        std::vector<ThirdPartyStage> all;
        for (const auto& one : world().third_parties()) {
            all.push_back(one.status.stage);
        }
        return all;
    }
    std::string failure() {
        const auto& last = world().third_parties().back().status;
        return last.stage == ThirdPartyStage::Failed ? last.reason : "";
    }
    // The session of the party that phone i is.
    SessionKey session_of(PartyRole role) {
        for (const auto& [key, history] : world().histories()) {
            if (!history.summaries.empty() && history.summaries.back().role == role &&
                !history.ended) {
                return key;
            }
        }
        return {};
    }
    // What phone i hears in the next half second.
    double heard_by(std::size_t i) {
        world().run(Milliseconds(200));
        const std::size_t begin = world().phone_audio(i).left.size();
        world().run(Milliseconds(500));
        const auto& all = world().phone_audio(i).left;
        return frequency_of(std::span(all).subspan(begin));
    }
    void expect_talking(std::size_t a, std::size_t b) {
        EXPECT_NEAR(heard_by(a), frequency(b), 2);
        EXPECT_NEAR(heard_by(b), frequency(a), 2);
    }
    void expect_nothing_left() {
        world().run(Seconds(40));
        EXPECT_EQ(world().exchange().session_count(), 0U);
        EXPECT_EQ(world().open_ports(), 0U);
        for (std::size_t i = 0; i < options_.phones.size(); ++i) {
            EXPECT_FALSE(world().phone(i).in_call()) << i;
        }
        EXPECT_THAT(world().broken(), IsEmpty());
    }
    void expect_ladder(const std::string& name) {
        EXPECT_TRUE(is_approved("tests/golden/ladders/" + name + ".txt", ladder_->text()));
    }

    WorldOptions options_;
    std::optional<World> world_;
    std::optional<SipLadder> ladder_;
};

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
