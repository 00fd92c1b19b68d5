// SPDX-License-Identifier: Apache-2.0
// A bridge between WhatsApp and a PBX, with the side `loopback`: phone 1 of the PBX calls a number,
// which rings at phone 0 of the PBX.
#include "bridge/plan.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

namespace patchbay::test {
namespace {

using testing::Contains;
using testing::HasSubstr;

const std::string kNumber = "+5511987654321";

class WhatsAppBridge : public testing::Test {
  protected:
    WhatsAppBridge() {
        options_.phones = {{}, {}};
        settings_.enabled = true;
        settings_.sip_server = "192.0.2.10";
        settings_.provider = "loopback";
    }
    World& world() {
        if (!world_) {
            options_.exchange.services.quota = &quota_;
            world_.emplace(options_);
            configure();
        }
        return *world_;
    }
    // As often as a test likes, also while calls run.
    void configure() {
        bridge::Plan plan = bridge::plan_of({{"default", settings_}});
        call::NeighbourConfig config{.trunks = std::move(plan.trunks),
                                     .routes = std::move(plan.routes),
                                     .doors = {},
                                     .accounts = {}};
        call::NeighbourDoor door;
        door.local = {IpAddress::v4(192, 0, 2, 1), 5060};
        door.trunk = bridge::names_of("default").pbx;
        door.draining = !settings_.enabled;
        config.doors.push_back(std::move(door));
        world_->at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            exchange.replace_neighbours(now, std::move(config), out);
        });
    }
    void call(const std::string& number = kNumber, Nanoseconds time = Seconds(2)) {
        world().phone(0).play(tone(440));
        world().phone(1).play(tone(620));
        world().phone_calls(number, 1);
        world().run(time);
    }
    static std::unique_ptr<media::FrameSource> tone(double frequency) {
        return std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = frequency, .level = -20});
    }
    double heard_by(std::size_t phone) {
        const auto& sound = world().phone_audio(phone).left;
        const auto found = media::find_tone(std::span(sound).last(8000), 16000);
        return found ? found->frequency : 0;
    }
    void hang_up(std::size_t phone) {
        world().at_phone([&](lab::PhoneEngine& engine,
                             lab::PhoneOutputs& out) { engine.hang_up(world().now(), out); },
                         phone);
        world().run(Seconds(1));
    }
    template <class E>
    std::size_t count(std::size_t phone) {
        return static_cast<std::size_t>(std::ranges::count_if(
            world().phone_events(phone),
            [](const lab::PhoneEvent& event) { return std::holds_alternative<E>(event); }));
    }
    int refusal() {
        for (const lab::PhoneEvent& event : world().phone_events(1)) {
            if (const auto* rejected = std::get_if<lab::PhoneRejected>(&event)) {
                return rejected->status;
            }
        }
        return 0;
    }
    std::string keys_of(std::size_t phone) {
        std::string keys;
        for (const lab::PhoneEvent& event : world().phone_events(phone)) {
            if (const auto* digit = std::get_if<lab::PhoneDigit>(&event)) {
                keys += digit->digit;
            }
        }
        return keys;
    }
    void expect_nothing_left() {
        EXPECT_EQ(world().exchange().session_count(), 0U);
        EXPECT_EQ(world().open_ports(), 0U);
        EXPECT_EQ(quota_.count("trunk bridge/default/pbx"), 0U);
    }
    call::RouteUse use() {
        const auto& uses = world().exchange().route_uses();
        const auto found = uses.find("bridge/default/to-pbx");
        return found == uses.end() ? call::RouteUse{} : found->second;
    }

    WorldOptions options_;
    bridge::Settings settings_;
    call::LocalCallQuota quota_;
    std::optional<World> world_;
};

TEST_F(WhatsAppBridge, TonesAreHeardBothWaysAndTheCallIsCounted) {
    call();
    EXPECT_NEAR(heard_by(0), 620, 2);
    EXPECT_NEAR(heard_by(1), 440, 2);
    EXPECT_THAT(world().ladder(), Contains("> INVITE sip:+5511987654321@192.0.2.10 SIP/2.0"));
    // One count for the way in, one for the way out.
    EXPECT_EQ(quota_.count("trunk bridge/default/pbx"), 2U);
    hang_up(1);
    expect_nothing_left();
    EXPECT_EQ(use().begun, 1U);
    EXPECT_EQ(use().answered, 1U);
    EXPECT_EQ(use().failed, 0U);
    EXPECT_EQ(use().last_status, 200);
}

TEST_F(WhatsAppBridge, KeysPassBothWaysOnceEach) {
    call();
    for (const std::size_t phone : {std::size_t{0}, std::size_t{1}}) {
        world().at_phone(
            [](lab::PhoneEngine& engine, lab::PhoneOutputs&) { ASSERT_TRUE(engine.press("12#")); },
            phone);
        world().run(Seconds(2));
    }
    EXPECT_EQ(keys_of(0), "12#");
    EXPECT_EQ(keys_of(1), "12#");
}

TEST_F(WhatsAppBridge, TheExtensionRingsInTheNumbersPlace) {
    settings_.sip_extension = "1001";
    call();
    EXPECT_THAT(world().ladder(), Contains("> INVITE sip:1001@192.0.2.10 SIP/2.0"));
}

TEST_F(WhatsAppBridge, EitherSideHangsUpAndNothingIsLeft) {
    for (const std::size_t phone : {std::size_t{0}, std::size_t{1}}) {
        call();
        hang_up(phone);
        EXPECT_EQ(count<lab::PhoneEnded>(0), phone + 1);
        EXPECT_EQ(count<lab::PhoneEnded>(1), phone + 1);
        expect_nothing_left();
    }
}

TEST_F(WhatsAppBridge, ACallerWhoGivesUpWhileItRingsCancelsAndIsNoFailure) {
    options_.phones[0].answer_after = std::nullopt;
    call();
    hang_up(1);
    EXPECT_THAT(world().ladder(), Contains(HasSubstr("> CANCEL ")));
    expect_nothing_left();
    EXPECT_EQ(use().failed, 0U);
}

TEST_F(WhatsAppBridge, BusyIsBusy) {
    options_.phones[0].reject = sip::Rejection{486, {}, {}};
    call();
    EXPECT_EQ(refusal(), 486);
    expect_nothing_left();
    EXPECT_EQ(use().last_status, 486);
}

TEST_F(WhatsAppBridge, NobodyAnswersIs408AndThePbxIsToldToStop) {
    options_.phones[0].answer_after = std::nullopt;
    call(kNumber, Seconds(200));
    EXPECT_EQ(refusal(), 408);
    EXPECT_THAT(world().ladder(), Contains(HasSubstr("> CANCEL ")));
    expect_nothing_left();
}

TEST_F(WhatsAppBridge, APbxThatIsNotThereIsAFailureThatIsRemembered) {
    settings_.sip_server = "192.0.2.99";
    call(kNumber, Seconds(40));
    EXPECT_NE(refusal(), 0);
    expect_nothing_left();
    EXPECT_EQ(use().failed, 1U);
    EXPECT_THAT(use().last_status, testing::AnyOf(408, 503));
}

TEST_F(WhatsAppBridge, WhatIsNoNumberIsNotFoundEvenABuiltInParty) {
    for (const char* callee : {"echo", "anna", "123"}) {
        world_.reset();
        call(callee);
        EXPECT_EQ(refusal(), 404) << callee;
    }
}

TEST_F(WhatsAppBridge, AnotherConfigurationChangesNoCallInProgress) {
    call();
    settings_.sip_server = "192.0.2.99";
    settings_.sip_pass = Secret<std::string>("new");
    settings_.sip_user = "new";
    configure();
    world().run(Seconds(1));
    settings_.enabled = false;
    configure();
    world().run(Seconds(2));
    EXPECT_NEAR(heard_by(0), 620, 2);
    EXPECT_NEAR(heard_by(1), 440, 2);
    hang_up(0);
    EXPECT_EQ(count<lab::PhoneEnded>(1), 1U);
    expect_nothing_left();
}

TEST_F(WhatsAppBridge, ADisabledBridgeTakesNoNewCalls) {
    settings_.enabled = false;
    call();
    EXPECT_EQ(refusal(), 503);
}

}  // namespace
}  // namespace patchbay::test
