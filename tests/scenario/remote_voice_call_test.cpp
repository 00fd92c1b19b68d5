// SPDX-License-Identifier: Apache-2.0
// Voice detection by a service on the network: its word counts, and a call outlives every failure
// of it with its own detector.
#include "media/memory_source.hpp"
#include "support/voice_audio.hpp"
#include "support/voice_service_double.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <ostream>
#include <string>

namespace patchbay::test {
namespace {

using namespace call;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Fault = VoiceServiceDouble::Fault;

constexpr const char* kUrl = "wss://vad.example.com/mine";
constexpr WallTime kStart{1'640'995'200'000};  // of the world's clock

class RemoteVoiceCall : public testing::Test {
  protected:
    void call(VadOption vad = {}) {
        vad.type = vad.type.value_or("webrtc");
        vad.endpoint = kUrl;
        vad.secret_id = Secret(std::string("the-id"));
        vad.secret_key = Secret(std::string("the-key"));
        CallOption option;
        option.vad = std::move(vad);
        world.add_socket_server(kUrl, service);
        key = world.dial(option);
        ASSERT_TRUE(world.run_until([&] { return world.happened(key, "answer"); }));
    }
    void say(std::string_view text) {
        world.phone().play(std::make_unique<media::MemorySource>(spoken(text)));
    }
    std::vector<std::string> errors() {
        std::vector<std::string> out;
        for (const auto& error : world.all<event::Error>(key)) {
            EXPECT_EQ(error.sender, "vad");
            out.push_back(error.error);
        }
        return out;
    }
    void expect_alive() {
        ASSERT_FALSE(world.happened(key, "hangup"));
        world.command(key, command::Tts{.text = "still here"});
        EXPECT_TRUE(world.run_until([&] { return world.happened(key, "trackEnd"); }, Seconds(5)));
    }

    World world;
    VoiceServiceDouble service;
    SessionKey key;
};

// The caller is silent all the time: it is the service that hears a voice, one second after its
// first audio, and the rules of the contract that make events of it.
TEST_F(RemoteVoiceCall, TheWordOfTheServiceCounts) {
    for (const bool verdicts : {false, true}) {
        World own;
        VoiceServiceDouble judge;
        judge.verdicts = verdicts;
        own.add_socket_server(kUrl, judge);
        CallOption option;
        option.vad = VadOption{.type = "webrtc", .endpoint = kUrl};
        const Instant born = own.now();
        const SessionKey call = own.dial(option);
        ASSERT_TRUE(own.run_until([&] { return own.happened(call, "speaking"); }, Seconds(5)));
        const auto connected = own.sockets().at(0).id;
        EXPECT_EQ(connected.purpose, SocketPurpose::VoiceDetection);
        own.run(Seconds(4));
        const auto speaking = own.all<event::Speaking>(call);
        const auto silences = own.all<event::Silence>(call);
        ASSERT_THAT(speaking, SizeIs(1));
        ASSERT_THAT(silences, SizeIs(1));
        // The jitter buffer may have grown by a packet meanwhile.
        EXPECT_NEAR(static_cast<double>(silences[0].speech_duration->count()), 1000, 40);
        EXPECT_NEAR(static_cast<double>(silences[0].start_time.milliseconds -
                                        speaking[0].start_time.milliseconds),
                    1000, 40);
        // Told when speechPadding has passed, and the answer has come back.
        const auto told = whole_milliseconds(*own.when<event::Speaking>(call) - born).count();
        const auto begun = speaking[0].start_time.milliseconds - kStart.milliseconds;
        EXPECT_GE(told, begun + 250);
        EXPECT_LE(told, begun + 450);
        EXPECT_THAT(own.all<event::Error>(call), IsEmpty());
    }
}

TEST_F(RemoteVoiceCall, TheRequestCarriesTheSecretsAndTheFetchGuardHasAWord) {
    call();
    world.run(Seconds(1));
    ASSERT_THAT(service.connections, SizeIs(1));
    const auto& one = *service.connections[0];
    EXPECT_EQ(one.request.url, kUrl);
    EXPECT_EQ(one.request.field("Authorization"), "Bearer the-key");
    EXPECT_EQ(one.request.field("X-Secret-Id"), "the-id");
    EXPECT_THAT(one.texts, ElementsAre(AllOf(HasSubstr("\"start\""), HasSubstr("16000"))));
    EXPECT_FALSE(world.sockets().at(0).trusted);
    EXPECT_THAT(service.complaints, IsEmpty());
}

TEST_F(RemoteVoiceCall, TheServiceGetsTheRateThatIsAskedForAndNoOther) {
    service.rate = 8000;
    call({.samplerate = 8000});
    world.run(Seconds(3));
    EXPECT_THAT(service.connections.at(0)->texts, ElementsAre(HasSubstr("\"sampleRate\":8000")));
    const auto audio = static_cast<double>(service.connections.at(0)->audio);
    EXPECT_NEAR(audio, 3 * 16000, 2000);
    EXPECT_TRUE(world.happened(key, "speaking"));
    EXPECT_THAT(errors(), IsEmpty());

    World other;
    CallOption option;
    option.vad = VadOption{.samplerate = 44100, .endpoint = kUrl};
    const SessionKey call = other.dial(option);
    other.run(Seconds(2));
    ASSERT_THAT(other.all<event::Error>(call), SizeIs(1));
    EXPECT_THAT(other.all<event::Error>(call)[0].error, HasSubstr("samplerate"));
    EXPECT_THAT(other.sockets(), IsEmpty());
}

TEST_F(RemoteVoiceCall, TheServiceIsToldOfTheEnd) {
    call();
    world.run(Seconds(1));
    world.command(key, command::Hangup{});
    world.run(Seconds(1));
    EXPECT_THAT(service.connections.at(0)->texts, Contains(HasSubstr("\"end\"")));
    EXPECT_TRUE(world.sockets().at(0).closed);
}

struct Failure {
    const char* name;
    Fault fault;
    const char* said;

    friend void PrintTo(const Failure& one, std::ostream* out) { *out << one.name; }
};

class FailingRemoteVoice : public RemoteVoiceCall, public testing::WithParamInterface<Failure> {};

// Whatever goes wrong: one error, and the call's own detector hears the caller.
TEST_P(FailingRemoteVoice, TheCallsOwnDetectorServesAndOneErrorSaysSo) {
    service.fault = GetParam().fault;
    service.voice_begin = service.voice_end = Seconds(0);  // where it answers: nobody speaks
    call();
    world.run(Seconds(12));
    ASSERT_FALSE(world.happened(key, "speaking"));
    say("Hello, is there anybody who can help me, please?");
    ASSERT_TRUE(world.run_until([&] { return world.happened(key, "speaking"); }, Seconds(4)));
    world.run(Seconds(4));
    EXPECT_TRUE(world.happened(key, "silence"));
    EXPECT_THAT(errors(), ElementsAre(AllOf(HasSubstr("endpoint"), HasSubstr(GetParam().said),
                                            HasSubstr("own detector serves"))));
    expect_alive();
}

INSTANTIATE_TEST_SUITE_P(Failures,
                         FailingRemoteVoice,
                         testing::Values(Failure{"refuse", Fault::Refuse, "503"},
                                         Failure{"forbid", Fault::Forbid, "401"},
                                         Failure{"error", Fault::Error, "no licence"},
                                         Failure{"garbage", Fault::Garbage, "not understood"},
                                         Failure{"slow", Fault::Slow, "too late"},
                                         Failure{"mute", Fault::Mute, "no answer"}),
                         [](const auto& one) { return one.param.name; });

TEST_F(RemoteVoiceCall, AServiceThatComesBackCountsAgain) {
    service.fault = Fault::Cut;
    service.faulty_connections = 1;
    call();
    world.run(Seconds(5));
    EXPECT_THAT(service.connections, SizeIs(2));
    EXPECT_TRUE(world.happened(key, "speaking"));  // one second after the second connection
    EXPECT_THAT(errors(), SizeIs(1));
}

TEST_F(RemoteVoiceCall, AServiceThatRefusedForGoodIsAskedOnce) {
    service.fault = Fault::Forbid;
    call();
    world.run(Seconds(20));
    EXPECT_THAT(service.connections, SizeIs(1));
}

// The caller speaks while the service is silent from the middle of his sentence on: he has begun
// and ended once.
TEST_F(RemoteVoiceCall, TheChangeFromOneJudgeToTheOtherIsNotHeard) {
    service.fault = Fault::Cut;
    call();
    say("Hello, is there anybody who can help me, please? I have been waiting for a long time.");
    world.run(Seconds(8));
    const auto speaking = world.all<event::Speaking>(key).size();
    EXPECT_GE(speaking, 1U);
    const auto silences = world.all<event::Silence>(key);
    EXPECT_EQ(static_cast<std::size_t>(std::ranges::count_if(
                  silences, [](const auto& one) { return one.speech_duration.has_value(); })),
              speaking);
    expect_alive();
}

}  // namespace
}  // namespace patchbay::test
