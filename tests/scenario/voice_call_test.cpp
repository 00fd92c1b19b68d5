// SPDX-License-Identifier: Apache-2.0
// A caller speaks into a call and falls silent: what the application is told, and when.
#include "call/voice_watch.hpp"
#include "media/memory_source.hpp"
#include "media/resampler.hpp"
#include "speech/vad/silero_network.hpp"
#include "speech/vad/ten_library.hpp"
#include "support/silero_reference.hpp"
#include "support/source_path.hpp"
#include "support/voice_audio.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::Not;

constexpr WallTime kStart{1'640'995'200'000};  // of the world's clock
constexpr std::string_view kWeights = "data/models/silero_vad_16k_op15.onnx";

// Null when they were never fetched.
std::shared_ptr<const speech::SileroNetwork> weights() {
    static const auto network = []() -> std::shared_ptr<const speech::SileroNetwork> {
        std::ifstream file{source_path(kWeights), std::ios::binary};
        if (!file) {
            return nullptr;
        }
        const Bytes bytes{std::istreambuf_iterator<char>(file), {}};
        const auto loaded = speech::SileroNetwork::load(bytes);
        EXPECT_TRUE(loaded) << "the weights are there and cannot be used";
        return loaded.value_or(nullptr);
    }();
    return network;
}

// Each test for each detector; silero is skipped where its weights are missing.
class VoiceInACall : public testing::TestWithParam<std::string> {
  protected:
    void SetUp() override {
        if (GetParam() == "silero" && !weights()) {
            GTEST_SKIP() << "no weights: tools/models could not fetch silero-vad from PyPI";
        }
    }
    static WorldOptions options() {
        WorldOptions options;
        options.exchange.voice_network = weights();
        return options;
    }
    static CallOption with_vad(VadOption vad = {}) {
        vad.type = GetParam();
        CallOption option;
        option.vad = std::move(vad);
        return option;
    }
};

SessionKey answered(World& world, const CallOption& option) {
    const SessionKey call = world.dial(option);
    EXPECT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    return call;
}

void say(World& world, Samples samples) {
    world.phone().play(std::make_unique<media::MemorySource>(std::move(samples)));
}

// Where an utterance begins and ends, in milliseconds, for those who hear it by telephone: its
// first and last 10 ms that are, in the band that G.711 carries, less than 40 dB below its loudest.
std::pair<double, double> extent(const Samples& samples) {
    constexpr std::size_t kPiece = 80;
    Samples narrow(samples.size() / 2);
    auto resampler = *media::Resampler::make(16000, 8000);
    resampler.skip_delay();
    narrow.resize(resampler.process(samples, narrow).produced);
    std::vector<double> levels;
    for (std::size_t at = 0; at + kPiece <= narrow.size(); at += kPiece) {
        levels.push_back(media::rms_level(std::span(narrow).subspan(at, kPiece)));
    }
    const double floor = *std::ranges::max_element(levels) - 40;
    const auto loud = [&](double level) { return level > floor; };
    const auto first = std::ranges::find_if(levels, loud);
    const auto last = std::find_if(levels.rbegin(), levels.rend(), loud);
    return {10.0 * static_cast<double>(first - levels.begin()),
            10.0 * static_cast<double>(levels.rend() - last)};
}

constexpr std::string_view kSentences[] = {
    "The birch canoe slid on the smooth planks.",
    "Glue the sheet to the dark blue background.",
    "Rice is often served in round bowls.",
    "The juice of lemons makes fine punch.",
    "The box was thrown beside the parked truck.",
    "Four hours of steady work faced us.",
    "A large size in stockings is hard to sell.",
    "The boy was there when the sun rose.",
    "The source of the huge river is the clear spring.",
    "Kick the ball straight and follow through.",
};

struct Truth {
    double begin;  // milliseconds since the world began
    double end;
};

// The ten sentences with pauses of a second and a half, over a quiet line.
std::pair<Samples, std::vector<Truth>> conversation() {
    Samples all = Samples(16000);
    std::vector<Truth> truths;
    for (const std::string_view sentence : kSentences) {
        const Samples voice = spoken(sentence);
        const auto [begin, end] = extent(voice);
        const double at = static_cast<double>(all.size()) / 16;
        truths.push_back({at + begin, at + end});
        all.insert(all.end(), voice.begin(), voice.end());
        all.resize(all.size() + 24000);
    }
    const Samples line = pink_noise(all.size(), -65);
    std::ranges::transform(all, line, all.begin(), [](int a, int b) {
        return static_cast<std::int16_t>(std::clamp(a + b, -32768, 32767));
    });
    return {all, truths};
}

double since_start(WallTime time) {
    return static_cast<double>(time.milliseconds - kStart.milliseconds);
}

TEST_P(VoiceInACall, EachOfTenSentencesIsToldCloseToTheTruth) {
    // The cheap detector hangs on after a voice, and mistakes some noise before one for it.
    const double tolerance = GetParam() == "silero" ? 100 : 350;
    World world(options());
    const Instant born = world.now();  // kStart on the wall
    // Pauses between words are shorter than this one.
    const SessionKey call = answered(world, with_vad({.silence_padding = Milliseconds(500)}));
    world.run(Seconds(1));
    const auto [audio, truths] = conversation();
    const double origin =
        static_cast<double>(whole_milliseconds(world.next_phone_tick(world.now()) - born).count());
    say(world, audio);
    world.run(media::duration_of(audio.size()) + Seconds(2));
    const auto speaking = world.all<event::Speaking>(call);
    const auto silences = world.all<event::Silence>(call);
    ASSERT_EQ(speaking.size(), truths.size());
    ASSERT_EQ(silences.size(), truths.size());
    for (std::size_t i = 0; i < truths.size(); ++i) {
        EXPECT_EQ(speaking[i].track_id, TrackId("call"));
        EXPECT_NEAR(since_start(speaking[i].start_time), origin + truths[i].begin, tolerance) << i;
        EXPECT_NEAR(since_start(silences[i].start_time), origin + truths[i].end, tolerance) << i;
        EXPECT_NEAR(static_cast<double>(silences[i].speech_duration->count()),
                    truths[i].end - truths[i].begin, 2 * tolerance)
            << i;
    }
}

// The engine judges at 16 kHz and keeps no speech, so that neither can change what is told.
TEST_P(VoiceInACall, SamplerateAndBufferOfTheClientChangeNothing) {
    // Once: the same words never sound quite the same.
    const Samples spoken_once = conversation().first;
    const auto told = [&](VadOption vad) {
        World world(options());
        const SessionKey call = answered(world, with_vad(std::move(vad)));
        say(world, spoken_once);
        world.run(Seconds(12));
        std::vector<std::int64_t> times;
        for (const auto& speaking : world.all<event::Speaking>(call)) {
            times.push_back(speaking.start_time.milliseconds);
        }
        for (const auto& silence : world.all<event::Silence>(call)) {
            times.push_back(silence.speech_duration->count());
        }
        EXPECT_THAT(world.all<event::Error>(call), testing::IsEmpty());
        return times;
    };
    const auto usual = told({});
    EXPECT_GE(usual.size(), 4U);
    EXPECT_EQ(told({.samplerate = 8000}), usual);
    EXPECT_EQ(told({.max_buffer_duration = Seconds(1)}), usual);
}

TEST_P(VoiceInACall, NoiseIsNoSpeech) {
    for (const bool street : {false, true}) {
        World world(options());
        const SessionKey call = answered(world, with_vad());
        const std::size_t minute = std::size_t{60} * 16000;
        say(world, street ? street_noise(minute, -45) : pink_noise(minute, -45));
        world.run(Seconds(61));
        EXPECT_THAT(world.story(call), Not(testing::Contains("speaking"))) << street;
    }
}

TEST_P(VoiceInACall, AMutedCallerIsSilent) {
    World world(options());
    const SessionKey call = answered(world, with_vad());
    world.command(call, command::Mute{.track_id = TrackId("call")});
    say(world, conversation().first);
    world.run(Seconds(8));
    EXPECT_FALSE(world.happened(call, "speaking"));
    world.command(call, command::Unmute{.track_id = TrackId("call")});
    world.run(Seconds(8));
    EXPECT_TRUE(world.happened(call, "speaking"));
}

TEST_P(VoiceInACall, SilenceIsToldAgainWhileItLasts) {
    World world(options());
    const SessionKey call = answered(world, with_vad({.silence_timeout = Milliseconds(2000)}));
    world.run(Milliseconds(6600));
    const auto silences = world.all<event::Silence>(call);
    ASSERT_EQ(silences.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(silences[i].track_id, TrackId("call"));
        EXPECT_EQ(silences[i].start_time, silences[0].start_time);
        EXPECT_NEAR(static_cast<double>(silences[i].duration.count()),
                    2000 * (static_cast<double>(i) + 1), 100);
        EXPECT_FALSE(silences[i].speech_duration);
    }
}

TEST_P(VoiceInACall, SpeakingEndsTheWaitForInput) {
    for (const bool speaks : {false, true}) {
        World world(options());
        const SessionKey call = answered(world, with_vad());
        world.command(call, command::Tts{.text = "Hello",
                                         .wait_input_timeout = InputTimeout(Milliseconds(3000))});
        ASSERT_TRUE(world.run_until([&] { return world.happened(call, "trackEnd"); }));
        if (speaks) {
            say(world, spoken(kSentences[0]));
        }
        world.run(Seconds(6));
        const auto silences = world.all<event::Silence>(call);
        const bool waited = std::ranges::any_of(silences, [](const event::Silence& silence) {
            return silence.track_id == TrackId(std::string(kServerTrack));
        });
        EXPECT_EQ(waited, !speaks);
    }
}

INSTANTIATE_TEST_SUITE_P(Detectors,
                         VoiceInACall,
                         testing::Values("silero", "webrtc"),
                         [](const auto& detector) { return detector.param; });

TEST(VoiceService, ATypeThatIsServedByAnotherIsSaidOnce) {
    World world;
    CallOption option;
    option.vad = VadOption{.type = "ten"};
    const SessionKey call = answered(world, option);
    world.run(Seconds(2));
    const auto others = world.all<event::Other>(call);
    ASSERT_EQ(others.size(), 1U);
    EXPECT_EQ(others[0].sender, "vad");
    EXPECT_EQ(others[0].extra.at("type"), "ten");
    EXPECT_EQ(others[0].extra.at("servedBy"), "webrtc");
    EXPECT_FALSE(world.happened(call, "error"));
}

TEST(VoiceService, FieldsWithoutEffectAreNamedOnce) {
    World world;
    CallOption option;
    option.vad = VadOption{.type = "webrtc",
                           .samplerate = 8000,
                           .max_buffer_duration = Seconds(20),
                           .secret_key = Secret(std::string("key"))};
    const SessionKey call = answered(world, option);
    world.run(Seconds(2));
    const auto others = world.all<event::Other>(call);
    ASSERT_EQ(others.size(), 1U);
    EXPECT_EQ(others[0].sender, "vad");
    EXPECT_EQ(others[0].extra.at("provider"), "webrtc");
    EXPECT_EQ(others[0].extra.at("unused"), "samplerate,maxBufferDurationSecs,secretKey");
}

TEST(VoiceService, TenServesWhereItsLibraryIs) {
    const auto library = speech::TenLibrary::load(build_path("tests/libten_vad_double.so"));
    ASSERT_TRUE(library) << library.error();
    WorldOptions options;
    options.exchange.ten_library = *library;
    World world(options);
    CallOption option;
    option.vad = VadOption{.type = "ten", .silence_padding = Milliseconds(500)};
    const SessionKey call = answered(world, option);
    say(world, spoken(kSentences[0]));
    world.run(Seconds(5));
    EXPECT_THAT(world.all<event::Speaking>(call), testing::SizeIs(1));
    EXPECT_THAT(world.all<event::Silence>(call), testing::SizeIs(1));
    EXPECT_THAT(world.all<event::Other>(call), testing::IsEmpty());
}

TEST(VoiceService, EachTypeHasItsDetector) {
    const auto network = *speech::SileroNetwork::load(SileroReference(1).file());
    speech::VoiceBatch batch(network);
    const auto library = *speech::TenLibrary::load(build_path("tests/libten_vad_double.so"));
    struct Row {
        std::optional<std::string> type;
        bool has_network;
        bool has_ten;
        std::string_view name;
        bool as_asked;
    };
    const Row rows[] = {
        {std::nullopt, true, false, "silero", true}, {std::nullopt, false, false, "webrtc", true},
        {"silero", true, false, "silero", true},     {"Silero", true, true, "silero", true},
        {"silero", false, false, "webrtc", true},    {"webrtc", true, true, "webrtc", true},
        {"webrtc", false, false, "webrtc", true},    {"ten", true, false, "silero", false},
        {"ten", false, false, "webrtc", false},      {"ten", true, true, "ten", true},
        {"TEN", false, true, "ten", true},           {"nonsense", true, true, "silero", false},
    };
    for (const Row& row : rows) {
        const VoiceService service =
            voice_service({.type = row.type}, {.batch = row.has_network ? &batch : nullptr,
                                               .ten = row.has_ten ? library.get() : nullptr});
        EXPECT_EQ(service.name(), row.name) << row.type.value_or("none");
        EXPECT_EQ(service.as_asked, row.as_asked) << row.type.value_or("none");
    }
}

}  // namespace
}  // namespace patchbay::test
