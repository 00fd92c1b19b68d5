// SPDX-License-Identifier: Apache-2.0
// What is done to a caller's audio before voice detection and recognition hear it, and who hears it
// as it was.
#include "media/memory_source.hpp"
#include "support/voice_audio.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace patchbay::test {
namespace {

using namespace call;
using testing::IsEmpty;

// Keeps what a recognizer hears.
class Tap final : public EmbeddedRecognizer {
  public:
    explicit Tap(Samples& heard) : heard_(heard) {}
    std::vector<speech::Transcript> write(const media::Frame& frame) override {
        heard_.insert(heard_.end(), frame.begin(), frame.end());
        return {};
    }

  private:
    Samples& heard_;
};

TEST(CleanUp, NoiseIsTakenOutBeforeRecognitionAndNeverFromTheRecording) {
    for (const bool denoise : {false, true}) {
        World world;
        Samples recognized;
        world.set_recognizer([&](const auto&) { return std::make_unique<Tap>(recognized); });
        CallOption option;
        option.asr = TranscriptionOption{};
        option.recorder = RecorderOption{};
        option.denoise = denoise;
        const SessionKey call = world.dial(option);
        ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
        world.phone().play(std::make_unique<media::MemorySource>(pink_noise(16000 * 5, -40)));
        world.run(Seconds(4));
        const double heard = media::rms_level(std::span(recognized).last(16000));
        const auto& left = world.history(call).recording->left;
        const double recorded = media::rms_level(std::span(left).last(16000));
        EXPECT_NEAR(recorded, -41, 2);
        if (denoise) {
            EXPECT_LE(heard, recorded - 9);
        } else {
            EXPECT_NEAR(heard, recorded, 1);
        }
        EXPECT_THAT(world.all<event::Error>(call), IsEmpty());
    }
}

TEST(CleanUp, AQuietCallerIsBroughtUpForRecognitionWithAgc) {
    double levels[2] = {};
    for (const bool agc : {false, true}) {
        World world;
        Samples recognized;
        world.set_recognizer([&](const auto&) { return std::make_unique<Tap>(recognized); });
        CallOption option;
        option.asr = TranscriptionOption{};
        option.agc = JsonText::boolean(agc);
        const SessionKey call = world.dial(option);
        ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
        Samples quiet = spoken("Four hours of steady work faced us. The boy was there.");
        std::ranges::transform(quiet, quiet.begin(),
                               [](int s) { return static_cast<std::int16_t>(s / 20); });
        world.phone().play(std::make_unique<media::MemorySource>(quiet));
        world.run(Seconds(4));
        levels[agc ? 1 : 0] = media::rms_level(recognized);
    }
    EXPECT_GE(levels[1], levels[0] + 10);
}

// A recording that asks for it holds the caller as recognition hears him.
TEST(CleanUp, TheRecordingIsCleanWhereItIsAskedFor) {
    World world;
    CallOption option;
    option.recorder = RecorderOption{.clean = true};
    option.denoise = true;
    const SessionKey call = world.dial(option);
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    world.phone().play(std::make_unique<media::MemorySource>(pink_noise(16000 * 5, -40)));
    world.run(Seconds(4));
    const auto& left = world.history(call).recording->left;
    EXPECT_LE(media::rms_level(std::span(left).last(16000)), -50);
}

// A speakerphone: what we play comes back 20 dB lower and 60 ms later, beside the network and the
// jitter buffer.
class EchoingCall : public testing::TestWithParam<bool> {
  protected:
    void SetUp() override {
        for (const char* const text :
             {"The birch canoe slid on the smooth planks. Glue the sheet to the dark blue.",
              "Rice is often served in round bowls. The juice of lemons makes fine punch."}) {
            const Samples part = spoken(text);
            announcement.insert(announcement.end(), part.begin(), part.end());
        }
        world.set_recognizer([&](const auto&) { return std::make_unique<Tap>(recognized); });
        world.add_file("announcement.wav",
                       [&] { return std::make_unique<media::MemorySource>(announcement); });
        CallOption option;
        option.asr = TranscriptionOption{};
        option.recorder = RecorderOption{};
        option.echo_cancel = GetParam();
        key = world.dial(option);
        ASSERT_TRUE(world.run_until([&] { return world.happened(key, "answer"); }));
        world.run(Seconds(1));
        world.command(key, command::Play{.url = "announcement.wav"});
        Samples echo(60 * 16);
        for (const std::int16_t sample : announcement) {
            echo.push_back(static_cast<std::int16_t>(std::lround(0.1 * sample)));
        }
        world.phone().play(std::make_unique<media::MemorySource>(std::move(echo)));
        world.run(Seconds(6));
    }
    static double level_of(const Samples& heard) {
        return media::rms_level(std::span(heard).last(3 * 16000));
    }

    World world;
    Samples announcement;
    Samples recognized;
    SessionKey key;
};

TEST_P(EchoingCall, EchoIsTakenOutBeforeRecognitionAndNeverFromTheRecording) {
    const double recorded = level_of(world.history(key).recording->left);
    EXPECT_GE(recorded, -45);
    if (GetParam()) {
        EXPECT_LE(level_of(recognized), recorded - 20);
    } else {
        EXPECT_NEAR(level_of(recognized), recorded, 1);
    }
    EXPECT_THAT(world.all<event::Error>(key), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(EchoCancel, EchoingCall, testing::Bool());

}  // namespace
}  // namespace patchbay::test
