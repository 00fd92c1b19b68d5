// SPDX-License-Identifier: Apache-2.0
#include "support/playback_world.hpp"

#include <gmock/gmock.h>

namespace patchbay::call {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PlaybackQueue : public test::PlaybackWorld {};

TEST_F(PlaybackQueue, SpeechPlaysToItsEndBetweenTrackStartAndTrackEnd) {
    start();
    ASSERT_TRUE(say("one two three four", "a"));
    EXPECT_EQ(run(Milliseconds(600)), 20);
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
    const auto end = last_event<event::TrackEnd>();
    EXPECT_EQ(end.duration, Milliseconds(400));
    EXPECT_EQ(end.ssrc, 77U);
    EXPECT_EQ(end.track_id, TrackId("server"));
}

TEST_F(PlaybackQueue, NothingSoundsBeforeTheAnswerAndSpeechIsSynthesisedAhead) {
    ASSERT_TRUE(say("one two", "a"));
    EXPECT_THAT(spoken, ElementsAre("one two"));
    EXPECT_EQ(run(Milliseconds(100)), 0);
    EXPECT_THAT(story, IsEmpty());
    start();
    EXPECT_EQ(run(Milliseconds(300)), 10);
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackQueue, TenCommandsOfOnePlayIdAreAllSpokenInOneTrack) {
    start();
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(say("word " + std::to_string(i), "a"));
    }
    EXPECT_EQ(run(Seconds(3)), 100);
    EXPECT_EQ(spoken.size(), 10U);
    EXPECT_EQ(spoken.back(), "word 9");
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackQueue, CommandsWithoutPlayIdBelongTogether) {
    start();
    ASSERT_TRUE(say("one"));
    ASSERT_TRUE(say("two"));
    EXPECT_EQ(run(Seconds(1)), 10);
    EXPECT_THAT(story, ElementsAre("trackStart", "trackEnd"));
}

TEST_F(PlaybackQueue, ACommandAfterTheTrackEndOpensANewTrack) {
    start();
    ASSERT_TRUE(say("one", "a"));
    run(Seconds(1));
    ASSERT_TRUE(say("two", "a"));
    run(Seconds(1));
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a", "trackStart a", "trackEnd a"));
}

TEST_F(PlaybackQueue, AnotherPlayIdCutsAndTheOrderIsInterruptionEndStart) {
    start();
    ASSERT_TRUE(say("one two three", "a"));
    run(Milliseconds(100));
    ASSERT_TRUE(say("four", "b"));
    run(Seconds(1));
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a", "trackStart b",
                                   "trackEnd b"));
}

TEST_F(PlaybackQueue, AFileIsCutWithoutAnInterruption) {
    start();
    ASSERT_TRUE(play("500.wav"));
    run(Milliseconds(100));
    ASSERT_TRUE(say("four", "b"));
    run(Seconds(1));
    EXPECT_THAT(
        story, ElementsAre("trackStart 500.wav", "trackEnd 500.wav", "trackStart b", "trackEnd b"));
}

TEST_F(PlaybackQueue, TheSameUrlTwiceIsQueued) {
    start();
    ASSERT_TRUE(play("200.wav"));
    ASSERT_TRUE(play("200.wav"));
    EXPECT_EQ(run(Seconds(1)), 20);
    EXPECT_THAT(story, ElementsAre("trackStart 200.wav", "trackEnd 200.wav", "trackStart 200.wav",
                                   "trackEnd 200.wav"));
}

TEST_F(PlaybackQueue, AnInterruptStopsTheSoundWithTheNextFrame) {
    start();
    ASSERT_TRUE(say("one two three four five", "a"));
    EXPECT_EQ(run(Milliseconds(240)), 12);
    interrupt();
    EXPECT_EQ(run(Milliseconds(100)), 0);
    const auto cut = last_event<event::Interruption>();
    EXPECT_EQ(cut.current, Milliseconds(240));
    EXPECT_EQ(cut.total_duration, Milliseconds(500));
    EXPECT_EQ(cut.subtitle, "one two three four five");
    EXPECT_EQ(cut.position, 2U);
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a"));
}

TEST_F(PlaybackQueue, AnInterruptAt0MillisecondsHasNoPosition) {
    start();
    ASSERT_TRUE(say("one two", "a"));
    interrupt();
    EXPECT_EQ(last_event<event::Interruption>().current, Milliseconds(0));
    EXPECT_EQ(last_event<event::Interruption>().position, std::nullopt);
    EXPECT_EQ(run(Milliseconds(300)), 0);
}

TEST_F(PlaybackQueue, AnInterruptBetweenTwoSentencesSaysThatTheFirstWasHeardWhole) {
    start();
    ASSERT_TRUE(say("one two three", "a"));
    ASSERT_TRUE(say("four five", "a"));
    EXPECT_EQ(run(Milliseconds(300)), 15);
    interrupt();
    EXPECT_EQ(run(Seconds(1)), 0);
    const auto cut = last_event<event::Interruption>();
    EXPECT_EQ(cut.subtitle, "one two three");
    EXPECT_EQ(cut.current, Milliseconds(300));
    EXPECT_EQ(cut.position, 2U);
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a"));
}

TEST_F(PlaybackQueue, AnInterruptOfNothingSaysNothing) {
    start();
    interrupt();
    interrupt(true);
    EXPECT_THAT(story, IsEmpty());
}

TEST_F(PlaybackQueue, AGracefulInterruptFinishesTheSentenceAndDropsTheRest) {
    start();
    ASSERT_TRUE(say("one two three", "a"));
    ASSERT_TRUE(say("never heard", "a"));
    run(Milliseconds(100));
    interrupt(true);
    EXPECT_THAT(story, ElementsAre("trackStart a"));
    EXPECT_EQ(run(Seconds(1)), 10);
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a"));
    EXPECT_EQ(last_event<event::Interruption>().subtitle, "one two three");
    EXPECT_EQ(last_event<event::Interruption>().current, Milliseconds(300));
}

TEST_F(PlaybackQueue, AfterAGracefulInterruptTheSamePlayIdWaitsForTheSentence) {
    start();
    ASSERT_TRUE(say("one two three", "a"));
    run(Milliseconds(100));
    interrupt(true);
    ASSERT_TRUE(say("next", "a"));
    EXPECT_EQ(run(Seconds(1)), 10 + 5);
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a", "trackStart a",
                                   "trackEnd a"));
}

TEST_F(PlaybackQueue, AGracefulInterruptBeforeTheFirstSoundCutsAtOnce) {
    silent_provider = true;
    start();
    ASSERT_TRUE(say("one two three", "a"));
    interrupt(true);
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a"));
}

TEST_F(PlaybackQueue, AFadeSoundsOnUnderWhatFollowsAndThenIsGone) {
    start();
    ASSERT_TRUE(say("one two three four five", "a"));
    run(Milliseconds(100));
    Step one = step();
    playback.interrupt(one, command::Interrupt{.graceful = false, .fade_out = Milliseconds(60)});
    serve();
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a"));
    run(kFrameTime);
    EXPECT_GT(frame.front(), frame.back());
    run(Milliseconds(60));
    EXPECT_EQ(run(Milliseconds(100)), 0);
}

TEST_F(PlaybackQueue, AutoHangupComesAfterTheWholeTrackAndIsKeptByLaterCommands) {
    start();
    ASSERT_TRUE(speak({.text = "one", .play_id = PlayId("a"), .auto_hangup = true}));
    ASSERT_TRUE(say("two", "a"));
    run(Milliseconds(180));
    EXPECT_FALSE(playback.take_finish());
    run(Seconds(1));
    const auto finish = playback.take_finish();
    ASSERT_TRUE(finish);
    EXPECT_TRUE(finish->auto_hangup);
    EXPECT_FALSE(playback.take_finish());
}

TEST_F(PlaybackQueue, ALaterCommandMayTakeAutoHangupBack) {
    start();
    ASSERT_TRUE(speak({.text = "one", .play_id = PlayId("a"), .auto_hangup = true}));
    ASSERT_TRUE(speak({.text = "two", .play_id = PlayId("a"), .auto_hangup = false}));
    run(Seconds(1));
    EXPECT_FALSE(playback.take_finish()->auto_hangup);
}

TEST_F(PlaybackQueue, ACutPlaybackTriggersNothing) {
    start();
    ASSERT_TRUE(speak({.text = "one two",
                       .play_id = PlayId("a"),
                       .auto_hangup = true,
                       .wait_input_timeout = InputTimeout(Seconds(2))}));
    run(Milliseconds(100));
    interrupt();
    run(Seconds(1));
    EXPECT_FALSE(playback.take_finish());
}

TEST_F(PlaybackQueue, ThePlaybackThatIsReplacedDoesNotHangUpForTheNewOne) {
    start();
    ASSERT_TRUE(speak({.text = "one two", .play_id = PlayId("a"), .auto_hangup = true}));
    run(Milliseconds(60));
    ASSERT_TRUE(say("three", "b"));
    run(Seconds(1));
    EXPECT_FALSE(playback.take_finish()->auto_hangup);
}

TEST_F(PlaybackQueue, AFullQueueRefusesAndKeepsWhatItHas) {
    start();
    Result<void> last_one;
    for (std::size_t i = 0; i <= kQueuedPlaybacks; ++i) {
        last_one = say("word", "a");
    }
    ASSERT_FALSE(last_one);
    EXPECT_EQ(last_one.error().code, Errc::TooLarge);
}

TEST_F(PlaybackQueue, APauseHoldsTheSoundWhereItIs) {
    start();
    ASSERT_TRUE(say("one two", "a"));
    EXPECT_EQ(run(Milliseconds(100)), 5);
    ASSERT_TRUE(playback.pause());
    EXPECT_EQ(run(Seconds(1)), 0);
    ASSERT_TRUE(playback.resume());
    EXPECT_EQ(run(Seconds(1)), 5);
    ASSERT_FALSE(playback.pause());
}

TEST_F(PlaybackQueue, TheEndOfTheCallEndsTheTrackWithoutAnInterruption) {
    start();
    ASSERT_TRUE(say("one two", "a"));
    run(Milliseconds(100));
    Step one = step();
    playback.stop(one);
    serve();
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

}  // namespace
}  // namespace patchbay::call
