// SPDX-License-Identifier: Apache-2.0
#include "support/playback_world.hpp"

#include <gmock/gmock.h>

namespace patchbay::call {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PlaybackSpeech : public test::PlaybackWorld {};

TEST_F(PlaybackSpeech, AStreamingTrackStaysOpenUntilEndOfStream) {
    start();
    ASSERT_TRUE(say("Hello ", "a", true));
    ASSERT_TRUE(say("world. How", "a", true));
    EXPECT_THAT(spoken, ElementsAre("Hello world."));
    run(Seconds(5));
    EXPECT_THAT(story, ElementsAre("trackStart a"));
    ASSERT_TRUE(speak(
        {.text = " are you", .play_id = PlayId("a"), .streaming = true, .end_of_stream = true}));
    EXPECT_EQ(run(Seconds(1)), 15);
    EXPECT_THAT(spoken, ElementsAre("Hello world.", "How are you"));
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackSpeech, AnEndedSentenceIsSpokenWhenTheStreamPauses) {
    start();
    ASSERT_TRUE(say("One moment please.", "a", true));
    EXPECT_THAT(spoken, IsEmpty());
    run(Milliseconds(40));
    EXPECT_THAT(spoken, ElementsAre("One moment please."));
}

TEST_F(PlaybackSpeech, AnEmptyTextIsAnEndMark) {
    start();
    ASSERT_TRUE(say("Hello world.", "a", true));
    run(Seconds(1));
    ASSERT_TRUE(
        speak({.text = "", .play_id = PlayId("a"), .streaming = true, .end_of_stream = true}));
    run(Milliseconds(20));
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackSpeech, EmptyTextAloneIsATrackWithoutSound) {
    start();
    ASSERT_TRUE(say("", "a"));
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
    EXPECT_THAT(spoken, IsEmpty());
}

TEST_F(PlaybackSpeech, Base64AudioIsPlayedAsItIs) {
    start();
    Bytes samples(2 * 640);
    ASSERT_TRUE(speak({.text = to_base64(samples), .play_id = PlayId("a"), .base64 = true}));
    EXPECT_EQ(run(Milliseconds(200)), 2);
    EXPECT_THAT(spoken, IsEmpty());
    EXPECT_THAT(metrics, IsEmpty());
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackSpeech, Base64AudioOf8KilohertzLastsTwiceAsLong) {
    start();
    call_option.samplerate = 8000;
    Bytes samples(2 * 1600);
    ASSERT_TRUE(speak({.text = to_base64(samples), .base64 = true}));
    EXPECT_EQ(run(Milliseconds(400)), 10);
}

TEST_F(PlaybackSpeech, BrokenBase64ChangesNothing) {
    start();
    ASSERT_TRUE(say("one two", "a"));
    const auto broken = speak({.text = "!!", .play_id = PlayId("b"), .base64 = true});
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, Errc::Malformed);
    EXPECT_EQ(run(Seconds(1)), 10);
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackSpeech, MetricsOfAnUtteranceComeBeforeItsTrackEnd) {
    start();
    ASSERT_TRUE(say("one", "a"));
    EXPECT_THAT(metrics, ElementsAre("ttfb.tts.flite", "completed.tts.flite"));
    EXPECT_THAT(story, ElementsAre("trackStart a"));
    EXPECT_EQ(last_event<event::Metrics>().data.at("playId"), JsonText::text("a"));
}

TEST_F(PlaybackSpeech, MetricsComeEvenWhenTheAudioOutrunsTheProvidersReport) {
    slow_provider = true;
    start();
    ASSERT_TRUE(say("one", "a"));
    run(Seconds(1));
    EXPECT_THAT(metrics, ElementsAre("ttfb.tts.flite", "completed.tts.flite"));
}

TEST_F(PlaybackSpeech, AFailedSynthesisIsAnErrorAndTheNextUtteranceIsSpoken) {
    silent_provider = true;
    start();
    ASSERT_TRUE(say("one", "a"));
    silent_provider = false;
    ASSERT_TRUE(say("two", "a"));
    Step one = step();
    playback.give_up(one, 1, failure_of({Errc::Unavailable, "voice"}));
    serve();
    EXPECT_EQ(run(Seconds(1)), 5);
    EXPECT_THAT(story, ElementsAre("trackStart a", "error", "trackEnd a"));
    EXPECT_EQ(last_event<event::Error>().sender, "tts");
}

TEST_F(PlaybackSpeech, AFileThatCannotBePlayedIsAnErrorThenTrackEnd) {
    start();
    ASSERT_TRUE(play("x.wav"));
    Step one = step();
    playback.give_up(one, 1, failure_of({Errc::NotFound, "file"}));
    serve();
    EXPECT_THAT(story, ElementsAre("trackStart x.wav", "error", "trackEnd x.wav"));
    EXPECT_EQ(last_event<event::Error>().code, 404);
    EXPECT_EQ(last_event<event::Error>().sender, "media");
}

TEST_F(PlaybackSpeech, AProviderThatStallsIsGivenUp) {
    silent_provider = true;
    start();
    ASSERT_TRUE(say("one", "a"));
    run(kSourceStall + Milliseconds(40));
    EXPECT_THAT(story, ElementsAre("trackStart a", "error", "trackEnd a"));
}

TEST_F(PlaybackSpeech, OneSynthesisAtATimeUnlessTheClientAllowsMore) {
    slow_provider = true;
    start();
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(say("word", "a"));
    }
    EXPECT_EQ(spoken.size(), 1U);
    interrupt();
    spoken.clear();
    call_option.max_concurrent_tasks = 2;
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(say("word", "a"));
    }
    EXPECT_EQ(spoken.size(), 2U);
}

TEST_F(PlaybackSpeech, NoMoreThanAFewUtterancesAreSynthesisedAhead) {
    start();
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(say("word", "a"));
    }
    EXPECT_EQ(spoken.size(), kSpeechAhead + 1);
    run(Seconds(5));
    EXPECT_EQ(spoken.size(), 20U);
}

TEST_F(PlaybackSpeech, OptionsOfACommandLieOverTheCallsOptions) {
    SynthesisOption seen;
    call_option.speed = 1.5;
    call_option.speaker = "slt";
    start();
    Step one = step();
    command::Tts tts{.text = "one"};
    tts.option = SynthesisOption{.volume = 9};
    tts.speaker = "rms";
    ASSERT_TRUE(playback.speak(one, tts, call_option));
    for (const Effect& effect : effects) {
        if (const auto* speech = std::get_if<StartSpeech>(&effect)) {
            seen = speech->option;
        }
    }
    EXPECT_EQ(seen.speed.value(), 1.5);
    EXPECT_EQ(seen.volume.value(), 9);
    EXPECT_EQ(seen.speaker, "rms");
}

// The provider's word times decide where they exist.
TEST(HeardSpeech, PositionIsTheLastWordBegun) {
    PlaybackItem item;
    item.content = PlaybackItem::Speech{"one two three", {}};
    item.result = speech::SpeechResult{.duration = Milliseconds(900),
                                       .words = {{0, 3, Milliseconds(0), Milliseconds(100)},
                                                 {4, 7, Milliseconds(100), Milliseconds(800)},
                                                 {8, 13, Milliseconds(800), Milliseconds(900)}}};
    item.frames_heard = 39;
    EXPECT_EQ(heard_of(item).position, 1U);
    item.frames_heard = 41;
    EXPECT_EQ(heard_of(item).position, 2U);
    item.frames_heard = 0;
    EXPECT_EQ(heard_of(item).position, std::nullopt);
}

}  // namespace
}  // namespace patchbay::call
