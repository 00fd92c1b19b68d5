// SPDX-License-Identifier: Apache-2.0
// Within a call with WhatsApp by Graph API: hold, keys, transfer and bots. All of it is done on our
// side: Meta describes a call once, and ends one that is silent.
#include "support/graph_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::test {
namespace {

using bridge::graph::ActionKind;
using bridge::graph::Terminate;
using testing::Contains;
using testing::HasSubstr;

class CallOfAUser : public AUserCalls {
  protected:
    void establish() {
        notice(connect());
        go(Milliseconds(200));
        expect_both_hear();
    }
    void reoffer(sdp::Direction direction) {
        world.at_phone([&](auto& phone, auto& out) {
            phone.reoffer(world.now(), direction, std::nullopt, out);
        });
    }
    std::size_t refusals_of(std::string_view method) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(world.ladder(), [&](const std::string& line) {
                return line.starts_with("> SIP/2.0 4") && line.ends_with(method);
            }));
    }
    std::string keys_of_phone() {
        std::string keys;
        for (const lab::PhoneEvent& event : world.phone_events(0)) {
            if (const auto* digit = std::get_if<lab::PhoneDigit>(&event)) {
                keys += digit->digit;
            }
        }
        return keys;
    }
    // From now on the bridge calls phone 1.
    void pbx_moves() {
        bridge::Settings settings = graph_settings();
        settings.sip_server = "192.0.2.11";
        configure(settings);
    }
    void refer(const char* target) {
        world.at_phone([&](auto& phone, auto& out) {
            phone.transfer(world.now(), *sip::Uri::parse(target), std::nullopt, out);
        });
        go(Seconds(2));
    }
    std::optional<int> transferred() {
        for (const lab::PhoneEvent& event : world.phone_events(0)) {
            if (const auto* done = std::get_if<lab::PhoneTransferred>(&event)) {
                return done->status;
            }
        }
        return std::nullopt;
    }
    // The session of WhatsApp's leg, or of the PBX's.
    call::SessionKey session_of(std::string_view trunk) {
        for (const auto& [key, history] : world.histories()) {
            if (!history.ended && !history.summaries.empty() &&
                history.summaries.back().trunk == trunk) {
                return key;
            }
        }
        return {};
    }
    call::SessionKey whatsapp_leg() { return session_of("bridge/default/whatsapp"); }
};

TEST_F(CallOfAUser, AHoldOfThePbxIsAnsweredHereAndSilenceNeverEndsTheCall) {
    establish();
    for (const auto direction : {sdp::Direction::SendOnly, sdp::Direction::Inactive}) {
        reoffer(direction);
        go(Seconds(40));  // longer than Meta bears silence, twice
        EXPECT_TRUE(world.phone(0).in_call());
        expect_rules_kept();
    }
    EXPECT_EQ(user.hears(), 0);
    reoffer(sdp::Direction::SendRecv);
    expect_both_hear();
    EXPECT_THAT(world.ladder(), testing::Not(Contains(HasSubstr(" 488 "))));
    expect_rules_kept();
    pbx_hangs_up();
    expect_nothing_left();
}

TEST_F(CallOfAUser, MusicOfAPbxThatHoldsIsHeardByTheUser) {
    establish();
    reoffer(sdp::Direction::SendOnly);
    go(Seconds(3));
    EXPECT_NEAR(user.hears(), 440, 5) << "what the PBX plays to who is held";
    expect_rules_kept();
}

TEST_F(CallOfAUser, KeysPassBothWaysOnceEach) {
    establish();
    user.press("12#");
    go(Seconds(2));
    EXPECT_EQ(keys_of_phone(), "12#");
    world.at_phone([](lab::PhoneEngine& phone, auto&) { ASSERT_TRUE(phone.press("7*")); });
    go(Seconds(2));
    EXPECT_EQ(user.digits, "7*");
    expect_rules_kept();
}

TEST_F(CallOfAUser, AnAgentHandsTheUserOnToAnotherExtension) {
    establish();
    pbx_moves();
    refer("sip:1002@pbx.example.com");
    EXPECT_EQ(transferred(), 200);
    EXPECT_FALSE(world.phone(0).in_call());
    EXPECT_THAT(world.ladder(), Contains("> INVITE sip:1002@192.0.2.11 SIP/2.0"));
    expect_both_hear(1);
    expect_rules_kept();
    notice(Terminate{.id = kId});
    go(Seconds(1));
    EXPECT_FALSE(world.phone(1).in_call());
    expect_nothing_left();
}

TEST_F(CallOfAUser, ATransferThatNobodyTakesLeavesTheCallAsItWas) {
    establish();
    bridge::Settings settings = graph_settings();
    settings.sip_server = "192.0.2.99";
    configure(settings);
    world.at_phone([&](auto& phone, auto& out) {
        phone.transfer(world.now(), *sip::Uri::parse("sip:1002@192.0.2.10"), std::nullopt, out);
    });
    go(Seconds(40));
    EXPECT_THAT(transferred(), testing::Optional(testing::Ge(400)));
    expect_both_hear();
    expect_rules_kept();
}

// Who hangs up once his REFER is accepted leaves the user to whom he named.
TEST_F(CallOfAUser, AnAgentWhoHangsUpAtOnceHandsTheUserOnAllTheSame) {
    establish();
    pbx_moves();
    world.at_phone([&](auto& phone, auto& out) {
        phone.transfer(world.now(), *sip::Uri::parse("sip:1002@192.0.2.10"), std::nullopt, out);
    });
    go(Milliseconds(30));
    world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); });
    expect_both_hear(1);
    expect_rules_kept();
}

TEST_F(CallOfAUser, TheCallApiHoldsAndTakesBackWithoutAWordToMeta) {
    establish();
    const call::SessionKey leg = whatsapp_leg();
    world.command(leg, call::command::Hold{});
    go(Seconds(40));
    EXPECT_EQ(user.hears(), 0);
    EXPECT_TRUE(world.phone(0).in_call());
    world.command(leg, call::command::Unhold{});
    expect_both_hear();
    EXPECT_EQ(world.all<call::event::Error>(leg).size(), 0U);
    expect_rules_kept();
}

TEST_F(CallOfAUser, TheCallApiHandsTheUserOnToAnotherExtension) {
    establish();
    world.at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
        exchange.redirect(now, call::OperationId(8), whatsapp_leg(), World::phone_uri(1), out);
    });
    go(Seconds(2));
    EXPECT_FALSE(world.phone(0).in_call());
    expect_both_hear(1);
    expect_rules_kept();
    notice(Terminate{.id = kId});
    go(Seconds(1));
    EXPECT_FALSE(world.phone(1).in_call());
    expect_nothing_left();
}

// Meta answers none: who asks is told, and may do it by another way.
TEST_F(CallOfAUser, NoReferLeavesForMeta) {
    establish();
    const call::SessionKey leg = whatsapp_leg();
    call::command::Transfer transfer;
    transfer.callee = World::phone_uri(1);
    world.command(leg, transfer);
    expect_both_hear();
    EXPECT_EQ(world.all<call::event::Error>(leg).size(), 1U);
    expect_rules_kept();
}

TEST_F(CallOfAUser, ABotAnswersAndTheUserHearsItSpeak) {
    bridge::Settings settings = graph_settings();
    settings.sip_server.clear();
    configure(settings);
    notice(connect());
    go(Milliseconds(200));
    ASSERT_FALSE(world.offered().empty());
    const call::SessionKey bot = world.adopt();
    world.command(bot, call::command::Accept{});
    go(Milliseconds(200));
    world.add_file("hello.wav", [] {
        return std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 520, .level = -20});
    });
    world.command(bot, call::command::Play{.url = "hello.wav"});
    go(Seconds(2));
    EXPECT_NEAR(user.hears(), 520, 5);
    user.press("5");
    go(Seconds(1));
    ASSERT_EQ(world.all<call::event::Dtmf>(bot).size(), 1U);
    world.command(bot, call::command::Hangup{});
    go(Seconds(1));
    EXPECT_EQ(kinds().back(), ActionKind::Terminate);
    expect_rules_kept();
    expect_nothing_left();
}

}  // namespace
}  // namespace patchbay::test
