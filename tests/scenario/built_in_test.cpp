// SPDX-License-Identifier: Apache-2.0
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;

std::span<const std::int16_t> last_second(const std::vector<std::int16_t>& samples) {
    return std::span(samples).last(16000);
}

TEST(BuiltIn, EchoSendsBackWhatItHears) {
    World world;
    world.phone().play(
        std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 620, .level = -20}));
    world.phone_calls("echo");
    world.run(Seconds(3));
    ASSERT_TRUE(world.phone().is_answered());
    const auto tone = media::find_tone(last_second(world.phone_audio().left), 16000);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 620, 2);
    EXPECT_NEAR(tone->level, -20, 1);
}

TEST(BuiltIn, WhatIsPlayedIntoAnEchoIsHeardInItsPlaceUntilItEnds) {
    World world;
    world.phone().play(
        std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 620, .level = -20}));
    world.phone_calls("echo");
    world.run(Seconds(2));
    world.command(world.last_session(), command::Play{.url = "tone.wav"});
    world.run(Seconds(2));
    auto tone = media::find_tone(last_second(world.phone_audio().left), 16000);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 440, 2);
    world.command(world.last_session(), command::Interrupt{});
    world.run(Seconds(2));
    tone = media::find_tone(last_second(world.phone_audio().left), 16000);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 620, 2);
}

TEST(BuiltIn, ToneIs440HertzUntilTheCallerHangsUp) {
    World world;
    world.phone_calls("tone");
    world.run(Seconds(20));
    const auto tone = media::find_tone(last_second(world.phone_audio().left), 16000);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 440, 2);
    world.at_phone(
        [&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) { phone.hang_up(world.now(), out); });
    world.run(Seconds(1));
    EXPECT_EQ(world.all<event::Hangup>(world.last_session()).front().reason, "byCaller");
    EXPECT_EQ(world.exchange().session_count(), 0U);
}

TEST(BuiltIn, DemoSpeaksPlaysAToneAndHangsUp) {
    WorldOptions options;
    options.exchange.demo_text = "one two three";
    World world(options);
    world.phone_calls("demo");
    world.run(Seconds(5));
    const SessionKey call = world.last_session();
    EXPECT_THAT(world.story(call),
                ElementsAre("incoming", "trackStart", "answer", "trackStart", "trackEnd",
                            "trackStart", "trackEnd", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Hangup>(call).front().reason, "autohangup");
    EXPECT_FALSE(world.phone().in_call());
}

TEST(BuiltIn, AnybodyElseIsUnknown) {
    World world;
    world.phone_calls("nobody");
    world.run(Seconds(1));
    ASSERT_EQ(world.phone_events().size(), 1U);
    const auto* rejected = std::get_if<lab::PhoneRejected>(&world.phone_events().front());
    ASSERT_NE(rejected, nullptr);
    EXPECT_EQ(rejected->status, 404);
    EXPECT_EQ(world.exchange().session_count(), 0U);
}

TEST(BuiltIn, IncomingCallsAreListed) {
    World world;
    world.phone_calls("tone");
    world.run(Seconds(1));
    const auto& summaries = world.history(world.last_session()).summaries;
    ASSERT_FALSE(summaries.empty());
    EXPECT_TRUE(summaries.back().incoming);
    EXPECT_EQ(summaries.back().state, LegState::Answered);
    EXPECT_EQ(summaries.back().callee, "sip:tone@192.0.2.1");
    EXPECT_TRUE(world.exchange().find(summaries.back().id));
}

TEST(BuiltIn, TheCallerMayGiveUpAtAnyMoment) {
    for (Milliseconds after{0}; after < Milliseconds(60); after += Milliseconds(3)) {
        World world;
        world.phone_calls("tone");
        world.run(after);
        world.at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
            phone.hang_up(world.now(), out);
        });
        world.run(Seconds(40));
        EXPECT_EQ(world.exchange().session_count(), 0U) << after.count();
        EXPECT_EQ(world.open_ports(), 0U) << after.count();
    }
}

TEST(BuiltIn, WithoutACodecInCommonTheAnswerIs488) {
    WorldOptions options;
    options.phone_codecs = {"G722"};
    options.exchange.codecs = {"PCMU"};
    World world(options);
    world.phone_calls("echo");
    world.run(Seconds(1));
    const auto* rejected = std::get_if<lab::PhoneRejected>(&world.phone_events().back());
    ASSERT_NE(rejected, nullptr);
    EXPECT_EQ(rejected->status, 488);
    EXPECT_EQ(world.open_ports(), 0U);
}

}  // namespace
}  // namespace patchbay::test
