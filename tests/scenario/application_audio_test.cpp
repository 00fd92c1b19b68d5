// SPDX-License-Identifier: Apache-2.0
// Audio between a call and its client: `/call`, subscribe, and the `record` command.
#include "support/sound.hpp"
#include "support/voice_audio.hpp"
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

class SocketCall : public testing::Test {
  protected:
    call::SessionKey begin(const char* codec = nullptr) {
        const auto session = world.open("s", SessionKind::WebSocket);
        call::CallOption option;
        if (codec != nullptr) {
            option.codec = codec;
        }
        world.command(session, call::command::Invite{.option = option});
        return session;
    }
    // The client's voice, one message of 20 ms at a time.
    void speak(call::SessionKey session, const Samples& samples) {
        for (std::size_t at = 0; at < samples.size(); at += 320) {
            const Samples piece(
                samples.begin() + static_cast<std::ptrdiff_t>(at),
                samples.begin() + static_cast<std::ptrdiff_t>(std::min(at + 320, samples.size())));
            world.send_audio(session, to_bytes(piece));
            world.run(Milliseconds(20));
        }
    }
    std::vector<std::size_t> sizes(call::SessionKey session) {
        return sizes_of(world.history(session).audio);
    }
    Samples heard(call::SessionKey session) {
        Samples all;
        for (const Bytes& message : world.history(session).audio) {
            const Samples piece = to_samples(message);
            all.insert(all.end(), piece.begin(), piece.end());
        }
        return all;
    }

    World world;
};

TEST_F(SocketCall, IsAnsweredAtOnceWithAnEmptyDescription) {
    const auto session = begin();
    EXPECT_THAT(world.story(session), ElementsAre("trackStart", "answer"));
    EXPECT_EQ(world.all<call::event::Answer>(session).at(0).sdp, "");
    EXPECT_THAT(world.ladder(), IsEmpty()) << "there is nobody to INVITE";
    EXPECT_EQ(world.open_ports(), 0U);
}

TEST_F(SocketCall, PlaysAt20MsInPcmuUnlessAskedOtherwise) {
    const auto session = begin();
    world.command(session, call::command::Play{.url = "tone.wav"});
    world.run(Seconds(1));
    EXPECT_NEAR(static_cast<double>(sizes(session).size()), 50, 1);
    EXPECT_THAT(sizes(session), Each(160U));
}

TEST_F(SocketCall, PcmIs16KilohertzBothWays) {
    const auto session = begin("pcm");
    world.command(session, call::command::Play{.url = "tone.wav"});
    world.run(Seconds(1));
    EXPECT_THAT(sizes(session), Each(640U));
    EXPECT_NEAR(frequency_of(heard(session)), 440, 1);
}

TEST_F(SocketCall, WhileNothingPlaysNothingIsSent) {
    const auto session = begin();
    world.run(Seconds(1));
    EXPECT_THAT(sizes(session), IsEmpty());
}

TEST_F(SocketCall, TheClientsVoiceIsRecordedOnTheLeft) {
    const auto session = world.open("s", SessionKind::WebSocket);
    call::CallOption option;
    option.codec = "pcm";
    option.recorder = call::RecorderOption{};
    world.command(session, call::command::Invite{.option = option});
    speak(session, tone(700, Seconds(1)));
    const auto& left = world.history(session).recording->left;
    EXPECT_NEAR(frequency_of(std::span(left).subspan(3200, 8000)), 700, 1);
}

TEST_F(SocketCall, EveryCommandAndEventTravelsAsOnOtherCalls) {
    const auto session = begin();
    world.command(session, call::command::Tts{.text = "one two"});
    world.run(Seconds(1));
    world.command(session, call::command::Hangup{.reason = "done", .initiator = "user"});
    EXPECT_THAT(world.story(session), ElementsAre("trackStart", "answer", "trackStart", "trackEnd",
                                                  "trackEnd", "hangup"));
    EXPECT_EQ(world.all<call::event::Hangup>(session).at(0).reason, "done");
}

TEST_F(SocketCall, TheClientsVoiceIsTold) {
    const auto session = world.open("s", SessionKind::WebSocket);
    call::CallOption option;
    option.codec = "pcm";
    option.vad.emplace();
    option.vad->type = "webrtc";
    world.command(session, call::command::Invite{.option = option});
    speak(session, spoken("one two three four five six seven eight nine ten"));
    speak(session, Samples(16000, 0));
    EXPECT_TRUE(world.happened(session, "speaking"));
    EXPECT_TRUE(world.happened(session, "silence"));
}

TEST_F(SocketCall, AnUnknownCodecIsRefusedAndAnotherMayBeTried) {
    const auto session = begin("opus");
    EXPECT_THAT(world.story(session), ElementsAre("error"));
    world.command(session, call::command::Invite{});
    EXPECT_THAT(world.story(session), ElementsAre("error", "trackStart", "answer"));
}

TEST_F(SocketCall, ASecondInviteIsAnErrorAndTheCallLives) {
    const auto session = begin();
    world.command(session, call::command::Invite{});
    EXPECT_THAT(world.story(session), ElementsAre("trackStart", "answer", "error"));
}

TEST_F(SocketCall, AudioBeforeInviteIsDropped) {
    const auto session = world.open("s", SessionKind::WebSocket);
    world.send_audio(session, Bytes(160, 0));
    EXPECT_THAT(world.story(session), IsEmpty());
}

TEST_F(SocketCall, KeysCannotBeSentWhereThereIsNoRtp) {
    const auto session = begin();
    world.command(session, call::command::Dtmf{.digits = "1"});
    EXPECT_THAT(world.story(session), ElementsAre("trackStart", "answer", "error"));
    EXPECT_THAT(world.broken(), IsEmpty());
}

TEST(StrayAudio, OnASipCallThatHasNotSubscribedIsOneError) {
    World world;
    const auto session = world.dial();
    world.run(Seconds(1));
    world.send_audio(session, Bytes(640, 0));
    world.send_audio(session, Bytes(640, 0));
    const auto errors = world.all<call::event::Error>(session);
    ASSERT_THAT(errors, SizeIs(1));
    EXPECT_EQ(errors[0].sender, "media");
    EXPECT_EQ(errors[0].code, 409);
}

TEST(Subscription, TheClientHearsBothSidesWithTheirByteInFront) {
    World world;
    call::CallOption option;
    option.subscribe = true;
    const auto session = world.dial(option);
    world.phone().play(std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 1000}));
    world.run(Seconds(1));
    world.command(session, call::command::Play{.url = "tone.wav"});
    world.run(Seconds(1));
    Samples server;
    Samples caller;
    for (const Bytes& message : world.history(session).audio) {
        ASSERT_EQ(message.size(), 641U);
        const Samples piece = to_samples(ByteView(message).subspan(1));
        Samples& side = message[0] == 0 ? server : caller;
        side.insert(side.end(), piece.begin(), piece.end());
    }
    EXPECT_NEAR(frequency_of(std::span(server).subspan(1600, 8000)), 440, 2);
    EXPECT_NEAR(frequency_of(std::span(caller).last(8000)), 1000, 2);
}

TEST(Subscription, WhatTheClientSendsIsHeardByTheCaller) {
    World world;
    call::CallOption option;
    option.subscribe = true;
    const auto session = world.dial(option);
    world.run(Seconds(1));
    world.send_audio(session, to_bytes(tone(600, Seconds(1))));
    world.run(Seconds(1));
    EXPECT_NEAR(frequency_of(std::span(world.phone_audio().left).last(8000)), 600, 2);
}

call::command::Record record(call::command::RecordAction action) {
    return {.action = action, .recorder = std::nullopt};
}

TEST(RecordCommand, BeginsAndEndsARecordingWithinACall) {
    using enum call::command::RecordAction;
    World world;
    const auto session = world.dial();
    world.phone().play(std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 1000}));
    world.run(Seconds(2));
    EXPECT_EQ(world.history(session).recording, nullptr);
    world.command(session, record(Start));
    world.run(Seconds(1));
    world.command(session, record(Stop));
    world.run(Seconds(1));
    const auto first = world.history(session).recording;
    ASSERT_NE(first, nullptr);
    EXPECT_NEAR(static_cast<double>(first->left.size()), 16000, 640);
    EXPECT_NEAR(frequency_of(std::span(first->left).last(8000)), 1000, 2);
    world.command(session, record(Start));
    world.run(Seconds(1));
    EXPECT_NE(world.history(session).recording, first) << "a recording of its own";
    EXPECT_FALSE(world.happened(session, "error"));
}

TEST(RecordCommand, WhatIsSaidDuringAPauseIsSilence) {
    using enum call::command::RecordAction;
    World world;
    const auto session = world.dial();
    world.phone().play(std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 1000}));
    world.run(Seconds(1));
    world.command(session, record(Start));
    world.run(Seconds(1));
    world.command(session, record(Pause));
    world.run(Seconds(1));
    world.command(session, record(Resume));
    world.run(Seconds(1));
    const auto& left = world.history(session).recording->left;
    EXPECT_NEAR(static_cast<double>(left.size()), 48000, 640);
    EXPECT_GT(level_of(std::span(left).subspan(4000, 8000)), 1000);
    EXPECT_LT(level_of(std::span(left).subspan(17000, 14000)), 1);
    EXPECT_GT(level_of(std::span(left).last(8000)), 1000);
}

TEST(RecordCommand, OutOfTurnIsAnErrorAndTheCallLives) {
    using enum call::command::RecordAction;
    World world;
    const auto session = world.dial();
    world.run(Seconds(1));
    for (const auto action : {Stop, Pause, Resume}) {
        world.command(session, record(action));
    }
    world.command(session, record(Start));
    world.command(session, record(Start));
    EXPECT_THAT(world.all<call::event::Error>(session), SizeIs(4));
    EXPECT_FALSE(world.happened(session, "hangup"));
}

}  // namespace
}  // namespace patchbay::test
