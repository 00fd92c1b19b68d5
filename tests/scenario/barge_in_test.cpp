// SPDX-License-Identifier: Apache-2.0
// A caller who speaks while something plays, and how long the application takes to answer him.
#include "media/memory_source.hpp"
#include "support/voice_audio.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kLong =
    "a b c d e f g h i j k l m n o p q r s t u v w x y z a b c d e f g h i j k l m n o p q r s t u "
    "v "
    "w x y z a b c d e f g h i j k l m n o p q r s t u v w x y z";

// What it is told to say, after so much audio.
class Script final : public EmbeddedRecognizer {
  public:
    using Lines = std::vector<std::pair<Milliseconds, speech::Transcript>>;
    explicit Script(Lines lines) : lines_(std::move(lines)) {}

    std::vector<speech::Transcript> write(const media::Frame&) override {
        heard_ += media::kFrameTime;
        std::vector<speech::Transcript> out;
        while (!lines_.empty() && lines_.front().first <= heard_) {
            out.push_back(lines_.front().second);
            lines_.erase(lines_.begin());
        }
        return out;
    }

  private:
    Lines lines_;
    Milliseconds heard_{0};
};

class BargeInCall : public testing::Test {
  protected:
    void call(BargeInOption barge_in) {
        CallOption option;
        option.vad = VadOption{.type = "webrtc", .silence_padding = Milliseconds(500)};
        option.asr = TranscriptionOption{};
        option.barge_in = std::move(barge_in);
        key = world.dial(option);
        ASSERT_TRUE(world.run_until([&] { return world.happened(key, "answer"); }));
    }
    void speak(const char* text) {
        world.phone().play(std::make_unique<media::MemorySource>(spoken(text)));
    }
    // The last moment at which the phone heard anything.
    Instant last_sound() {
        Instant last;
        for (const World::Heard& packet : world.heard_packets()) {
            last = packet.sound ? packet.at : last;
        }
        return last;
    }

    World world;
    SessionKey key;
};

TEST_F(BargeInCall, SpeechStopsWhatPlaysWithin20MillisecondsOfTheDecision) {
    world.set_recognizer([](const auto&) { return std::make_unique<Script>(Script::Lines{}); });
    call({});
    world.command(key, command::Tts{.text = kLong, .play_id = PlayId("p1")});
    world.run(Seconds(1));
    speak("Stop, please, I would like to say something.");
    ASSERT_TRUE(world.run_until([&] { return world.happened(key, "speaking"); }, Seconds(3)));
    const Instant decided = *world.when<event::Speaking>(key);
    world.run(Seconds(2));
    EXPECT_EQ(world.when<event::Interruption>(key), decided);
    EXPECT_EQ(world.all<event::Interruption>(key).at(0).play_id, PlayId("p1"));
    // 5 ms of network beside the frame that was on its way.
    EXPECT_LE(last_sound(), decided + Milliseconds(20) + Milliseconds(5));
    EXPECT_TRUE(world.happened(key, "trackEnd"));
}

TEST_F(BargeInCall, WithoutTheOptionNothingStops) {
    world.set_recognizer([](const auto&) { return std::make_unique<Script>(Script::Lines{}); });
    call({.mode = "none"});
    world.command(key, command::Tts{.text = kLong});
    world.run(Seconds(1));
    speak("Stop, please, I would like to say something.");
    world.run(Seconds(2));
    EXPECT_TRUE(world.happened(key, "speaking"));
    EXPECT_FALSE(world.happened(key, "interruption"));
}

TEST_F(BargeInCall, AWordShorterThanTheLeastDurationIsIgnored) {
    world.set_recognizer([](const auto&) { return std::make_unique<Script>(Script::Lines{}); });
    call({.min_duration = Milliseconds(2000)});
    world.command(key, command::Tts{.text = kLong});
    world.run(Seconds(1));
    speak("yes yes");
    world.run(Seconds(2));
    EXPECT_FALSE(world.happened(key, "interruption"));
    speak("Please listen to me now, I have a question and I would like to ask it.");
    world.run(Milliseconds(3500));
    EXPECT_TRUE(world.happened(key, "interruption"));
}

TEST_F(BargeInCall, FillersAreToldAsSuchAndStopNothing) {
    world.set_recognizer([](const auto&) {
        return std::make_unique<Script>(Script::Lines{
            {Milliseconds(1000), {.final = false, .text = "uh"}},
            {Milliseconds(1200), {.final = true, .text = "uh yes"}},
            {Milliseconds(2000), {.final = false, .text = "wait a moment"}},
        });
    });
    call({.mode = "asr", .fillers = {"uh", "yes"}});
    world.command(key, command::Tts{.text = kLong});
    world.run(Milliseconds(1800));
    EXPECT_FALSE(world.happened(key, "interruption"));
    ASSERT_THAT(world.all<event::AsrFinal>(key), SizeIs(1));
    EXPECT_EQ(world.all<event::AsrFinal>(key)[0].is_filler, true);
    world.run(Milliseconds(600));
    EXPECT_TRUE(world.happened(key, "interruption"));
    EXPECT_EQ(world.all<event::AsrDelta>(key).at(1).is_filler, std::nullopt);
}

TEST_F(BargeInCall, EachAnswerIsOneTurnWithItsStampsOnOneClock) {
    world.set_recognizer([](const auto&) {
        return std::make_unique<Script>(
            Script::Lines{{Milliseconds(4500), {.final = true, .text = "hello"}}});
    });
    call({});
    world.run(Seconds(1));
    speak("The birch canoe slid on the smooth planks.");
    ASSERT_TRUE(world.run_until([&] { return world.happened(key, "asrFinal"); }, Seconds(8)));
    world.run(Milliseconds(300));
    world.command(key, command::Tts{.text = "an answer"});
    world.run(Seconds(2));
    std::vector<event::Metrics> turns;
    for (const auto& one : world.all<event::Metrics>(key)) {
        if (one.key == "turn") {
            turns.push_back(one);
        }
    }
    ASSERT_THAT(turns, SizeIs(1));
    const auto stamp = [&](const char* name) { return std::stoll(turns[0].data.at(name).json()); };
    EXPECT_LT(stamp("lastSpeech"), stamp("vadEnd"));
    EXPECT_LT(stamp("vadEnd"), stamp("asrFinal"));
    EXPECT_NEAR(static_cast<double>(stamp("text") - stamp("asrFinal")), 300, 20);
    EXPECT_NEAR(static_cast<double>(stamp("firstPacket") - stamp("text")), 30, 25);
    EXPECT_EQ(turns[0].duration.count(), stamp("firstPacket") - stamp("lastSpeech"));
    EXPECT_EQ(turns[0].timestamp.milliseconds, stamp("firstPacket"));
    world.command(key, command::Hangup{});
    world.run(Seconds(1));
    ASSERT_TRUE(world.history(key).ended && world.history(key).ended->turns);
    EXPECT_EQ(world.history(key).ended->turns->turns, 1U);
    EXPECT_EQ(world.history(key).ended->turns->p50, turns[0].duration);
    EXPECT_EQ(world.history(key).ended->turns->p95, turns[0].duration);
}

// --- what is heard by detector, recognizer and recorder

}  // namespace
}  // namespace patchbay::test
