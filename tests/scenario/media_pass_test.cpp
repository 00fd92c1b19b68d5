// SPDX-License-Identifier: Apache-2.0
// mediaPass, ambiance, and callers who fall silent for good.
#include "media/memory_source.hpp"
#include "support/sound.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

namespace patchbay::test {
namespace {

using call::SessionKind;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

call::CallOption media_pass(int rate = 16000, std::uint32_t packet_size = 2560) {
    call::CallOption option;
    option.media_pass = call::MediaPassOption{.url = "ws://media.example.com/pass",
                                              .input_sample_rate = rate,
                                              .output_sample_rate = rate,
                                              .packet_size = packet_size,
                                              .ptime = std::nullopt};
    return option;
}

class MediaPassCall : public testing::Test {
  protected:
    World::SocketUse& socket(std::size_t i = 0) { return world.sockets().at(i); }

    World world;
};

TEST_F(MediaPassCall, ConnectsWhenAudioFlowsAndSaysHowItLooks) {
    const auto session = world.dial(media_pass());
    world.run(Seconds(1));
    ASSERT_THAT(world.sockets(), SizeIs(1));
    EXPECT_EQ(socket().url, "ws://media.example.com/pass?sample_rate=16000&packet_size=2560");
    world.open_socket(socket().id);
    EXPECT_THAT(world.story(session), ElementsAre("trackStart", "ringing", "answer", "trackStart"));
}

struct PassCase {
    int rate;
    std::uint32_t packet_size;
    std::size_t messages;  // in one second
};
class MediaPassRate : public testing::TestWithParam<PassCase> {};

TEST_P(MediaPassRate, TheServerHearsTheCallerInExactPackets) {
    World world;
    const PassCase& one = GetParam();
    world.dial(media_pass(one.rate, one.packet_size));
    world.phone().play(std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 1000}));
    world.run(Seconds(1));
    world.open_socket(world.sockets().at(0).id);
    world.run(Seconds(1));
    const auto& received = world.sockets().at(0).received;
    EXPECT_NEAR(static_cast<double>(received.size()), static_cast<double>(one.messages), 1);
    EXPECT_THAT(sizes_of(received), Each(one.packet_size));
    Samples heard;
    for (const Bytes& message : received) {
        const Samples piece = to_samples(message);
        heard.insert(heard.end(), piece.begin(), piece.end());
    }
    EXPECT_NEAR(frequency_of(std::span(heard).last(heard.size() / 2), one.rate), 1000, 3);
}

INSTANTIATE_TEST_SUITE_P(Rates,
                         MediaPassRate,
                         testing::Values(PassCase{8000, 320, 50},
                                         PassCase{8000, 2560, 6},
                                         PassCase{16000, 640, 50},
                                         PassCase{16000, 2560, 12},
                                         PassCase{16000, 3200, 10},
                                         PassCase{24000, 960, 50},
                                         PassCase{48000, 1920, 50}));

TEST_P(MediaPassRate, WhatTheServerSendsAtOnceIsPlayedOutEvenly) {
    World world;
    const PassCase& one = GetParam();
    world.dial(media_pass(one.rate, one.packet_size));
    world.run(Seconds(1));
    const call::SocketId id = world.sockets().at(0).id;
    world.open_socket(id);
    world.send_from_socket(id, to_bytes(tone(500, Seconds(2), one.rate)));
    world.run(Milliseconds(1500));
    EXPECT_NEAR(frequency_of(std::span(world.phone_audio().left).last(16000)), 500, 2);
    world.run(Milliseconds(1500));
    const auto tail = std::span(world.phone_audio().left).last(4000);
    EXPECT_LT(*std::max_element(tail.begin(), tail.end()), 50) << "two seconds, and no more";
}

// What a call costs beyond the packets themselves; the network of the phone takes 5 ms each way.
constexpr Milliseconds kNetwork{5};

TEST_F(MediaPassCall, TheServerHearsEachPacketWhenItComes) {
    Instant said;
    constexpr std::uint16_t kPhoneRtp = 30000;
    world.on_send = [&](const Datagram& datagram) {
        said = datagram.from.port == kPhoneRtp ? world.now() : said;
    };
    world.dial(media_pass(16000, 640));
    world.phone().play(std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 1000}));
    world.run(Seconds(1));
    world.open_socket(socket().id);
    world.run(Seconds(1));
    int heard = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::size_t before = socket().received.size();
        world.run(Milliseconds(1));
        if (socket().received.size() > before) {
            ++heard;
            EXPECT_LE(world.now() - said, kNetwork + Milliseconds(1));
        }
    }
    EXPECT_NEAR(heard, 50, 1);
}

class MediaPassBeat : public testing::TestWithParam<int> {};

// The tick of the call goes to where the server's messages come.
TEST_P(MediaPassBeat, ThePhoneHearsTheServerWithinATickAndItsMargin) {
    World world;
    world.dial(media_pass(16000, 640));
    world.run(Seconds(1));
    const call::SocketId id = world.sockets().at(0).id;
    world.open_socket(id);
    world.run(Milliseconds(GetParam()));
    const Samples said = tone(500, Milliseconds(1000), 16000);
    const Instant begin = world.now();
    for (std::size_t i = 0; i < 50; ++i) {
        const auto piece = std::span(said).subspan(i * 320, 320);
        world.send_from_socket(id, to_bytes(Samples(piece.begin(), piece.end())));
        world.run(Milliseconds(20));
    }
    const auto& packets = world.heard_packets();
    const auto first = std::ranges::find_if(
        packets, [&](const World::Heard& packet) { return packet.at > begin && packet.sound; });
    ASSERT_NE(first, packets.end());
    EXPECT_LE(first->at - begin, kNetwork + Milliseconds(9));
    const auto sounds = std::count_if(first, packets.end(),
                                      [](const World::Heard& packet) { return packet.sound; });
    EXPECT_NEAR(static_cast<double>(sounds), 50, 1) << "no hole";
}

INSTANTIATE_TEST_SUITE_P(Moments, MediaPassBeat, testing::Values(0, 2, 5, 7, 11, 13, 16, 19));

TEST_F(MediaPassCall, AnInterruptLeavesNothingOfTheServerToBeHeard) {
    const auto session = world.dial(media_pass(16000, 640));
    world.run(Seconds(1));
    world.open_socket(socket().id);
    world.send_from_socket(socket().id, to_bytes(tone(500, Seconds(2), 16000)));
    world.run(Milliseconds(503));
    world.command(session, call::command::Interrupt{});
    const Instant cut = world.now();
    world.run(Seconds(1));
    for (const World::Heard& packet : world.heard_packets()) {
        EXPECT_FALSE(packet.sound && packet.at > cut + kNetwork)
            << "a packet that left after the command";
    }
}

TEST_F(MediaPassCall, AServerThatCannotBeReachedIsAnErrorAndTriedAgain) {
    const auto session = world.dial(media_pass());
    world.run(Seconds(1));
    world.close_socket(socket().id, {.error = Error{Errc::Refused, "connection"}, .reason = {}});
    const auto errors = world.all<call::event::Error>(session);
    ASSERT_THAT(errors, SizeIs(1));
    EXPECT_EQ(errors[0].sender, "media");
    EXPECT_THAT(errors[0].error, HasSubstr("mediaPass"));
    EXPECT_THAT(world.sockets(), SizeIs(1));
    world.run(Milliseconds(510));
    ASSERT_THAT(world.sockets(), SizeIs(2));
    world.open_socket(socket(1).id);
    world.run(Seconds(1));
    EXPECT_FALSE(socket(1).received.empty());
}

TEST_F(MediaPassCall, AfterFiveAttemptsItIsGivenUpAndTheCallLives) {
    const auto session = world.dial(media_pass());
    world.run(Seconds(1));
    for (std::size_t i = 0; i < 5; ++i) {
        ASSERT_THAT(world.sockets(), SizeIs(i + 1));
        world.close_socket(socket(i).id,
                           {.error = Error{Errc::Refused, "connection"}, .reason = {}});
        world.run(Seconds(9));
    }
    EXPECT_THAT(world.sockets(), SizeIs(5));
    EXPECT_THAT(world.all<call::event::Error>(session).back().error, HasSubstr("given up"));
    EXPECT_FALSE(world.happened(session, "hangup"));
}

TEST_F(MediaPassCall, WhatTheGuardForbidsIsNotTriedAgain) {
    world.dial(media_pass());
    world.run(Seconds(1));
    world.close_socket(socket().id, {.error = Error{Errc::Forbidden, "address"}, .reason = {}});
    world.run(Seconds(30));
    EXPECT_THAT(world.sockets(), SizeIs(1));
}

TEST_F(MediaPassCall, AServerThatSaysGoodByeEndsItsTrackAndIsLeftAlone) {
    const auto session = world.dial(media_pass());
    world.run(Seconds(1));
    world.open_socket(socket().id);
    world.close_socket(socket().id, {.error = std::nullopt, .code = 1000, .reason = {}});
    world.run(Seconds(5));
    EXPECT_THAT(world.story(session),
                ElementsAre("trackStart", "ringing", "answer", "trackStart", "trackEnd"));
    EXPECT_THAT(world.sockets(), SizeIs(1));
}

TEST_F(MediaPassCall, AConnectionThatBreaksIsOneErrorAndComesBack) {
    const auto session = world.dial(media_pass());
    world.run(Seconds(1));
    world.open_socket(socket().id);
    world.close_socket(socket().id,
                       {.error = Error{Errc::Closed, "connection lost"}, .reason = {}});
    world.run(Seconds(1));
    ASSERT_THAT(world.sockets(), SizeIs(2));
    world.open_socket(socket(1).id);
    EXPECT_THAT(world.story(session), ElementsAre("trackStart", "ringing", "answer", "trackStart",
                                                  "error", "trackEnd", "trackStart"));
}

TEST_F(MediaPassCall, TheEndOfTheCallClosesTheConnection) {
    const auto session = world.dial(media_pass());
    world.run(Seconds(1));
    world.open_socket(socket().id);
    world.command(session, call::command::Hangup{});
    EXPECT_TRUE(socket().closed);
    EXPECT_EQ(world.story(session).back(), "hangup");
}

TEST_F(MediaPassCall, InterruptForgetsWhatTheServerHasSaidAhead) {
    const auto session = world.dial(media_pass());
    world.run(Seconds(1));
    world.open_socket(socket().id);
    world.send_from_socket(socket().id, to_bytes(tone(500, Seconds(10))));
    world.run(Seconds(1));
    world.command(session, call::command::Interrupt{});
    world.run(Seconds(1));
    const auto tail = std::span(world.phone_audio().left).last(8000);
    EXPECT_LT(*std::max_element(tail.begin(), tail.end()), 50);
}

TEST_F(MediaPassCall, ASpokenTextIsHeardTogetherWithTheServer) {
    const auto session = world.dial(media_pass());
    world.run(Seconds(1));
    world.open_socket(socket().id);
    world.command(session, call::command::Tts{.text = "one two three four five"});
    world.run(Milliseconds(400));
    EXPECT_NEAR(frequency_of(std::span(world.phone_audio().left).last(3200)), 300, 3);
}

TEST(MediaPassOption, WhatCannotBeServedRefusesTheInvite) {
    for (const auto& [url, rate, size] :
         {std::tuple{"http://a/", 16000, 2560}, std::tuple{"ws://a/", 11025, 2560},
          std::tuple{"ws://a/", 16000, 2561}, std::tuple{"ws://a/", 16000, 0},
          std::tuple{"", 8000, 320}}) {
        World world;
        call::CallOption option;
        option.callee = World::phone_uri();
        option.media_pass = call::MediaPassOption{.url = url,
                                                  .input_sample_rate = rate,
                                                  .output_sample_rate = rate,
                                                  .packet_size = static_cast<std::uint32_t>(size),
                                                  .ptime = std::nullopt};
        const auto session = world.open();
        world.command(session, call::command::Invite{.option = option});
        EXPECT_THAT(world.story(session), ElementsAre("error")) << url << " " << rate;
    }
}

TEST(AmbianceSound, PlaysUnderTheCallAndIsLoweredWhileTheServerSpeaks) {
    World world;
    world.add_file("room.wav", [] {
        return std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = 1000, .level = -12});
    });
    world.add_file("silence.wav",
                   [] { return std::make_unique<media::MemorySource>(Samples(16000 * 3, 0)); });
    call::CallOption option;
    option.ambiance = call::AmbianceOption{.path = "room.wav", .enabled = std::nullopt};
    const auto session = world.dial(option);
    world.run(Seconds(2));
    const double normal = level_of(std::span(world.phone_audio().left).last(8000));
    world.command(session, call::command::Play{.url = "silence.wav"});
    world.run(Seconds(2));
    const double ducked = level_of(std::span(world.phone_audio().left).last(8000));
    world.run(Seconds(3));
    const double after = level_of(std::span(world.phone_audio().left).last(8000));
    const double full = level_of(tone(1000, Seconds(1)));
    EXPECT_NEAR(normal / full, 0.3, 0.02);
    EXPECT_NEAR(ducked / full, 0.1, 0.02);
    EXPECT_NEAR(after / full, 0.3, 0.02);
}

TEST(AmbianceSound, OneThatIsMissingIsOneErrorAndTheCallLives) {
    World world;
    call::CallOption option;
    option.ambiance = call::AmbianceOption{.path = "gone.wav", .enabled = std::nullopt};
    const auto session = world.dial(option);
    world.run(Seconds(2));
    const auto errors = world.all<call::event::Error>(session);
    ASSERT_THAT(errors, SizeIs(1));
    EXPECT_THAT(errors[0].error, HasSubstr("gone.wav"));
    EXPECT_FALSE(world.happened(session, "hangup"));
}

TEST(AmbianceSound, IsHeardOnAWebSocketCallBetweenPlaybacks) {
    World world;
    const auto session = world.open("s", SessionKind::WebSocket);
    call::CallOption option;
    option.ambiance = call::AmbianceOption{.path = "tone.wav", .enabled = std::nullopt};
    world.command(session, call::command::Invite{.option = option});
    world.run(Seconds(1));
    EXPECT_NEAR(static_cast<double>(world.history(session).audio.size()), 50, 1);
}

TEST(Inactivity, ACallerWhoSendsNothingForThatLongIsHungUp) {
    World world;
    call::CallOption option;
    option.inactivity_timeout = Seconds(3);
    const auto session = world.dial(option);
    world.run(Seconds(10));
    ASSERT_FALSE(world.happened(session, "hangup")) << "packets come, whatever is in them";
    world.set_media_profile({.loss = 1.0});
    world.run(Milliseconds(2900));
    EXPECT_FALSE(world.happened(session, "inactivity"));
    world.run(Milliseconds(200));
    EXPECT_TRUE(world.happened(session, "inactivity"));
    const auto hangups = world.all<call::event::Hangup>(session);
    ASSERT_THAT(hangups, SizeIs(1));
    EXPECT_EQ(hangups[0].reason, "inactivityTimeout");
    EXPECT_EQ(world.story(session).back(), "hangup");
}

TEST(Inactivity, CountsOnAWebSocketCallToo) {
    World world;
    const auto session = world.open("s", SessionKind::WebSocket);
    call::CallOption option;
    option.inactivity_timeout = Seconds(2);
    world.command(session, call::command::Invite{.option = option});
    world.run(Seconds(1));
    world.send_audio(session, Bytes(160, 0xFF));
    world.run(Milliseconds(1900));
    EXPECT_FALSE(world.happened(session, "inactivity"));
    world.run(Milliseconds(200));
    EXPECT_TRUE(world.happened(session, "inactivity"));
}

}  // namespace
}  // namespace patchbay::test
