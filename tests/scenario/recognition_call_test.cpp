// SPDX-License-Identifier: Apache-2.0
// Recognition by providers on the network, each against its double: what the application hears of
// it, and that a call outlives every failure.
#include "media/tone.hpp"
#include "support/provider_doubles.hpp"
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
using testing::Each;
using testing::ElementsAre;
using testing::Ge;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using Fault = RecognizerDouble::Fault;

// Milliseconds. The first audio of a call waits for the jitter buffer, before the answer is told.
constexpr double kClose = 100;

// One provider: how its double is made, and where it is.
struct Provider {
    std::string name;
    std::string url;  // the beginning of what is connected to
    std::unique_ptr<RecognizerDouble> (*make)(int rate);
    std::size_t message;  // bytes of audio in one

    friend void PrintTo(const Provider& one, std::ostream* out) { *out << one.name; }
};

template <class Double>
std::unique_ptr<RecognizerDouble> make_double(int rate) {
    return std::make_unique<Double>(rate);
}

const Provider kProviders[] = {
    {"websocket", "ws://asr.example.com/mine", make_double<WebSocketDouble>, 640},
    {"deepgram", "wss://api.deepgram.com/v1/listen?", make_double<DeepgramDouble>, 1280},
    {"tencent", "wss://asr.cloud.tencent.com/asr/v2/", make_double<TencentDouble>, 1280},
    {"aliyun", "wss://dashscope.aliyuncs.com/api-ws/v1/inference", make_double<AliyunDouble>, 3200},
};

TranscriptionOption option_for(const Provider& provider) {
    TranscriptionOption option;
    option.provider = provider.name;
    option.secret_key = Secret(std::string(kSecretKey));
    if (provider.name == "tencent") {
        option.app_id = kAppId;
        option.secret_id = Secret(std::string(kSecretId));
    }
    if (provider.name == "websocket") {
        option.endpoint = provider.url;
    }
    return option;
}

class CloudRecognition : public testing::TestWithParam<Provider> {
  protected:
    void serve(int rate = 16000) {
        server = GetParam().make(rate);
        world.add_socket_server(GetParam().url, *server);
    }
    void call(TranscriptionOption option) {
        CallOption all;
        all.asr = std::move(option);
        key = world.dial(all);
        ASSERT_TRUE(world.run_until([&] { return world.happened(key, "answer"); }));
    }
    void call() { call(option_for(GetParam())); }

    std::vector<event::AsrFinal> finals() { return world.all<event::AsrFinal>(key); }
    std::vector<event::AsrDelta> deltas() { return world.all<event::AsrDelta>(key); }
    std::vector<std::string> errors() {
        std::vector<std::string> out;
        for (const auto& error : world.all<event::Error>(key)) {
            EXPECT_EQ(error.sender, "asr");
            out.push_back(error.error);
        }
        return out;
    }
    std::vector<std::string> metrics() {
        std::vector<std::string> out;
        for (const auto& one : world.all<event::Metrics>(key)) {
            out.push_back(one.key);
        }
        return out;
    }
    // The call can do what a call can.
    void expect_alive() {
        ASSERT_FALSE(world.happened(key, "hangup"));
        world.command(key, command::Tts{.text = "still here"});
        EXPECT_TRUE(world.run_until([&] { return world.happened(key, "trackEnd"); }, Seconds(5)));
    }

    static WorldOptions options() {
        WorldOptions options;
        options.exchange.speech_fallback = false;
        return options;
    }

    World world{options()};
    std::unique_ptr<RecognizerDouble> server;
    SessionKey key;
};

TEST_P(CloudRecognition, ASentenceIsToldInDeltasAndOneFinalWithTheirTimes) {
    serve();
    call();
    world.run(Milliseconds(6500));
    EXPECT_THAT(server->complaints, IsEmpty());
    EXPECT_THAT(errors(), IsEmpty());
    ASSERT_THAT(deltas(), SizeIs(Ge(4)));
    ASSERT_THAT(finals(), SizeIs(2));
    EXPECT_EQ(deltas()[0].text, "one");
    EXPECT_EQ(deltas()[1].text, "one two");
    EXPECT_EQ(deltas()[1].index, 0U);
    EXPECT_EQ(finals()[0].text, "one two three");
    EXPECT_EQ(finals()[0].index, 0U);
    EXPECT_EQ(finals()[1].index, 1U);
    EXPECT_EQ(finals()[0].track_id, TrackId("call"));
    // It was said from 0.1 to 2.9 s after the answer, and is known soon after.
    const auto answered = world.all<event::Answer>(key).at(0).timestamp.milliseconds;
    ASSERT_TRUE(finals()[0].start_time && finals()[0].end_time);
    EXPECT_NEAR(static_cast<double>(finals()[0].start_time->milliseconds - answered), 100, kClose);
    EXPECT_NEAR(static_cast<double>(finals()[0].end_time->milliseconds - answered), 2900, kClose);
    EXPECT_NEAR(static_cast<double>(finals()[0].timestamp.milliseconds - answered), 3100, 250);
}

TEST_P(CloudRecognition, ItsSpeedIsMeasured) {
    serve();
    call();
    world.run(Milliseconds(3500));
    EXPECT_THAT(metrics(),
                ElementsAre("ttfb.asr." + GetParam().name, "completed.asr." + GetParam().name));
    for (const auto& one : world.all<event::Metrics>(key)) {
        EXPECT_EQ(one.data.at("provider").json(), "\"" + GetParam().name + "\"");
        EXPECT_EQ(one.data.at("index").json(), "0");
    }
    EXPECT_NEAR(static_cast<double>(world.all<event::Metrics>(key)[0].duration.count()), 950, 250);
    EXPECT_NEAR(static_cast<double>(world.all<event::Metrics>(key)[1].duration.count()), 3000, 250);
}

TEST_P(CloudRecognition, AudioGoesInThePiecesThatTheProviderWants) {
    serve();
    call();
    world.run(Seconds(3));
    ASSERT_THAT(server->connections, SizeIs(1));
    EXPECT_THAT(server->connections[0]->messages, Each(GetParam().message));
    EXPECT_NEAR(static_cast<double>(server->connections[0]->audio), 3 * 32000, 6400);
}

TEST_P(CloudRecognition, BufferSizeAndSamplerateAreTheCalls) {
    serve(8000);
    TranscriptionOption option = option_for(GetParam());
    option.samplerate = 8000;
    option.buffer_size = 800;
    call(option);
    world.run(Seconds(4));
    ASSERT_THAT(server->connections, SizeIs(1));
    EXPECT_THAT(server->complaints, IsEmpty());
    EXPECT_THAT(server->connections[0]->messages, Each(800));
    EXPECT_NEAR(static_cast<double>(server->connections[0]->audio), 4 * 16000, 4000);
    EXPECT_THAT(finals(), SizeIs(1));
}

TEST_P(CloudRecognition, TheEndIsSaidAndTheSentenceInProgressIsTold) {
    serve();
    call();
    world.run(Milliseconds(2500));
    world.command(key, command::Hangup{});
    world.run(Seconds(1));
    ASSERT_THAT(finals(), SizeIs(1));
    EXPECT_EQ(finals()[0].text, "one two");
    ASSERT_THAT(server->connections, SizeIs(1));
    EXPECT_TRUE(server->connections[0]->closed);
    EXPECT_THAT(
        server->connections[0]->texts.back(),
        testing::AnyOf(R"({"type":"end"})", R"({"type":"CloseStream"})", HasSubstr("finish-task")));
    EXPECT_THAT(server->complaints, IsEmpty());
    EXPECT_EQ(world.story(key).back(), "hangup");
}

TEST_P(CloudRecognition, WhatWasNotFinishedIsSentAgainAfterABreak) {
    serve();
    server->behaviour = {.fault = Fault::Cut, .connections = 1};
    call();
    world.run(Seconds(8));
    ASSERT_THAT(server->connections, SizeIs(2));
    EXPECT_THAT(errors(), SizeIs(1));
    EXPECT_THAT(server->complaints, IsEmpty());
    // The second connection hears it all, and no faster than providers allow.
    ASSERT_THAT(finals(), SizeIs(2));
    EXPECT_EQ(finals()[0].text, "one two three");
    const auto answered = world.all<event::Answer>(key).at(0).timestamp.milliseconds;
    EXPECT_NEAR(static_cast<double>(finals()[0].start_time->milliseconds - answered), 100, kClose);
    const auto& second = *server->connections[1];
    EXPECT_GE(second.ahead, Milliseconds(1000));
    EXPECT_LE(second.ahead, Milliseconds(3000));
    expect_alive();
}

TEST_P(CloudRecognition, AProviderThatIsOverloadedIsAskedAgainAndAgain) {
    serve();
    server->behaviour = {.fault = Fault::Refuse, .status = 429, .connections = 2};
    call();
    world.run(Seconds(6));
    EXPECT_THAT(server->connections, SizeIs(3));
    EXPECT_THAT(errors(), SizeIs(2));
    EXPECT_THAT(errors(), Each(HasSubstr("429")));
    EXPECT_THAT(finals(), Not(IsEmpty()));
    expect_alive();
}

TEST_P(CloudRecognition, AProviderThatStaysAwayIsGivenUp) {
    serve();
    server->behaviour = {.fault = Fault::Refuse, .status = 503};
    call();
    world.run(Seconds(30));
    EXPECT_THAT(server->connections, SizeIs(5));
    EXPECT_THAT(errors().back(), HasSubstr("given up after 5 attempts"));
    expect_alive();
}

TEST_P(CloudRecognition, AWrongKeyIsToldAndNotTriedAgain) {
    serve();
    TranscriptionOption option = option_for(GetParam());
    option.secret_key = Secret(std::string("wrong"));
    call(option);
    world.run(Seconds(20));
    EXPECT_THAT(server->connections, SizeIs(1));
    ASSERT_THAT(world.all<event::Error>(key), SizeIs(1));
    EXPECT_EQ(world.all<event::Error>(key)[0].code, 401);
    EXPECT_THAT(errors()[0], Not(HasSubstr("wrong")));
    expect_alive();
}

TEST_P(CloudRecognition, AnErrorOfTheProviderIsOneErrorAndAnotherAttempt) {
    serve();
    server->behaviour = {.fault = Fault::Error, .connections = 1};
    call();
    world.run(Seconds(8));
    EXPECT_THAT(errors(), SizeIs(1));
    EXPECT_THAT(server->connections, SizeIs(2));
    EXPECT_THAT(finals(), Not(IsEmpty()));
    expect_alive();
}

TEST_P(CloudRecognition, GarbageIsToldOnceAndTheRestIsUnderstood) {
    serve();
    server->behaviour = {.fault = Fault::Garbage};
    call();
    world.run(Milliseconds(6500));
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("not understood")));
    EXPECT_THAT(finals(), SizeIs(2));
    expect_alive();
}

TEST_P(CloudRecognition, ASlowProviderIsWaitedFor) {
    serve();
    server->behaviour = {.fault = Fault::Slow, .delay = Seconds(2)};
    call();
    world.run(Seconds(9));
    EXPECT_THAT(errors(), IsEmpty());
    ASSERT_THAT(finals(), Not(IsEmpty()));
    const auto answered = world.all<event::Answer>(key).at(0).timestamp.milliseconds;
    EXPECT_NEAR(static_cast<double>(finals()[0].start_time->milliseconds - answered), 100, kClose);
    expect_alive();
}

TEST_P(CloudRecognition, AMuteProviderHarmsNobody) {
    serve();
    server->behaviour = {.fault = Fault::Mute};
    call();
    world.run(Seconds(40));
    EXPECT_THAT(finals(), IsEmpty());
    expect_alive();
}

TEST_P(CloudRecognition, WithoutAnAccountOneErrorSaysWhatIsMissing) {
    serve();
    TranscriptionOption option;
    option.provider = GetParam().name;
    call(option);
    world.run(Seconds(3));
    EXPECT_THAT(server->connections, IsEmpty());
    EXPECT_THAT(errors(), ElementsAre(AllOf(HasSubstr(GetParam().name), HasSubstr("needs"))));
    expect_alive();
}

TEST_P(CloudRecognition, TheOperatorsAccountServesCallsWithoutOne) {
    SpeechAccount account{.app_id = std::string(kAppId),
                          .secret_id = Secret(std::string(kSecretId)),
                          .secret_key = Secret(std::string(kSecretKey)),
                          .endpoint = "ws://elsewhere.example.com/" + std::string(kAppId)};
    WorldOptions options;
    options.exchange.asr_provider = GetParam().name;
    options.exchange.speech_accounts = {{GetParam().name, account}};
    World own(options);
    server = GetParam().make(16000);
    own.add_socket_server("ws://elsewhere.example.com/", *server);
    CallOption all;
    all.asr = TranscriptionOption{};
    const SessionKey call = own.dial(all);
    own.run(Milliseconds(3500));
    EXPECT_THAT(own.all<event::AsrFinal>(call), SizeIs(1));
    EXPECT_THAT(server->complaints, IsEmpty());
    // The operator's address may lead anywhere; one that a client names may not.
    EXPECT_TRUE(own.sockets().at(0).trusted);
}

TEST_P(CloudRecognition, AnEndpointOfTheClientIsUsedAndNotTrusted) {
    server = GetParam().make(16000);
    world.add_socket_server("ws://own.example.com/", *server);
    TranscriptionOption option = option_for(GetParam());
    option.endpoint = "ws://own.example.com/" + std::string(kAppId);
    call(option);
    world.run(Milliseconds(3500));
    EXPECT_THAT(finals(), SizeIs(1));
    EXPECT_FALSE(world.sockets().at(0).trusted);
}

TEST_P(CloudRecognition, StartWhenAnswerWaitsForTheAnswer) {
    for (const bool waits : {false, true}) {
        WorldOptions options;
        options.phones = {{.answer_after = Seconds(2), .early_media = true}};
        World own(options);
        server = GetParam().make(16000);
        own.add_socket_server(GetParam().url, *server);
        CallOption all;
        all.asr = option_for(GetParam());
        all.asr->start_when_answer = waits;
        own.dial(all);
        own.run(Seconds(1));
        EXPECT_THAT(own.sockets(), SizeIs(waits ? 0 : 1));
        own.run(Seconds(3));
        EXPECT_THAT(own.sockets(), SizeIs(1));
    }
}

INSTANTIATE_TEST_SUITE_P(Providers,
                         CloudRecognition,
                         testing::ValuesIn(kProviders),
                         [](const auto& one) { return one.param.name; });

TEST(Recognition, ATencentCallMayNotTryAgainWithoutMoney) {
    World world;
    TencentDouble server;
    server.behaviour = {.fault = Fault::Error};
    server.error_code = 4005;
    world.add_socket_server(kProviders[2].url, server);
    CallOption all;
    all.asr = option_for(kProviders[2]);
    const SessionKey call = world.dial(all);
    world.run(Seconds(20));
    EXPECT_THAT(server.connections, SizeIs(1));
    ASSERT_THAT(world.all<event::Error>(call), SizeIs(1));
    EXPECT_EQ(world.all<event::Error>(call)[0].code, 403);
    EXPECT_THAT(world.all<event::Error>(call)[0].error, HasSubstr("4005"));
}

TEST(Recognition, AnUnknownProviderIsOneErrorOrTheEmbeddedOneServes) {
    for (const bool fallback : {false, true}) {
        WorldOptions options;
        options.exchange.speech_fallback = fallback;
        World world(options);
        bool opened = false;
        world.set_recognizer([&](const speech::RecognitionRequest&) {
            class Deaf final : public EmbeddedRecognizer {
                std::vector<speech::Transcript> write(const media::Frame&) override { return {}; }
            };
            opened = true;
            return std::make_unique<Deaf>();
        });
        CallOption all;
        all.asr = TranscriptionOption{.provider = "nobody"};
        const SessionKey call = world.dial(all);
        world.run(Seconds(2));
        EXPECT_THAT(world.all<event::Error>(call).at(0).error, HasSubstr("nobody is not known"));
        EXPECT_EQ(opened, fallback);
    }
}

TEST(Recognition, WordsOfTheCallerEndTheWaitForInput) {
    // Says something, a delta or a final, two seconds after it began to hear.
    class OneWord final : public EmbeddedRecognizer {
      public:
        explicit OneWord(bool final) : final_(final) {}
        std::vector<speech::Transcript> write(const media::Frame&) override {
            return ++frames_ == 100
                       ? std::vector<speech::Transcript>{{.final = final_, .text = "hello"}}
                       : std::vector<speech::Transcript>{};
        }

      private:
        bool final_;
        int frames_ = 0;
    };
    for (const auto final : {std::optional(false), std::optional(true), std::optional<bool>()}) {
        World world;
        if (final) {
            world.set_recognizer([&](const auto&) { return std::make_unique<OneWord>(*final); });
        }
        CallOption option;
        option.asr = TranscriptionOption{};
        const SessionKey key = world.dial(option);
        ASSERT_TRUE(world.run_until([&] { return world.happened(key, "answer"); }));
        world.command(key, command::Tts{.text = "say something",
                                        .wait_input_timeout = InputTimeout(Seconds(3))});
        world.run(Seconds(10));
        EXPECT_EQ(world.happened(key, "silence"), !final);
    }
}

TEST(Recognition, WhereTheEmbeddedOneIsBusyTheCallGoesOnWithoutIt) {
    World world;  // its recognizer takes nobody
    CallOption all;
    all.asr = TranscriptionOption{};
    const SessionKey call = world.dial(all);
    world.run(Seconds(2));
    ASSERT_THAT(world.all<event::Error>(call), SizeIs(1));
    EXPECT_EQ(world.all<event::Error>(call)[0].error, "pocketsphinx: asr busy");
    EXPECT_EQ(world.all<event::Error>(call)[0].code, 503);
    EXPECT_FALSE(world.happened(call, "hangup"));
}

TEST(Recognition, FieldsWithoutEffectAreNamedOnce) {
    World world;
    CallOption all;
    all.asr = TranscriptionOption{.language = "de-DE", .app_id = "1", .buffer_size = 640};
    const SessionKey call = world.dial(all);
    world.run(Seconds(2));
    const auto others = world.all<event::Other>(call);
    ASSERT_THAT(others, SizeIs(1));
    EXPECT_EQ(others[0].sender, "asr");
    EXPECT_EQ(others[0].extra.at("provider"), "pocketsphinx");
    EXPECT_EQ(others[0].extra.at("unused"), "language,appId,bufferSize");
}

TEST(Recognition, OfAWebSocketCallToo) {
    World world;
    WebSocketDouble server;
    world.add_socket_server(kProviders[0].url, server);
    CallOption all;
    all.asr = option_for(kProviders[0]);
    all.codec = "pcm";
    const SessionKey call = world.open("ws-call", SessionKind::WebSocket);
    world.command(call, command::Invite{all});
    for (int i = 0; i < 200; ++i) {
        world.send_audio(call, Bytes(640));
        world.run(Milliseconds(20));
    }
    EXPECT_THAT(world.all<event::AsrFinal>(call), SizeIs(1));
}

}  // namespace
}  // namespace patchbay::test
