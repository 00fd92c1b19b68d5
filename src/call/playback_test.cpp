// SPDX-License-Identifier: Apache-2.0
#include "call/playback.hpp"

#include "base/text.hpp"
#include "call/limits.hpp"
#include "media/memory_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace patchbay::call {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A playback with a world that answers every request at once: speech of 100 ms per word, files of
// the length their name says ("500.wav").
class PlaybackTest : public testing::Test {
  protected:
    // Events in short: "trackStart a", "interruption a", "metrics completed.tts.flite".
    using Story = std::vector<std::string>;

    Step step() {
        return Step{now, WallTime{now.since_epoch().count() / 1'000'000}, names, log, effects};
    }

    void start() {
        Step one = step();
        playback.start(one, 77);
        serve();
    }
    Result<void> say(std::string text, const std::string& play_id = "", bool streaming = false) {
        command::Tts tts{.text = std::move(text)};
        if (!play_id.empty()) {
            tts.play_id = PlayId(play_id);
        }
        tts.streaming = streaming;
        return speak(tts);
    }
    Result<void> speak(const command::Tts& tts) {
        Step one = step();
        const Result<void> done = playback.speak(one, tts, call_option);
        serve();
        return done;
    }
    Result<void> play(std::string url) {
        Step one = step();
        const Result<void> done = playback.play(one, command::Play{.url = std::move(url)});
        serve();
        return done;
    }
    void interrupt(bool graceful = false) {
        Step one = step();
        playback.interrupt(one, command::Interrupt{.graceful = graceful});
        serve();
    }
    // Frames that held sound.
    int run(Milliseconds duration) {
        int sounding = 0;
        for (Milliseconds passed{0}; passed < duration; passed += kFrameTime) {
            Step one = step();
            sounding += playback.read(one, frame) ? 1 : 0;
            serve();
            now += kFrameTime;
        }
        return sounding;
    }

    // Plays the world, and turns events into the story.
    void serve() {
        for (std::size_t i = 0; i < effects.size(); ++i) {
            const Effect effect = std::move(effects[i]);
            if (const auto* speech = std::get_if<StartSpeech>(&effect)) {
                serve_speech(*speech);
            } else if (const auto* file = std::get_if<OpenFile>(&effect)) {
                opened.push_back(file->url);
                const auto length = parse_number<int>(split_once(file->url, '.').first);
                attach(file->playback, Milliseconds(length.value_or(0)));
            } else if (const auto* emitted = std::get_if<EmitEvent>(&effect)) {
                tell(emitted->event);
            }
        }
        effects.clear();
    }
    void serve_speech(const StartSpeech& speech) {
        spoken.push_back(speech.text);
        if (silent_provider) {
            return;
        }
        const auto words = 1 + std::count(speech.text.begin(), speech.text.end(), ' ');
        const Milliseconds length = words * Milliseconds(100);
        attach(speech.playback, length);
        if (!slow_provider) {
            Step one = step();
            playback.finish_speech(one, speech.playback.sequence,
                                   {.duration = length, .words = {}});
        }
    }
    void attach(PlaybackId id, Milliseconds length) {
        playback.attach(id.sequence,
                        std::make_unique<media::MemorySource>(std::vector<std::int16_t>(
                            media::samples_in(length), std::int16_t{1000})));
    }
    void tell(const Event& event) {
        last.insert_or_assign(std::string(name_of(event)), event);
        std::string line(name_of(event));
        const auto add = [&](const std::optional<PlayId>& id) {
            line += id ? " " + id->value() : "";
        };
        if (const auto* start_of = std::get_if<event::TrackStart>(&event)) {
            add(start_of->play_id);
        } else if (const auto* end_of = std::get_if<event::TrackEnd>(&event)) {
            add(end_of->play_id);
        } else if (const auto* cut = std::get_if<event::Interruption>(&event)) {
            add(cut->play_id);
        } else if (const auto* measured = std::get_if<event::Metrics>(&event)) {
            metrics.push_back(measured->key);
            return;
        }
        story.push_back(line);
    }
    template <class E>
    E last_event() {
        return std::get<E>(last.at(std::string(E::kWireTag)));
    }

    Instant now{Seconds(1000)};
    SessionNames names{SessionKey(1), SessionId("s"), TrackId("s"), TrackId("server")};
    TransitionLog log;
    Effects effects;
    SynthesisOption call_option;
    media::Frame frame{};
    Playback playback{"flite"};
    Story story;
    std::vector<std::string> spoken;
    std::vector<std::string> opened;
    std::vector<std::string> metrics;
    std::map<std::string, Event> last;
    bool silent_provider = false;  // takes the text and never delivers
    bool slow_provider = false;    // never says that it has finished
};

TEST_F(PlaybackTest, SpeechPlaysToItsEndBetweenTrackStartAndTrackEnd) {
    start();
    ASSERT_TRUE(say("one two three four", "a"));
    EXPECT_EQ(run(Milliseconds(600)), 20);
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
    const auto end = last_event<event::TrackEnd>();
    EXPECT_EQ(end.duration, Milliseconds(400));
    EXPECT_EQ(end.ssrc, 77U);
    EXPECT_EQ(end.track_id, TrackId("server"));
}

TEST_F(PlaybackTest, NothingSoundsBeforeTheAnswerAndSpeechIsSynthesisedAhead) {
    ASSERT_TRUE(say("one two", "a"));
    EXPECT_THAT(spoken, ElementsAre("one two"));
    EXPECT_EQ(run(Milliseconds(100)), 0);
    EXPECT_THAT(story, IsEmpty());
    start();
    EXPECT_EQ(run(Milliseconds(300)), 10);
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackTest, TenCommandsOfOnePlayIdAreAllSpokenInOneTrack) {
    start();
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(say("word " + std::to_string(i), "a"));
    }
    EXPECT_EQ(run(Seconds(3)), 100);
    EXPECT_EQ(spoken.size(), 10U);
    EXPECT_EQ(spoken.back(), "word 9");
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackTest, CommandsWithoutPlayIdBelongTogether) {
    start();
    ASSERT_TRUE(say("one"));
    ASSERT_TRUE(say("two"));
    EXPECT_EQ(run(Seconds(1)), 10);
    EXPECT_THAT(story, ElementsAre("trackStart", "trackEnd"));
}

TEST_F(PlaybackTest, ACommandAfterTheTrackEndOpensANewTrack) {
    start();
    ASSERT_TRUE(say("one", "a"));
    run(Seconds(1));
    ASSERT_TRUE(say("two", "a"));
    run(Seconds(1));
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a", "trackStart a", "trackEnd a"));
}

TEST_F(PlaybackTest, AnotherPlayIdCutsAndTheOrderIsInterruptionEndStart) {
    start();
    ASSERT_TRUE(say("one two three", "a"));
    run(Milliseconds(100));
    ASSERT_TRUE(say("four", "b"));
    run(Seconds(1));
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a", "trackStart b",
                                   "trackEnd b"));
}

TEST_F(PlaybackTest, AFileIsCutWithoutAnInterruption) {
    start();
    ASSERT_TRUE(play("500.wav"));
    run(Milliseconds(100));
    ASSERT_TRUE(say("four", "b"));
    run(Seconds(1));
    EXPECT_THAT(
        story, ElementsAre("trackStart 500.wav", "trackEnd 500.wav", "trackStart b", "trackEnd b"));
}

TEST_F(PlaybackTest, TheSameUrlTwiceIsQueued) {
    start();
    ASSERT_TRUE(play("200.wav"));
    ASSERT_TRUE(play("200.wav"));
    EXPECT_EQ(run(Seconds(1)), 20);
    EXPECT_THAT(story, ElementsAre("trackStart 200.wav", "trackEnd 200.wav", "trackStart 200.wav",
                                   "trackEnd 200.wav"));
}

TEST_F(PlaybackTest, AnInterruptStopsTheSoundWithTheNextFrame) {
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

TEST_F(PlaybackTest, AnInterruptAt0MillisecondsHasNoPosition) {
    start();
    ASSERT_TRUE(say("one two", "a"));
    interrupt();
    EXPECT_EQ(last_event<event::Interruption>().current, Milliseconds(0));
    EXPECT_EQ(last_event<event::Interruption>().position, std::nullopt);
    EXPECT_EQ(run(Milliseconds(300)), 0);
}

TEST_F(PlaybackTest, AnInterruptOfNothingSaysNothing) {
    start();
    interrupt();
    interrupt(true);
    EXPECT_THAT(story, IsEmpty());
}

TEST_F(PlaybackTest, AGracefulInterruptFinishesTheSentenceAndDropsTheRest) {
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

TEST_F(PlaybackTest, AfterAGracefulInterruptTheSamePlayIdWaitsForTheSentence) {
    start();
    ASSERT_TRUE(say("one two three", "a"));
    run(Milliseconds(100));
    interrupt(true);
    ASSERT_TRUE(say("next", "a"));
    EXPECT_EQ(run(Seconds(1)), 10 + 5);
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a", "trackStart a",
                                   "trackEnd a"));
}

TEST_F(PlaybackTest, AGracefulInterruptBeforeTheFirstSoundCutsAtOnce) {
    silent_provider = true;
    start();
    ASSERT_TRUE(say("one two three", "a"));
    interrupt(true);
    EXPECT_THAT(story, ElementsAre("trackStart a", "interruption a", "trackEnd a"));
}

TEST_F(PlaybackTest, AFadeSoundsOnUnderWhatFollowsAndThenIsGone) {
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

TEST_F(PlaybackTest, AutoHangupComesAfterTheWholeTrackAndIsKeptByLaterCommands) {
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

TEST_F(PlaybackTest, ALaterCommandMayTakeAutoHangupBack) {
    start();
    ASSERT_TRUE(speak({.text = "one", .play_id = PlayId("a"), .auto_hangup = true}));
    ASSERT_TRUE(speak({.text = "two", .play_id = PlayId("a"), .auto_hangup = false}));
    run(Seconds(1));
    EXPECT_FALSE(playback.take_finish()->auto_hangup);
}

TEST_F(PlaybackTest, ACutPlaybackTriggersNothing) {
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

TEST_F(PlaybackTest, ThePlaybackThatIsReplacedDoesNotHangUpForTheNewOne) {
    start();
    ASSERT_TRUE(speak({.text = "one two", .play_id = PlayId("a"), .auto_hangup = true}));
    run(Milliseconds(60));
    ASSERT_TRUE(say("three", "b"));
    run(Seconds(1));
    EXPECT_FALSE(playback.take_finish()->auto_hangup);
}

TEST_F(PlaybackTest, AStreamingTrackStaysOpenUntilEndOfStream) {
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

TEST_F(PlaybackTest, AnEndedSentenceIsSpokenWhenTheStreamPauses) {
    start();
    ASSERT_TRUE(say("One moment please.", "a", true));
    EXPECT_THAT(spoken, IsEmpty());
    run(Milliseconds(40));
    EXPECT_THAT(spoken, ElementsAre("One moment please."));
}

TEST_F(PlaybackTest, AnEmptyTextIsAnEndMark) {
    start();
    ASSERT_TRUE(say("Hello world.", "a", true));
    run(Seconds(1));
    ASSERT_TRUE(
        speak({.text = "", .play_id = PlayId("a"), .streaming = true, .end_of_stream = true}));
    run(Milliseconds(20));
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackTest, EmptyTextAloneIsATrackWithoutSound) {
    start();
    ASSERT_TRUE(say("", "a"));
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
    EXPECT_THAT(spoken, IsEmpty());
}

TEST_F(PlaybackTest, Base64AudioIsPlayedAsItIs) {
    start();
    Bytes samples(2 * 640);
    ASSERT_TRUE(speak({.text = to_base64(samples), .play_id = PlayId("a"), .base64 = true}));
    EXPECT_EQ(run(Milliseconds(200)), 2);
    EXPECT_THAT(spoken, IsEmpty());
    EXPECT_THAT(metrics, IsEmpty());
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackTest, Base64AudioOf8KilohertzLastsTwiceAsLong) {
    start();
    call_option.samplerate = 8000;
    Bytes samples(2 * 1600);
    ASSERT_TRUE(speak({.text = to_base64(samples), .base64 = true}));
    EXPECT_EQ(run(Milliseconds(400)), 10);
}

TEST_F(PlaybackTest, BrokenBase64ChangesNothing) {
    start();
    ASSERT_TRUE(say("one two", "a"));
    const auto broken = speak({.text = "!!", .play_id = PlayId("b"), .base64 = true});
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, Errc::Malformed);
    EXPECT_EQ(run(Seconds(1)), 10);
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackTest, MetricsOfAnUtteranceComeBeforeItsTrackEnd) {
    start();
    call_option.provider = "acme";
    ASSERT_TRUE(say("one", "a"));
    EXPECT_THAT(metrics, ElementsAre("ttfb.tts.acme", "completed.tts.acme"));
    EXPECT_THAT(story, ElementsAre("trackStart a"));
    EXPECT_EQ(last_event<event::Metrics>().data.at("playId"), JsonText::text("a"));
}

TEST_F(PlaybackTest, MetricsComeEvenWhenTheAudioOutrunsTheProvidersReport) {
    slow_provider = true;
    start();
    ASSERT_TRUE(say("one", "a"));
    run(Seconds(1));
    EXPECT_THAT(metrics, ElementsAre("ttfb.tts.flite", "completed.tts.flite"));
}

TEST_F(PlaybackTest, AFailedSynthesisIsAnErrorAndTheNextUtteranceIsSpoken) {
    silent_provider = true;
    start();
    ASSERT_TRUE(say("one", "a"));
    silent_provider = false;
    ASSERT_TRUE(say("two", "a"));
    Step one = step();
    playback.give_up(one, 1, Error{Errc::Unavailable, "voice"});
    serve();
    EXPECT_EQ(run(Seconds(1)), 5);
    EXPECT_THAT(story, ElementsAre("trackStart a", "error", "trackEnd a"));
    EXPECT_EQ(last_event<event::Error>().sender, "tts");
}

TEST_F(PlaybackTest, AFileThatCannotBePlayedIsAnErrorThenTrackEnd) {
    start();
    ASSERT_TRUE(play("x.wav"));
    Step one = step();
    playback.give_up(one, 1, Error{Errc::NotFound, "file"});
    serve();
    EXPECT_THAT(story, ElementsAre("trackStart x.wav", "error", "trackEnd x.wav"));
    EXPECT_EQ(last_event<event::Error>().code, 404);
    EXPECT_EQ(last_event<event::Error>().sender, "media");
}

TEST_F(PlaybackTest, AProviderThatStallsIsGivenUp) {
    silent_provider = true;
    start();
    ASSERT_TRUE(say("one", "a"));
    run(kSourceStall + Milliseconds(40));
    EXPECT_THAT(story, ElementsAre("trackStart a", "error", "trackEnd a"));
}

TEST_F(PlaybackTest, OneSynthesisAtATimeUnlessTheClientAllowsMore) {
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

TEST_F(PlaybackTest, NoMoreThanAFewUtterancesAreSynthesisedAhead) {
    start();
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(say("word", "a"));
    }
    EXPECT_EQ(spoken.size(), kSpeechAhead + 1);
    run(Seconds(5));
    EXPECT_EQ(spoken.size(), 20U);
}

TEST_F(PlaybackTest, AFullQueueRefusesAndKeepsWhatItHas) {
    start();
    Result<void> last_one;
    for (std::size_t i = 0; i <= kQueuedPlaybacks; ++i) {
        last_one = say("word", "a");
    }
    ASSERT_FALSE(last_one);
    EXPECT_EQ(last_one.error().code, Errc::TooLarge);
}

TEST_F(PlaybackTest, APauseHoldsTheSoundWhereItIs) {
    start();
    ASSERT_TRUE(say("one two", "a"));
    EXPECT_EQ(run(Milliseconds(100)), 5);
    ASSERT_TRUE(playback.pause());
    EXPECT_EQ(run(Seconds(1)), 0);
    ASSERT_TRUE(playback.resume());
    EXPECT_EQ(run(Seconds(1)), 5);
    ASSERT_FALSE(playback.pause());
}

TEST_F(PlaybackTest, TheEndOfTheCallEndsTheTrackWithoutAnInterruption) {
    start();
    ASSERT_TRUE(say("one two", "a"));
    run(Milliseconds(100));
    Step one = step();
    playback.stop(one);
    serve();
    EXPECT_THAT(story, ElementsAre("trackStart a", "trackEnd a"));
}

TEST_F(PlaybackTest, OptionsOfACommandLieOverTheCallsOptions) {
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
