// SPDX-License-Identifier: Apache-2.0
#include "media/level.hpp"
#include "media/memory_source.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;

SessionKey recorded_call(World& world, std::optional<std::string> codec = std::nullopt) {
    CallOption option;
    option.recorder = RecorderOption{};
    option.codec = std::move(codec);
    const SessionKey call = world.dial(option);
    EXPECT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    return call;
}

std::unique_ptr<media::FrameSource> tone(double frequency, double level = -13) {
    return std::make_unique<media::ToneSource>(
        media::ToneSpec{.frequency = frequency, .level = level});
}

media::ToneMeasurement measured(const std::vector<std::int16_t>& samples) {
    const auto found = media::find_tone(std::span(samples).last(32000), 16000);
    return found.value_or(media::ToneMeasurement{});
}

TEST(Audio, BothSidesAreHeardAndRecordedInTheirChannels) {
    for (const std::string codec : {"pcmu", "pcma", "g722"}) {
        World world;
        world.phone().play(tone(620));
        const SessionKey call = recorded_call(world, codec);
        world.command(call, command::Play{.url = "tone.wav"});
        world.run(Seconds(4));
        EXPECT_NEAR(measured(world.phone_audio().left).frequency, 440, 2) << codec;
        EXPECT_NEAR(measured(world.phone_audio().left).level, -13, 1) << codec;
        const auto& recording = *world.history(call).recording;
        EXPECT_NEAR(measured(recording.left).frequency, 620, 2) << codec;
        EXPECT_NEAR(measured(recording.left).level, -13, 1) << codec;
        EXPECT_NEAR(measured(recording.right).frequency, 440, 2) << codec;
    }
}

TEST(Audio, ATonePassesALossyNetworkWithItsFrequencyAndLevel) {
    WorldOptions options;
    options.media = {
        .loss = 0.05, .reorder = 0.02, .delay = Milliseconds(20), .jitter = Milliseconds(20)};
    World world(options);
    world.phone().play(tone(620));
    const SessionKey call = recorded_call(world);
    world.command(call, command::Play{.url = "tone.wav"});
    world.run(Seconds(10));
    EXPECT_NEAR(measured(world.phone_audio().left).frequency, 440, 3);
    EXPECT_NEAR(measured(world.phone_audio().left).level, -13, 2);
    EXPECT_NEAR(measured(world.history(call).recording->left).frequency, 620, 3);
    EXPECT_NEAR(measured(world.history(call).recording->left).level, -13, 2);
}

TEST(Audio, TheRecordingIsAsLongAsTheCall) {
    World world;
    const SessionKey call = recorded_call(world);
    world.run(Seconds(30));
    world.command(call, command::Hangup{});
    const auto samples = world.history(call).recording->left.size();
    EXPECT_NEAR(static_cast<double>(samples), 30 * 16000.0, 640);
    EXPECT_EQ(world.history(call).recording->right.size(), samples);
}

TEST(Audio, EveryKeyIsOneEventAtOnceEvenTwoEqualOnesInARow) {
    World world;
    const SessionKey call = recorded_call(world);
    ASSERT_TRUE(world.phone().press("11#*0D"));
    world.run(Seconds(4));
    std::string digits;
    for (const event::Dtmf& dtmf : world.all<event::Dtmf>(call)) {
        EXPECT_EQ(dtmf.track_id, TrackId("call"));
        digits += dtmf.digit;
    }
    EXPECT_EQ(digits, "11#*0D");
}

TEST(Audio, KeysSurviveLossOfHalfTheirPackets) {
    WorldOptions options;
    options.media.loss = 0.3;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        options.seed = seed;
        World world(options);
        const SessionKey call = recorded_call(world);
        ASSERT_TRUE(world.phone().press("1123"));
        world.run(Seconds(4));
        std::string digits;
        for (const event::Dtmf& dtmf : world.all<event::Dtmf>(call)) {
            digits += dtmf.digit;
        }
        EXPECT_EQ(digits, "1123") << seed;
    }
}

TEST(Audio, KeysBySipInfoAreEventsToo) {
    World world;
    const SessionKey call = recorded_call(world);
    world.at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.press_by_info(world.now(), '7', out);
    });
    world.run(Seconds(1));
    ASSERT_EQ(world.all<event::Dtmf>(call).size(), 1U);
    EXPECT_EQ(world.all<event::Dtmf>(call).front().digit, "7");
}

TEST(Audio, WePressKeysInTheFarEndsMenu) {
    World world;
    const SessionKey call = recorded_call(world);
    world.command(call, command::Dtmf{.digits = "12#"});
    world.run(Seconds(2));
    std::string digits;
    for (const lab::PhoneEvent& event : world.phone_events()) {
        if (const auto* digit = std::get_if<lab::PhoneDigit>(&event)) {
            digits += digit->digit;
        }
    }
    EXPECT_EQ(digits, "12#");
}

TEST(Audio, FramesFlowOnHoweverLateTheTicksAre) {
    WorldOptions options;
    options.tick_late = Milliseconds(12);
    World world(options);
    const SessionKey call = recorded_call(world);
    world.command(call, command::Play{.url = "tone.wav"});
    world.run(Seconds(5));
    const std::size_t packets = world.heard_packets().size();
    EXPECT_NEAR(static_cast<double>(packets), 250, 3);
}

// A stranger who knows the port is not listened to, and gets nothing.
TEST(Audio, AStrangersPacketsAreNotHeard) {
    World world;
    const SessionKey call = recorded_call(world);
    world.phone().play(tone(620));
    world.run(Seconds(4));
    std::string packet(172, '\x10');
    packet[0] = '\x80';
    packet[1] = '\x00';
    for (int i = 0; i < 100; ++i) {
        packet[3] = static_cast<char>(i);
        world.inject({IpAddress::v4(198, 51, 100, 7), 4000}, {IpAddress::v4(192, 0, 2, 1), 20002},
                     packet);
        world.run(Milliseconds(20));
    }
    EXPECT_NEAR(measured(world.history(call).recording->left).frequency, 620, 2);
    EXPECT_GT(measured(world.history(call).recording->left).purity, 0.95);
}

// A click of 5 ms every ten seconds.
std::unique_ptr<media::FrameSource> clicks(Seconds length) {
    std::vector<std::int16_t> samples(media::samples_in(length));
    for (std::size_t at = 0; at < samples.size(); at += 160000) {
        for (std::size_t i = 0; i < 80; ++i) {
            samples[at + i] = i % 8 < 4 ? 16000 : -16000;
        }
    }
    return std::make_unique<media::MemorySource>(std::move(samples));
}

// When the first packet with sound after `from` left the server.
Instant click_sent(const World& world, Instant from, Nanoseconds network) {
    for (const World::Heard& heard : world.heard_packets()) {
        if (heard.sound && heard.at - network > from) {
            return heard.at - network;
        }
    }
    return from;
}

TEST(Audio, AfterTenMinutesWithLossAndAReInviteClicksStandTogetherInBothChannels) {
    constexpr Milliseconds kNetwork{10};
    WorldOptions options;
    options.media = {.loss = 0.01, .delay = kNetwork};
    World world(options);
    const SessionKey call = recorded_call(world);
    world.run(Seconds(5));
    // Both sides click every ten seconds: each on its own next tick.
    const Instant started = world.now();
    world.phone().play(clicks(Seconds(610)));
    world.add_file("clicks.wav", [] { return clicks(Seconds(610)); });
    world.command(call, command::Play{.url = "clicks.wav"});
    world.run(Seconds(305));
    const Instant phone_sent = world.next_phone_tick(started);
    const Instant we_sent = click_sent(world, started, kNetwork);
    world.at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.reoffer(world.now(), sdp::Direction::SendRecv, {{"PCMA"}}, out);
    });
    world.run(Seconds(300));
    const auto& recording = *world.history(call).recording;
    const auto left = onsets(recording.left);
    const auto right = onsets(recording.right);
    ASSERT_EQ(right.size(), 61U);
    EXPECT_EQ(right.back() - right.front(), std::size_t{60 * 160000});
    ASSERT_GE(left.size(), 55U);  // some were lost with their packet
    const double sent_apart = static_cast<double>((phone_sent - we_sent).count()) / 1e6;
    double worst = 0;
    for (const std::size_t click : left) {
        const std::size_t own = right[(click + 80000 - right.front()) / 160000];
        const double apart = (static_cast<double>(click) - static_cast<double>(own)) / 16.0;
        worst = std::max(worst, std::abs(apart - sent_apart));
    }
    EXPECT_LE(worst, 20.0) << "milliseconds";
}

}  // namespace
}  // namespace patchbay::test
