// SPDX-License-Identifier: Apache-2.0
// What the protocols of the providers make of messages that their pages show.
#include "speech/asr/recognizers.hpp"

#include "speech/provider_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::speech {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr WallTime kNow{1'673'408'372'000};

std::vector<Transcript> told(RecognizerProtocol& protocol, std::string_view message) {
    RecognizerOutputs out;
    protocol.handle_text(message, out);
    std::vector<Transcript> transcripts;
    for (const RecognizerOutput& output : out) {
        if (const auto* transcript = std::get_if<Transcript>(&output)) {
            transcripts.push_back(*transcript);
        }
    }
    return transcripts;
}

std::unique_ptr<RecognizerProtocol> protocol(std::string_view name,
                                             RecognitionRequest request = {}) {
    return find_recognizer(name)->make(request);
}

TEST(Recognizers, AreFoundInAnyCaseOfLetters) {
    EXPECT_EQ(find_recognizer("Deepgram"), find_recognizer("deepgram"));
    EXPECT_EQ(find_recognizer("nobody"), nullptr);
    EXPECT_TRUE(find_recognizer("pocketsphinx")->is_embedded());
}

// The provider's own example: the text to sign, with a key of its length.
TEST(ProviderText, SignsAsTencentDocumentsIt) {
    EXPECT_EQ(
        hmac_sha1_base64("exampleSecretKey",
                         "asr.cloud.tencent.com/asr/v2/1259220000?engine_model_type=16k_zh"
                         "&expired=1673494772&needvad=1&nonce=1673408372&secretid=exampleSecretId"
                         "&timestamp=1673408372&voice_format=1"
                         "&voice_id=c64385ee-3e5c-4fc5-bbfd-7c71addb35b0"),
        "N4Ddmj24YjC4K2BrSzTT1i/X0nU=");
    // RFC 2202 section 3, test case 2.
    EXPECT_EQ(hmac_sha1_base64("Jefe", "what do ya want for nothing?"),
              "7/zfauXrL6LSdBbV8YTfnCWafHk=");
}

TEST(ProviderText, QueriesAreSortedSignedPlainAndSentEscaped) {
    const Query query{{"b", "x y+z"}, {"a", "1"}};
    EXPECT_EQ(plain_query(query), "a=1&b=x y+z");
    EXPECT_EQ(escaped_query(query), "a=1&b=x%20y%2Bz");
    EXPECT_EQ(with_query("wss://h/p", "a=1"), "wss://h/p?a=1");
    EXPECT_EQ(with_query("wss://h/p?k=2", "a=1"), "wss://h/p?k=2&a=1");
    EXPECT_EQ(without_scheme("wss://h/p"), "h/p");
}

TEST(TencentRecognizer, TheModelFollowsFromLanguageAndRate) {
    struct Row {
        std::string language;
        int rate;
        std::string model;
        std::string wanted;
    };
    const Row rows[] = {
        {"", 16000, "", "16k_zh_en"},   {"en-US", 16000, "", "16k_en"},
        {"zh-CN", 16000, "", "16k_zh"}, {"", 8000, "", "8k_zh"},
        {"en-US", 8000, "", "8k_en"},   {"en-US", 16000, "16k_ca", "16k_ca"},
    };
    SeededRandom random(1);
    for (const Row& row : rows) {
        const auto tencent = protocol(
            "tencent", {.language = row.language, .model = row.model, .sample_rate = row.rate});
        EXPECT_THAT(tencent->connect(kNow, random).url,
                    HasSubstr("engine_model_type=" + row.wanted + "&"));
    }
}

TEST(TencentRecognizer, ExtraChangesWhatIsAskedAndNothingOfTheSignature) {
    SeededRandom random(1);
    const auto tencent = protocol(
        "tencent",
        {.app_id = "12",
         .extra = {{"vad_silence_time", "300"}, {"hotword_id", "h1"}, {"timestamp", "0"}}});
    const std::string url = tencent->connect(kNow, random).url;
    EXPECT_THAT(url, HasSubstr("wss://asr.cloud.tencent.com/asr/v2/12?"));
    EXPECT_THAT(url, HasSubstr("&vad_silence_time=300"));
    EXPECT_THAT(url, HasSubstr("&hotword_id=h1"));
    EXPECT_THAT(url, HasSubstr("&timestamp=1673408372&"));
    EXPECT_THAT(url, HasSubstr("&expired=1673494772&"));
}

TEST(TencentRecognizer, EachCodeHasItsConsequence) {
    using Weight = RecognizerComplaint::Weight;
    struct Row {
        int code;
        Weight weight;
        int http;
    };
    const Row rows[] = {
        {4001, Weight::Final, 400}, {4002, Weight::Final, 401}, {4003, Weight::Final, 403},
        {4004, Weight::Final, 403}, {4005, Weight::Final, 403}, {4006, Weight::Retry, 429},
        {4007, Weight::Final, 400}, {4008, Weight::Retry, 408}, {4009, Weight::Retry, 502},
        {4010, Weight::Final, 400}, {5000, Weight::Retry, 502}, {6001, Weight::Final, 400},
    };
    for (const Row& row : rows) {
        const auto tencent = protocol("tencent");
        RecognizerOutputs out;
        tencent->handle_text(R"({"code":)" + std::to_string(row.code) + R"(,"message":"m"})", out);
        ASSERT_THAT(out, SizeIs(1)) << row.code;
        const auto& complaint = std::get<RecognizerComplaint>(out[0]);
        EXPECT_EQ(complaint.weight, row.weight) << row.code;
        EXPECT_EQ(complaint.code, row.http) << row.code;
    }
}

// Each flag in all combinations, with and without words.
TEST(DeepgramRecognizer, SegmentsAreJoinedUntilTheSpeechIsFinal) {
    const auto results = [](std::string words, bool is_final, bool speech_final, double start) {
        return R"({"type":"Results","start":)" + std::to_string(start) +
               R"(,"duration":1.0,"is_final":)" + (is_final ? "true" : "false") +
               R"(,"speech_final":)" + (speech_final ? "true" : "false") +
               R"(,"channel":{"alternatives":[{"transcript":")" + words +
               R"(","confidence":0.5,"words":[]}]}})";
    };
    const auto deepgram = protocol("deepgram");
    auto got = told(*deepgram, results("a", false, false, 0));
    ASSERT_THAT(got, SizeIs(1));
    EXPECT_EQ(got[0].text, "a");
    EXPECT_FALSE(got[0].final);
    got = told(*deepgram, results("a b", true, false, 0));
    EXPECT_EQ(got.at(0).text, "a b");
    EXPECT_FALSE(got.at(0).final);
    got = told(*deepgram, results("c", false, false, 1));
    EXPECT_EQ(got.at(0).text, "a b c");
    EXPECT_THAT(told(*deepgram, results("", false, false, 1)), IsEmpty());
    EXPECT_THAT(told(*deepgram, results("", true, false, 1)), IsEmpty());
    got = told(*deepgram, results("", true, true, 2));
    ASSERT_THAT(got, SizeIs(1));
    EXPECT_TRUE(got[0].final);
    EXPECT_EQ(got[0].text, "a b");
    EXPECT_EQ(got[0].begin, Nanoseconds(0));
    EXPECT_EQ(got[0].end, Seconds(1));
    EXPECT_THAT(told(*deepgram, results("", true, true, 3)), IsEmpty());
    got = told(*deepgram, results("d", true, true, 3));
    ASSERT_THAT(got, SizeIs(1));
    EXPECT_EQ(got[0].text, "d");
    EXPECT_TRUE(got[0].final);
}

TEST(DeepgramRecognizer, WhatIsJoinedIsToldAtUtteranceEndMetadataAndTheEnd) {
    constexpr std::string_view kSegment =
        R"({"type":"Results","start":0,"duration":1,"is_final":true,"speech_final":false,)"
        R"("channel":{"alternatives":[{"transcript":"hello","words":[{"start":0.25,"end":0.75}]}]}})";
    for (const std::string_view end :
         {R"({"type":"UtteranceEnd","last_word_end":0.75})", R"({"type":"Metadata"})", ""}) {
        const auto deepgram = protocol("deepgram");
        told(*deepgram, kSegment);
        RecognizerOutputs out;
        if (end.empty()) {
            deepgram->handle_closed(out);
        } else {
            deepgram->handle_text(end, out);
        }
        ASSERT_THAT(out, Not(IsEmpty())) << end;
        const auto& transcript = std::get<Transcript>(out[0]);
        EXPECT_TRUE(transcript.final);
        EXPECT_EQ(transcript.text, "hello");
        EXPECT_EQ(transcript.begin, Milliseconds(250));
        EXPECT_EQ(transcript.end, Milliseconds(750));
    }
}

TEST(DeepgramRecognizer, AsksForWhatTheCallWants) {
    SeededRandom random(1);
    const auto deepgram =
        protocol("deepgram", {.language = "de",
                              .model = "nova-2",
                              .extra = {{"endpointing", "500"}, {"keyterm", "a b"}}});
    const SocketTarget target = deepgram->connect(kNow, random);
    for (const char* part : {"model=nova-2", "language=de", "endpointing=500", "keyterm=a%20b",
                             "encoding=linear16", "sample_rate=16000", "interim_results=true"}) {
        EXPECT_THAT(target.url, HasSubstr(part));
    }
    EXPECT_THAT(protocol("deepgram", {.language = "auto"})->connect(kNow, random).url,
                Not(HasSubstr("language")));
}

TEST(AliyunRecognizer, HeartbeatsAreNoWordsAndTheLastWordEndsADelta) {
    const auto aliyun = protocol("aliyun");
    const auto message = [](const std::string& sentence) {
        return R"({"header":{"event":"result-generated","task_id":"t"},"payload":{"output":{"sentence":)" +
               sentence + "}}}";
    };
    EXPECT_THAT(told(*aliyun, message(R"({"begin_time":0,"text":"x","heartbeat":true})")),
                IsEmpty());
    const auto delta = told(
        *aliyun,
        message(R"({"begin_time":100,"end_time":null,"text":"hi","words":[{"end_time":300}]})"));
    ASSERT_THAT(delta, SizeIs(1));
    EXPECT_FALSE(delta[0].final);
    EXPECT_EQ(delta[0].begin, Milliseconds(100));
    EXPECT_EQ(delta[0].end, Milliseconds(300));
    const auto final = told(
        *aliyun, message(R"({"begin_time":100,"end_time":500,"text":"hi","sentence_end":true})"));
    EXPECT_TRUE(final.at(0).final);
    EXPECT_EQ(final.at(0).end, Milliseconds(500));
}

TEST(AliyunRecognizer, ParametersKeepTheirTypes) {
    const auto aliyun = protocol("aliyun", {.language = "en",
                                            .extra = {{"max_sentence_silence", "1200"},
                                                      {"heartbeat", "true"},
                                                      {"vocabulary_id", "v"}}});
    RecognizerOutputs out;
    aliyun->handle_opened(out);
    const std::string& text = std::get<RecognizerReply>(out.at(0)).text;
    EXPECT_THAT(text, HasSubstr(R"("max_sentence_silence":1200)"));
    EXPECT_THAT(text, HasSubstr(R"("heartbeat":true)"));
    EXPECT_THAT(text, HasSubstr(R"("vocabulary_id":"v")"));
    EXPECT_THAT(text, HasSubstr(R"("language_hints":["en"])"));
    EXPECT_THAT(text, HasSubstr(R"("model":"paraformer-realtime-v2")"));
}

TEST(AliyunRecognizer, AFailureThatPassesIsTriedAgain) {
    using Weight = RecognizerComplaint::Weight;
    const std::pair<std::string, Weight> rows[] = {
        {"InvalidParameter", Weight::Final},     {"ModelNotFound", Weight::Final},
        {"Throttling.RateQuota", Weight::Retry}, {"InternalError.Algo", Weight::Retry},
        {"ResponseTimeout", Weight::Retry},
    };
    for (const auto& [code, weight] : rows) {
        RecognizerOutputs out;
        protocol("aliyun")->handle_text(R"({"header":{"event":"task-failed","error_code":")" +
                                            code + R"(","error_message":"m"},"payload":{}})",
                                        out);
        EXPECT_EQ(std::get<RecognizerComplaint>(out.at(0)).weight, weight) << code;
    }
}

}  // namespace
}  // namespace patchbay::speech
