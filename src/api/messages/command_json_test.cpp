// SPDX-License-Identifier: Apache-2.0
#include "api/messages/command_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::api {
namespace {

using namespace call::command;

template <class T>
T decoded(std::string_view json) {
    const auto message = decode_command(json);
    if (!message) {
        ADD_FAILURE() << describe(message.error().error);
        return {};
    }
    return std::get<T>(message->command);
}

std::string error_of(std::string_view json) {
    const auto message = decode_command(json);
    return message ? "decoded" : describe(message.error().error);
}

struct Refusal {
    std::string_view json;
    std::string_view error;
};

TEST(DecodeCommand, ARefusalSaysWhereAndWhy) {
    const Refusal table[] = {
        {"", "not JSON (at byte 0)"},
        {"hangup", "not JSON (at byte 0)"},
        {"[]", "expected object"},
        {"{}", "command: required"},
        {R"({"command":null})", "command: required"},
        {R"({"command":7})", "command: expected text"},
        {R"({"command":"say"})", "command: unknown word \"say\""},
        {R"({"command":"Hangup"})", "command: unknown word \"Hangup\""},
        {R"({"command":"hangup","requestId":7})", "requestId: expected text"},
        {R"({"command":"invite"})", "option: required"},
        {R"({"command":"invite","option":[]})", "option: expected object"},
        {R"({"command":"invite","option":{"vad":{"silenceTimeout":"5"}}})",
         "option.vad.silenceTimeout: expected number"},
        {R"({"command":"invite","option":{"recorder":{"samplerate":1.5}}})",
         "option.recorder.samplerate: expected whole number"},
        {R"({"command":"invite","option":{"mediaPass":{"url":"ws://h"}}})",
         "option.mediaPass.inputSampleRate: required"},
        {R"({"command":"invite","option":{"sip":{"extract_headers":["a",1]}}})",
         "option.sip.extractHeaders[1]: expected text"},
        {R"({"command":"invite","option":{"handshakeTimeout":"soon"}})",
         "option.handshakeTimeout: expected a duration such as \"30s\""},
        {R"({"command":"invite","option":{"extra":"x"}})", "option.extra: expected object"},
        {R"({"command":"reject"})", "reason: required"},
        {R"({"command":"reject","reason":"Busy","code":99999999999})", "code: out of range"},
        {R"({"command":"tts"})", "text: required"},
        {R"({"command":"tts","text":"a","autoHangup":"yes"})",
         "autoHangup: expected true or false"},
        {R"({"command":"tts","text":"a","waitInputTimeout":-1})", "waitInputTimeout: out of range"},
        {R"({"command":"play","url":"u","offsetMs":-5})", "offsetMs: out of range"},
        {R"({"command":"refer","caller":"sip:a@b"})", "callee: required"},
        {R"({"command":"custom"})", "data: required"},
        {R"({"command":"record","action":"rewind"})", "action: unknown word \"rewind\""},
    };
    for (const Refusal& row : table) {
        EXPECT_EQ(error_of(row.json), row.error) << row.json;
    }
}

TEST(DecodeCommand, ARefusalKeepsTheRequestIdWhenItCouldBeRead) {
    const auto refused = decode_command(R"({"command":"tts","requestId":"r-7"})");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().request_id, "r-7");
}

TEST(DecodeCommand, ARequestIdIsPossibleOnEveryCommand) {
    const auto message = decode_command(R"({"command":"pause","requestId":"r-7"})");
    ASSERT_TRUE(message);
    EXPECT_EQ(message->request_id, "r-7");
    EXPECT_EQ(encode_command(*message), R"({"command":"pause","requestId":"r-7"})");
}

TEST(DecodeCommand, NullIsAbsentAndUnknownFieldsAreIgnored) {
    const auto tts = decoded<Tts>(
        R"({"command":"tts","text":"a","speaker":null,"option":null,"autoHangup":null,"mood":1})");
    EXPECT_EQ(tts, (Tts{.text = "a"}));
}

TEST(DecodeCommand, WaitInputTimeoutBelow1000IsSecondsAndFrom1000OnMilliseconds) {
    const auto timeout = [](std::string_view number) {
        const std::string json =
            R"({"command":"play","url":"u","waitInputTimeout":)" + std::string(number) + "}";
        return decoded<Play>(json).wait_input_timeout.value().value();
    };
    EXPECT_EQ(timeout("2"), timeout("2000"));
    EXPECT_EQ(timeout("30"), Seconds(30));
    EXPECT_EQ(timeout("999"), Seconds(999));
    EXPECT_EQ(timeout("1000"), Seconds(1));
    EXPECT_EQ(timeout("0.5"), Milliseconds(500));
    EXPECT_EQ(timeout("0"), Milliseconds(0));
}

TEST(DecodeCommand, WaitInputTimeoutIsWrittenSoThatItReadsBackTheSame) {
    for (const std::int64_t milliseconds : {0, 500, 1000, 2500, 30000, 999000, 1000000, 1500500}) {
        const call::ClientCommand play{
            Play{.url = "u", .wait_input_timeout = call::InputTimeout(Milliseconds(milliseconds))},
            {}};
        EXPECT_EQ(decode_command(encode_command(play)).value(), play) << milliseconds;
    }
}

TEST(DecodeCommand, HandshakeTimeoutIsATextWithAUnitOrANumberOfSeconds) {
    const auto timeout = [](std::string_view value) {
        const std::string json =
            R"({"command":"invite","option":{"handshakeTimeout":)" + std::string(value) + "}}";
        return decoded<Invite>(json).option.handshake_timeout.value().value();
    };
    EXPECT_EQ(timeout(R"("30s")"), Seconds(30));
    EXPECT_EQ(timeout("30"), Seconds(30));
    EXPECT_EQ(timeout(R"("30")"), Seconds(30));
    EXPECT_EQ(timeout(R"("1500ms")"), Milliseconds(1500));
    EXPECT_EQ(timeout(R"("1.5m")"), Seconds(90));
    EXPECT_EQ(timeout(R"("1 h")"), std::chrono::hours(1));
}

TEST(DecodeCommand, EverySpellingOfTheOriginalAndItsDocumentationIsAccepted) {
    const auto sip = decoded<Invite>(R"({"command":"invite","option":{"sip":{
        "hangup_headers":{"X-A":"1"},"enable_srtp":true,"extract_headers":["X-B"]}}})");
    const auto camel_sip = decoded<Invite>(R"({"command":"invite","option":{"sip":{
        "hangupHeaders":{"X-A":"1"},"enableSrtp":true,"extractHeaders":["X-B"]}}})");
    EXPECT_EQ(sip, camel_sip);
    EXPECT_EQ(camel_sip.option.sip->enable_srtp, true);

    const auto asr = *decoded<Invite>(R"({"command":"invite","option":{"asr":{
        "apiKey":"k","model":"m","sampleRate":8000}}})")
                          .option.asr;
    EXPECT_EQ(asr.secret_key->reveal(), "k");
    EXPECT_EQ(asr.model_type, "m");
    EXPECT_EQ(asr.samplerate.value(), 8000);

    const auto tts = decoded<Tts>(R"({"command":"tts","text":"a","option":{
        "apiKey":"k","voice":"v","sampleRate":8000}})")
                         .option.value();
    EXPECT_EQ(tts.secret_key->reveal(), "k");
    EXPECT_EQ(tts.model, "v");
    EXPECT_EQ(tts.samplerate.value(), 8000);

    EXPECT_EQ(decoded<Message>(R"({"command":"message","text":"hi"})").body, "hi");
    for (const char* key : {"sdpMLineIndex", "sdpMlineIndex"}) {
        const std::string json =
            R"({"command":"addIceCandidate","candidate":"c",")" + std::string(key) + R"(":1})";
        EXPECT_EQ(decoded<AddIceCandidate>(json).sdp_mline_index, 1) << key;
    }
}

TEST(DecodeCommand, NumbersAndBooleansAreTakenAsTextInHeadersAndProviderExtras) {
    const auto hangup = decoded<Hangup>(
        R"({"command":"hangup","headers":{"X-Number":5,"X-Flag":true,"X-None":null}})");
    EXPECT_EQ(hangup.headers, (call::TextMap{{"X-Number", "5"}, {"X-Flag", "true"}}));
    const auto tts =
        decoded<Tts>(R"({"command":"tts","text":"a","option":{"extra":{"pitch":1.5}}})");
    EXPECT_EQ(tts.option->extra, (call::TextMap{{"pitch", "1.5"}}));
}

TEST(DecodeCommand, CallExtraIsAnyJsonAndComesBackUnchanged) {
    const auto invite = decoded<Invite>(
        R"({"command":"invite","option":{"extra":{"order":{"id":7,"tags":["a",null]},"n":0.5}}})");
    EXPECT_EQ(invite.option.extra.at("order").json(), R"({"id":7,"tags":["a",null]})");
    EXPECT_EQ(invite.option.extra.at("n").json(), "0.5");
}

TEST(EncodeCommand, SecretsAreStarsUnlessTheyMustBeSent) {
    Invite invite;
    invite.option.sip =
        call::SipOption{.username = "u", .password = Secret<std::string>("hunter2")};
    const call::ClientCommand message{invite, {}};
    EXPECT_EQ(encode_command(message),
              R"({"command":"invite","option":{"sip":{"username":"u","password":"***"}}})");
    EXPECT_THAT(encode_command(message, wire::Secrets::Shown), testing::HasSubstr("hunter2"));
}

}  // namespace
}  // namespace patchbay::api
