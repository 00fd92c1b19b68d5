// SPDX-License-Identifier: Apache-2.0
// What is recognized of the two parties of a `refer`.
#include "media/level.hpp"
#include "media/memory_source.hpp"
#include "media/tone.hpp"
#include "support/voice_audio.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// Keeps what it hears, and understands "hello" after each second of it.
class Listener final : public EmbeddedRecognizer {
  public:
    explicit Listener(Samples& heard) : heard_(heard) {}

    std::vector<speech::Transcript> write(const media::Frame& frame) override {
        heard_.insert(heard_.end(), frame.begin(), frame.end());
        if (heard_.size() % media::kSampleRate != 0) {
            return {};
        }
        return {{.final = true, .text = "hello"}};
    }

  private:
    Samples& heard_;
};

// Phone 0 is called, and phone 1 is the other party. `heard` is in the order in which recognizers
// were asked for.
struct ReferListening : testing::Test {
    World world{[] {
        WorldOptions options;
        options.phones = {{}, {}};
        return options;
    }()};
    std::deque<Samples> heard;
    SessionKey session;

    void call(CallOption option = {}) {
        world.set_recognizer(
            [this](const auto&) { return std::make_unique<Listener>(heard.emplace_back()); });
        session = world.dial(std::move(option));
        ASSERT_TRUE(world.run_until([&] { return world.happened(session, "answer"); }));
    }
    void refer(ReferOption options) {
        world.command(session, command::Refer{.caller = "",
                                              .callee = World::phone_uri(1),
                                              .options = std::move(options)});
        ASSERT_TRUE(world.run_until([&] { return world.phone(1).is_answered(); }));
    }
    static double level(const Samples& samples) {
        return media::rms_level(std::span(samples).last(16000));
    }
    void play_tones() {
        for (const std::size_t phone : {std::size_t{0}, std::size_t{1}}) {
            world.phone(phone).play(std::make_unique<media::ToneSource>(
                media::ToneSpec{.frequency = 500, .level = -20}));
        }
    }
};

TEST_F(ReferListening, WhatTheOtherPartySaysIsRecognizedAsThatOfTheSecondLeg) {
    call();
    refer({.asr = TranscriptionOption{}});
    world.run(Milliseconds(2500));
    const auto finals = world.all<event::AsrFinal>(session);
    ASSERT_THAT(finals, SizeIs(2));
    EXPECT_EQ(finals[0].text, "hello");
    EXPECT_EQ(finals[0].refer, true);
    EXPECT_EQ(finals[0].track_id, TrackId("serverSideTrack"));
    EXPECT_THAT(heard, SizeIs(1));
}

TEST_F(ReferListening, WithoutTheOptionNobodyListensToTheOtherParty) {
    call();
    refer({});
    world.run(Seconds(2));
    EXPECT_THAT(heard, IsEmpty());
    EXPECT_FALSE(world.happened(session, "asrFinal"));
}

TEST_F(ReferListening, BothPartiesAreRecognizedAndToldApart) {
    CallOption option;
    option.asr = TranscriptionOption{};
    call(option);
    refer({.asr = TranscriptionOption{}});
    world.run(Milliseconds(1500));
    std::vector<bool> of_second_leg;
    for (const auto& final : world.all<event::AsrFinal>(session)) {
        of_second_leg.push_back(final.refer.value_or(false));
    }
    EXPECT_THAT(of_second_leg, testing::IsSupersetOf({true, false}));
}

TEST_F(ReferListening, PauseParentAsrHidesTheCallerFromRecognitionUntilTheSecondLegEnds) {
    CallOption option;
    option.asr = TranscriptionOption{};
    call(option);
    play_tones();
    world.run(Milliseconds(1500));
    EXPECT_NEAR(level(heard[0]), -20, 2);
    refer({.asr = TranscriptionOption{}, .pause_parent_asr = true});
    world.run(Milliseconds(1500));
    ASSERT_THAT(heard, SizeIs(2));
    const auto last = std::span<const std::int16_t>(heard[0]).last(16000);
    EXPECT_THAT(last, testing::Each(0));
    EXPECT_NEAR(level(heard[1]), -20, 2);
    world.command(session, command::Hangup{.refer = true});
    world.run(Milliseconds(1500));
    EXPECT_NEAR(level(heard[0]), -20, 2);
    // Nothing is missing: providers hang up on those who send nothing.
    EXPECT_GT(heard[0].size(), std::size_t{4} * 16000);
}

TEST_F(ReferListening, ByDefaultTheCallerIsRecognizedAllTheTime) {
    CallOption option;
    option.asr = TranscriptionOption{};
    call(option);
    play_tones();
    refer({});
    world.run(Milliseconds(1500));
    EXPECT_NEAR(level(heard[0]), -20, 2);
}

TEST_F(ReferListening, DenoiseTakesTheNoiseOfTheOtherPartyOutOnlyWhereItIsAskedFor) {
    std::vector<double> levels;
    call();
    for (const bool denoise : {false, true}) {
        refer({.denoise = denoise, .asr = TranscriptionOption{}});
        world.phone(1).play(std::make_unique<media::MemorySource>(pink_noise(16000 * 5, -40)));
        world.run(Seconds(4));
        levels.push_back(level(heard.back()));
    }
    ASSERT_THAT(heard, SizeIs(2));
    EXPECT_NEAR(levels[0], -41, 2);
    EXPECT_LE(levels[1], levels[0] - 9);
    EXPECT_THAT(world.all<event::Error>(session), IsEmpty());
}

}  // namespace
}  // namespace patchbay::test
