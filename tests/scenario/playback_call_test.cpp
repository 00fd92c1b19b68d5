// SPDX-License-Identifier: Apache-2.0
#include "media/tone.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;

SessionKey answered_call(World& world, const CallOption& option = {}) {
    const SessionKey call = world.dial(option);
    EXPECT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    return call;
}

// When the last packet with sound reached the phone.
std::optional<Instant> last_sound(const World& world) {
    const auto& heard = world.heard_packets();
    const auto last =
        std::find_if(heard.rbegin(), heard.rend(), [](const World::Heard& h) { return h.sound; });
    return last != heard.rend() ? std::optional(last->at) : std::nullopt;
}

std::vector<std::string> after_answer(const World& world, SessionKey call) {
    auto story = world.story(call);
    story.erase(story.begin(), std::find(story.begin(), story.end(), "answer") + 1);
    return story;
}

TEST(PlaybackInACall, AnInterruptSilencesTheWireWithin20Milliseconds) {
    std::vector<Nanoseconds> delays;
    for (int i = 0; i < 200; ++i) {
        WorldOptions options;
        options.media = {};  // no network delay: what is measured is ours
        World world(options);
        const SessionKey call = answered_call(world);
        world.command(call, command::Play{.url = "tone.wav"});
        world.run(Milliseconds(400) + Microseconds(137 * i));
        const Instant asked = world.now();
        world.command(call, command::Interrupt{});
        world.run(Milliseconds(300));
        ASSERT_TRUE(last_sound(world));
        delays.push_back(*last_sound(world) - asked);
    }
    std::sort(delays.begin(), delays.end());
    EXPECT_LE(delays[198], Nanoseconds(Milliseconds(20)));
}

TEST(PlaybackInACall, SpeechAskedForWhileThePhoneRingsIsHeardAfterTheAnswer) {
    WorldOptions options;
    options.phones = {{.answer_after = Seconds(1)}};
    World world(options);
    const SessionKey call = world.dial();
    world.command(call, command::Tts{.text = "one two", .play_id = PlayId("a")});
    world.run(Milliseconds(900));
    EXPECT_THAT(world.story(call), ElementsAre("trackStart", "ringing"));
    world.run(Seconds(1));
    EXPECT_THAT(after_answer(world, call), ElementsAre("trackStart", "trackEnd"));
    EXPECT_TRUE(last_sound(world));
}

TEST(PlaybackInACall, AutoHangupEndsTheCallAfterTheTrackEnd) {
    World world;
    const SessionKey call = answered_call(world);
    world.command(call, command::Tts{.text = "good bye", .auto_hangup = true});
    world.run(Seconds(2));
    EXPECT_THAT(after_answer(world, call),
                ElementsAre("trackStart", "trackEnd", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Hangup>(call).front().reason, "autohangup");
    EXPECT_FALSE(world.phone().in_call());
}

TEST(PlaybackInACall, AutoHangupComesEvenWhenTheFileCannotBePlayed) {
    World world;
    const SessionKey call = answered_call(world);
    world.command(call, command::Play{.url = "missing.wav", .auto_hangup = true});
    world.run(Seconds(1));
    EXPECT_THAT(after_answer(world, call),
                ElementsAre("trackStart", "error", "trackEnd", "trackEnd", "hangup"));
}

TEST(PlaybackInACall, AnInterruptTakesAutoHangupAway) {
    World world;
    const SessionKey call = answered_call(world);
    world.command(call, command::Tts{.text = "one two three", .auto_hangup = true});
    world.run(Milliseconds(200));
    world.command(call, command::Interrupt{});
    world.run(Seconds(2));
    EXPECT_THAT(after_answer(world, call), ElementsAre("trackStart", "interruption", "trackEnd"));
    EXPECT_TRUE(world.phone().in_call());
}

TEST(PlaybackInACall, SilenceAfterAPlaybackIsReportedWithItsStartAndTheTimeout) {
    World world;
    const SessionKey call = answered_call(world);
    world.command(call, command::Tts{.text = "say something",
                                     .wait_input_timeout = InputTimeout(Seconds(2))});
    world.run(Seconds(5));
    EXPECT_THAT(after_answer(world, call), ElementsAre("trackStart", "trackEnd", "silence"));
    const auto silence = world.all<event::Silence>(call).front();
    EXPECT_EQ(silence.track_id, TrackId("serverSideTrack"));
    EXPECT_EQ(silence.duration, Seconds(2));
    EXPECT_EQ(silence.start_time, world.all<event::TrackEnd>(call).front().timestamp);
    EXPECT_EQ(*world.when<event::Silence>(call) - *world.when<event::TrackEnd>(call),
              Nanoseconds(Seconds(2)));
}

TEST(PlaybackInACall, TheWaitForInputAfterAFileBeginsAtItsEnd) {
    World world;
    world.add_file("short.wav", [] {
        return std::make_unique<media::ToneSource>(media::ToneSpec{.length = Milliseconds(400)});
    });
    const SessionKey call = answered_call(world);
    world.command(
        call, command::Play{.url = "short.wav", .wait_input_timeout = InputTimeout(Seconds(2))});
    world.run(Seconds(5));
    EXPECT_THAT(after_answer(world, call), ElementsAre("trackStart", "trackEnd", "silence"));
    EXPECT_EQ(*world.when<event::Silence>(call) - *world.when<event::TrackEnd>(call),
              Nanoseconds(Seconds(2)));
}

TEST(PlaybackInACall, AKeyOrAnotherPlaybackEndsTheWaitForInput) {
    for (const bool key : {true, false}) {
        World world;
        const SessionKey call = answered_call(world);
        world.command(call, command::Tts{.text = "say something",
                                         .wait_input_timeout = InputTimeout(Seconds(2))});
        ASSERT_TRUE(world.run_until([&] { return world.happened(call, "trackEnd"); }));
        world.run(Seconds(1));
        if (key) {
            ASSERT_TRUE(world.phone().press("1"));
        } else {
            world.command(call, command::Tts{.text = "hello"});
        }
        world.run(Seconds(5));
        EXPECT_FALSE(world.happened(call, "silence"));
    }
}

TEST(PlaybackInACall, AMutedServerTrackIsSilentAndPlaysOn) {
    World world;
    const SessionKey call = answered_call(world);
    world.command(call, command::Tts{.text = "one two three four five six seven eight"});
    world.run(Milliseconds(300));
    world.command(call, command::Mute{.track_id = TrackId("serverSideTrack")});
    const Instant muted = world.now();
    world.run(Milliseconds(300));
    ASSERT_TRUE(last_sound(world));
    EXPECT_LE(*last_sound(world) - muted, Nanoseconds(Milliseconds(25)));
    world.command(call, command::Unmute{});
    world.run(Milliseconds(100));
    EXPECT_GT(*last_sound(world), muted + Milliseconds(300));
    world.run(Seconds(1));
    EXPECT_EQ(world.all<event::TrackEnd>(call).front().duration.count() / 100, 8);
}

TEST(PlaybackInACall, AMutedCallerIsNotHeardAndHisKeysAreDropped) {
    World world;
    CallOption option;
    option.recorder = RecorderOption{};
    world.add_file("none", [] { return nullptr; });
    const SessionKey call = answered_call(world, option);
    world.command(call, command::Mute{.track_id = TrackId("call")});
    ASSERT_TRUE(world.phone().press("5"));
    world.run(Seconds(1));
    EXPECT_FALSE(world.happened(call, "dtmf"));
    world.command(call, command::Unmute{.track_id = TrackId("call")});
    ASSERT_TRUE(world.phone().press("6"));
    world.run(Seconds(1));
    ASSERT_EQ(world.all<event::Dtmf>(call).size(), 1U);
    EXPECT_EQ(world.all<event::Dtmf>(call).front().digit, "6");
}

TEST(PlaybackInACall, AProviderThatIsNotServedIsNamedOnceAndTheEmbeddedVoiceSpeaks) {
    World world;
    CallOption option;
    option.tts = SynthesisOption{.provider = "tencent"};
    const SessionKey call = answered_call(world, option);
    world.command(call, command::Tts{.text = "one"});
    world.command(call, command::Tts{.text = "two"});
    world.run(Seconds(2));
    const auto errors = world.all<event::Error>(call);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].sender, "tts");
    EXPECT_NE(errors[0].error.find("tencent"), std::string::npos);
    EXPECT_EQ(world.all<event::Metrics>(call).front().key, "ttfb.tts.flite");
}

TEST(PlaybackInACall, ATrackThatTheCallHasNotCannotBeMuted) {
    World world;
    const SessionKey call = answered_call(world);
    world.command(call, command::Mute{.track_id = TrackId("nobody")});
    const auto errors = world.all<event::Error>(call);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(errors[0].code, 404);
    EXPECT_FALSE(world.happened(call, "hangup"));
}

TEST(PlaybackInACall, AFailingProviderIsAnErrorAndTheCallLives) {
    WorldOptions options;
    options.speech_works = false;
    World world(options);
    const SessionKey call = answered_call(world);
    world.command(call, command::Tts{.text = "hello"});
    world.run(Seconds(1));
    EXPECT_THAT(after_answer(world, call), ElementsAre("trackStart", "error", "trackEnd"));
    EXPECT_EQ(world.all<event::Error>(call).front().sender, "tts");
    EXPECT_EQ(world.all<event::Error>(call).front().track_id, TrackId("serverSideTrack"));
    EXPECT_TRUE(world.phone().in_call());
}

TEST(PlaybackInACall, HangupDuringSpeechEndsItsTrackFirst) {
    World world;
    const SessionKey call = answered_call(world);
    world.command(call, command::Tts{.text = "one two three", .play_id = PlayId("a")});
    world.run(Milliseconds(200));
    world.command(call, command::Hangup{});
    EXPECT_THAT(after_answer(world, call),
                ElementsAre("trackStart", "trackEnd", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::TrackEnd>(call).front().play_id, PlayId("a"));
}

TEST(PlaybackInACall, MetricsNameTheProviderAndComeBeforeTheTrackEnd) {
    World world;
    const SessionKey call = answered_call(world);
    world.command(call, command::Tts{.text = "hello", .play_id = PlayId("a")});
    world.run(Seconds(1));
    const auto metrics = world.all<event::Metrics>(call);
    ASSERT_EQ(metrics.size(), 2U);
    EXPECT_EQ(metrics[0].key, "ttfb.tts.flite");
    EXPECT_EQ(metrics[0].duration, Milliseconds(20));
    EXPECT_EQ(metrics[1].key, "completed.tts.flite");
    EXPECT_LT(*world.when<event::Metrics>(call), *world.when<event::TrackEnd>(call));
}

TEST(PlaybackInACall, TheServerTrackHasTheNameThatTheClientChose) {
    World world;
    Effects effects;
    const auto key = world.exchange().open(
        world.now(), {.id = SessionId("named"), .server_track = "bot"}, effects);
    ASSERT_TRUE(key);
    world.command(*key, command::Invite{.option = CallOption{.callee = World::phone_uri()}});
    world.command(*key, command::Tts{.text = "hello"});
    world.run(Seconds(2));
    EXPECT_EQ(world.all<event::TrackStart>(*key).back().track_id, TrackId("bot"));
}

}  // namespace
}  // namespace patchbay::test
