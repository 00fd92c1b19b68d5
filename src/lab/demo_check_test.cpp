// SPDX-License-Identifier: Apache-2.0
#include "lab/demo_check.hpp"

#include "base/random.hpp"
#include "media/frame.hpp"
#include "media/tone.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace patchbay::lab {
namespace {

using testing::Contains;
using testing::Field;
using testing::HasSubstr;
using testing::SizeIs;

using Samples = std::vector<std::int16_t>;

constexpr Instant kStart{Seconds(1000)};
constexpr WallAnchor kClock{kStart, WallTime{1'700'000'000'000}};

void add_silence(Samples& samples, Milliseconds length) {
    samples.resize(samples.size() + media::samples_in(length));
}

void add_tone(Samples& samples, const DemoTone& tone, Milliseconds length) {
    Samples piece(media::samples_in(length));
    media::ToneGenerator(tone.spec()).generate(piece);
    samples.insert(samples.end(), piece.begin(), piece.end());
}

void add_speech(Samples& samples, Milliseconds length) {
    SeededRandom random(3);
    for (std::size_t i = 0; i < media::samples_in(length); ++i) {
        samples.push_back(static_cast<std::int16_t>(static_cast<int>(random.below(6000)) - 3000));
    }
}

// What the phone says and what it is played, in a call as it should be.
Samples phone_side(const DemoScript& script) {
    Samples samples;
    add_tone(samples, script.phone_tone, script.phone_tone.length);
    add_silence(samples, Seconds(8));
    return samples;
}
Samples server_side(const DemoScript& script, Milliseconds mp3_heard) {
    Samples samples;
    add_silence(samples, Milliseconds(1500));
    add_speech(samples, Milliseconds(1500));
    add_silence(samples, Milliseconds(400));
    add_speech(samples, Milliseconds(1100));
    add_silence(samples, script.pause);
    add_tone(samples, script.wav, script.wav.length);
    add_silence(samples, script.pause);
    add_tone(samples, script.mp3, mp3_heard);
    add_silence(samples, Milliseconds(700));
    return samples;
}

class DemoCheckTest : public testing::Test {
  protected:
    DemoCheckTest() {
        const Samples phone = phone_side(script);
        const Samples server = server_side(script, script.interrupt_after);
        evidence.clock = kClock;
        evidence.phone_recording.channels = {server, phone};
        evidence.server_recording.channels = {phone, server};
        evidence.client.ringing = kStart;
        evidence.client.answered = kStart + Milliseconds(600);
        evidence.client.digits = script.keys;
        evidence.client.speech = Milliseconds(3200);
        evidence.client.interrupted = kStart + Seconds(9);
        evidence.client.hangup = call::event::Hangup{.reason = "bySystem"};
        tell_silence(Seconds(5));
        tell_silence(Milliseconds(9012));
        evidence.phone.emplace_back(note::Ended{.by_far_end = true, .packets_received = 500});
    }
    void tell_silence(Nanoseconds after) {
        evidence.phone.emplace_back(note::SoundStopped{kClock.at(kStart + after)});
    }
    std::vector<DemoCheck> checks() const { return check_demo(script, evidence); }
    std::vector<std::string> failures() const {
        std::vector<std::string> names;
        for (const DemoCheck& check : checks()) {
            if (!check.ok) {
                names.push_back(check.name + ": " + check.measured);
            }
        }
        return names;
    }

    DemoScript script;
    DemoEvidence evidence;
};

TEST_F(DemoCheckTest, ACallAsItShouldBePassesAll) {
    EXPECT_THAT(failures(), SizeIs(0));
    EXPECT_THAT(checks(), Contains(Field(&DemoCheck::measured, "12 ms")));
}

TEST_F(DemoCheckTest, WithoutAnyEvidenceNearlyEverythingFails) {
    evidence = {};
    EXPECT_THAT(failures().size(), testing::Ge(11U));
}

TEST_F(DemoCheckTest, ALateSilenceFails) {
    evidence.phone.clear();
    tell_silence(Milliseconds(9041));
    evidence.phone.emplace_back(note::Ended{.by_far_end = true});
    EXPECT_THAT(failures(), SizeIs(1));
    EXPECT_THAT(failures().front(), HasSubstr("41 ms"));
}

TEST_F(DemoCheckTest, SoundThatGoesOnFails) {
    evidence.phone.erase(evidence.phone.begin() + 1);
    EXPECT_THAT(failures(), SizeIs(1));
    EXPECT_THAT(failures().front(), HasSubstr("never stopped"));
}

TEST_F(DemoCheckTest, AMissingOrDoubledKeyFails) {
    for (const char* digits : {"5", "55#", ""}) {
        evidence.client.digits = digits;
        EXPECT_THAT(failures(), SizeIs(1)) << digits;
    }
}

TEST_F(DemoCheckTest, ChannelsTheWrongWayRoundFail) {
    std::swap(evidence.server_recording.channels[0], evidence.server_recording.channels[1]);
    EXPECT_THAT(failures(), SizeIs(testing::Ge(5U)));
}

TEST_F(DemoCheckTest, ALeakBetweenTheChannelsFails) {
    add_tone(evidence.server_recording.channels[0], script.wav, Milliseconds(400));
    EXPECT_THAT(failures(), SizeIs(1));
    EXPECT_THAT(failures().front(), HasSubstr("660 Hz"));
}

TEST_F(DemoCheckTest, AFileThatWasNotInterruptedFails) {
    evidence.phone_recording.channels[0] = server_side(script, script.mp3.length);
    EXPECT_THAT(failures(), SizeIs(1));
    EXPECT_THAT(failures().front(), HasSubstr("half of the MP3"));
}

TEST_F(DemoCheckTest, SpeechThatIsCutShortFails) {
    evidence.client.speech = Milliseconds(5000);
    EXPECT_THAT(failures(), SizeIs(2));  // at the phone and in the recording
}

TEST_F(DemoCheckTest, AnErrorEventFails) {
    evidence.client.errors = {"tts: no voice"};
    EXPECT_THAT(failures(), testing::ElementsAre("no error event: tts: no voice"));
}

}  // namespace
}  // namespace patchbay::lab
