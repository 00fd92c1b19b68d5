// SPDX-License-Identifier: Apache-2.0
#include "wire/decode.hpp"
#include "wire/encode.hpp"
#include "wire/limits.hpp"

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::wire {
namespace {

enum class Mood : std::uint8_t { Calm, VeryLoud };
BOOST_DESCRIBE_ENUM(Mood, Calm, VeryLoud)

struct Voice {
    std::string speaker;
    Defaulted<int, 5> volume;
    std::optional<Secret<std::string>> secret_key;

    static constexpr std::array kWireAliases{Alias{"apiKey", "secret_key"},
                                             Alias{"voice", "speaker"}};
    friend bool operator==(const Voice&, const Voice&) = default;
};
BOOST_DESCRIBE_STRUCT(Voice, (), (speaker, volume, secret_key))

using Id = Strong<std::string, struct IdTag>;

struct Everything {
    bool flag = false;
    std::int32_t small_number = 0;
    std::uint8_t byte = 0;
    double ratio = 0;
    Mood mood = Mood::Calm;
    Id id;
    Milliseconds silence_timeout{0};
    Seconds handshake{0};
    WallTime timestamp;
    DateTime start_time;
    std::vector<Voice> voices;
    std::optional<Voice> fallback_voice;
    Map<std::string> headers;
    JsonObject extra;
    std::optional<JsonText> raw;
    Nullable<std::string> credential;

    static constexpr std::array kWireNames{Rename{"byte", "a-byte"}};
    friend bool operator==(const Everything&, const Everything&) = default;
};
BOOST_DESCRIBE_STRUCT(Everything,
                      (),
                      (flag,
                       small_number,
                       byte,
                       ratio,
                       mood,
                       id,
                       silence_timeout,
                       handshake,
                       timestamp,
                       start_time,
                       voices,
                       fallback_voice,
                       headers,
                       extra,
                       raw,
                       credential))

struct SnakeList {
    std::vector<int> active_calls;

    static constexpr Case kWireCase = Case::Snake;
    static constexpr std::array<std::string_view, 1> kWireAlways{"active_calls"};
};
BOOST_DESCRIBE_STRUCT(SnakeList, (), (active_calls))

struct Start {
    static constexpr std::string_view kWireTag = "start";
    std::string url;
};
BOOST_DESCRIBE_STRUCT(Start, (), (url))

struct Stop {
    static constexpr std::string_view kWireTag = "stop";
};
BOOST_DESCRIBE_STRUCT(Stop, (), ())

using Order = std::variant<Start, Stop>;

constexpr std::string_view kEverything = R"({
    "flag": true, "smallNumber": -7, "a-byte": 255, "ratio": 0.5, "mood": "veryLoud", "id": "x",
    "silenceTimeout": 5000, "handshake": 30, "timestamp": 1640995200000,
    "startTime": "2024-01-01T12:00:00Z",
    "voices": [{"speaker": "a"}, {"speaker": "b", "volume": 9, "secretKey": "k"}],
    "fallbackVoice": {"speaker": "c"}, "headers": {"X-A": "1"},
    "extra": {"nested": {"list": [1, 2.5, "t", null, true]}}, "raw": [1], "credential": null})";

std::string error_of(std::string_view json) {
    const auto decoded = decode_document<Everything>(json);
    return decoded ? "decoded" : describe(decoded.error());
}

// The whole document with one member replaced.
std::string everything_with(std::string_view key, std::string_view value) {
    boost::json::value json = parse_json(kEverything).value();
    json.get_object()[key] = parse_json(value).value();
    return read_json_text(json).json();
}

TEST(Wire, AStructOfEveryKindOfMemberIsReadAndWrittenBack) {
    const auto decoded = decode_document<Everything>(kEverything);
    ASSERT_TRUE(decoded) << describe(decoded.error());
    EXPECT_EQ(decoded->mood, Mood::VeryLoud);
    EXPECT_EQ(decoded->silence_timeout, Milliseconds(5000));
    EXPECT_EQ(decoded->voices.at(1).secret_key->reveal(), "k");
    EXPECT_EQ(decoded->start_time.time, WallTime{1704110400000});

    const std::string written = encode_with_secrets(*decoded);

    EXPECT_EQ(parse_json(written).value(), parse_json(kEverything).value());
    EXPECT_EQ(decode_document<Everything>(written).value(), *decoded);
}

TEST(Wire, ASecretIsReadAsItIsAndWrittenAsStars) {
    const auto voice = decode_document<Voice>(R"({"speaker":"a","secretKey":"hunter2"})");
    EXPECT_EQ(encode(*voice), R"({"speaker":"a","secretKey":"***"})");
    EXPECT_EQ(encode_with_secrets(*voice), R"({"speaker":"a","secretKey":"hunter2"})");
}

TEST(Wire, WhatMayBeAbsentMayAlsoBeNullAndIsLeftOutAgain) {
    const auto voice = decode_document<Voice>(R"({"speaker":"a","volume":null,"secretKey":null})");
    ASSERT_TRUE(voice);
    EXPECT_FALSE(voice->volume.has_value());
    EXPECT_EQ(voice->volume.value(), 5);
    EXPECT_EQ(encode(*voice), R"({"speaker":"a"})");
}

TEST(Wire, AnythingElseIsRequiredAndNullIsAbsent) {
    EXPECT_EQ(describe(decode_document<Voice>("{}").error()), "speaker: required");
    EXPECT_EQ(describe(decode_document<Voice>(R"({"speaker":null})").error()), "speaker: required");
}

TEST(Wire, UnknownKeysAreToleratedAndTheLastOfDuplicatesWins) {
    const auto voice = decode_document<Voice>(R"({"speaker":"a","pitch":{"x":[1]},"speaker":"b"})");
    ASSERT_TRUE(voice);
    EXPECT_EQ(voice->speaker, "b");
}

TEST(Wire, AnAliasIsAcceptedAndTheMainKeyWins) {
    EXPECT_EQ(decode_document<Voice>(R"({"voice":"a"})")->speaker, "a");
    EXPECT_EQ(decode_document<Voice>(R"({"voice":"a","speaker":"b"})")->speaker, "b");
    EXPECT_EQ(decode_document<Voice>(R"({"voice":"a","speaker":null})")->speaker, "a");
    EXPECT_EQ(encode(Voice{.speaker = "a"}), R"({"speaker":"a"})");
}

TEST(Wire, AnErrorNamesThePathAndWhatWasExpected) {
    EXPECT_EQ(error_of(everything_with("flag", "1")), "flag: expected true or false");
    EXPECT_EQ(error_of(everything_with("smallNumber", "\"1\"")), "smallNumber: expected number");
    EXPECT_EQ(error_of(everything_with("id", "1")), "id: expected text");
    EXPECT_EQ(error_of(everything_with("mood", "\"sad\"")), "mood: unknown word \"sad\"");
    EXPECT_EQ(error_of(everything_with("voices", "{}")), "voices: expected array");
    EXPECT_EQ(error_of(everything_with("voices", R"([{"speaker":"a"},{"speaker":7}])")),
              "voices[1].speaker: expected text");
    EXPECT_EQ(error_of(everything_with("fallbackVoice", R"({"speaker":"a","volume":"loud"})")),
              "fallbackVoice.volume: expected number");
    EXPECT_EQ(error_of(everything_with("headers", "[]")), "headers: expected object");
    EXPECT_EQ(error_of(everything_with("startTime", "\"noon\"")),
              "startTime: expected date and time (RFC 3339)");
    EXPECT_EQ(error_of("[]"), "expected object");
    EXPECT_EQ(error_of("null"), "expected object");
}

TEST(Wire, ANumberIsTakenWhenItIsWholeAndFits) {
    for (const char* whole : {"30", "30.0", "3e1"}) {
        EXPECT_EQ(decode_document<Everything>(everything_with("smallNumber", whole))->small_number,
                  30)
            << whole;
    }
    EXPECT_EQ(error_of(everything_with("smallNumber", "2.5")),
              "smallNumber: expected whole number");
    for (const char* wide : {"2147483648", "-2147483649", "1e300", "18446744073709551615"}) {
        EXPECT_EQ(error_of(everything_with("smallNumber", wide)), "smallNumber: out of range");
    }
    EXPECT_EQ(error_of(everything_with("a-byte", "256")), "a-byte: out of range");
    EXPECT_EQ(error_of(everything_with("a-byte", "-1")), "a-byte: out of range");
}

TEST(Wire, ANumberThatNoDoubleHoldsIsRefused) {
    std::string json(kEverything);
    json.replace(json.find("0.5"), 3, "1e400");
    EXPECT_EQ(error_of(json), "ratio: out of range");
}

TEST(Wire, ADurationIsNeitherNegativeNorBeyondAYear) {
    EXPECT_EQ(error_of(everything_with("silenceTimeout", "-1")), "silenceTimeout: out of range");
    EXPECT_EQ(error_of(everything_with("handshake", "31536001")), "handshake: out of range");
    EXPECT_EQ(error_of(everything_with("handshake", "31536000")), "decoded");
}

TEST(Wire, AMapOfTextsTakesNumbersAndBooleansAsTheirText) {
    const auto decoded = decode_document<Everything>(everything_with(
        "headers", R"({"n":5,"d":1.5,"b":true,"t":"x","none":null,"o":{"a":[1]}})"));
    ASSERT_TRUE(decoded) << describe(decoded.error());
    EXPECT_THAT(decoded->headers,
                testing::UnorderedElementsAre(testing::Pair("n", "5"), testing::Pair("d", "1.5"),
                                              testing::Pair("b", "true"), testing::Pair("t", "x"),
                                              testing::Pair("o", R"({"a":[1]})")));
}

TEST(Wire, RawJsonComesBackAsItWas) {
    constexpr std::string_view kExtra = R"({"a":{"z":1,"b":[0.5,"\u0001\"",null,true]}})";
    const auto decoded = decode_document<Everything>(everything_with("extra", kExtra));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(encode(decoded->extra), kExtra);
}

TEST(Wire, ATypeMayChooseAnotherCaseAndKeepEmptyLists) {
    EXPECT_EQ(encode(SnakeList{}), R"({"active_calls":[]})");
    EXPECT_EQ(decode_document<SnakeList>(R"({"active_calls":[1]})")->active_calls.size(), 1U);
}

TEST(Wire, AnEmptyNullableIsWrittenAsNull) {
    EXPECT_THAT(encode(Everything{}), testing::HasSubstr(R"("credential":null)"));
}

TEST(Wire, AVariantIsReadAndWrittenByItsTag) {
    const auto order =
        decode_tagged<Order>(parse_json(R"({"url":"u","order":"start"})").value(), "order");
    ASSERT_TRUE(order);
    EXPECT_EQ(std::get<Start>(*order).url, "u");
    EXPECT_EQ(encode_tagged("order", *order), R"({"order":"start","url":"u"})");
    EXPECT_EQ(encode_tagged("order", Order{Stop{}}), R"({"order":"stop"})");
}

TEST(Wire, AVariantsErrorNamesTheTagOrTheMember) {
    const auto error = [](std::string_view json) {
        return describe(decode_tagged<Order>(parse_json(json).value(), "order").error());
    };
    EXPECT_EQ(error("{}"), "order: required");
    EXPECT_EQ(error(R"({"order":1})"), "order: expected text");
    EXPECT_EQ(error(R"({"order":"dance"})"), "order: unknown word \"dance\"");
    EXPECT_EQ(error(R"({"order":"start"})"), "url: required");
    EXPECT_EQ(error("[]"), "expected object");
}

TEST(Wire, WhatIsNotJsonIsRefusedWithThePlace) {
    const auto error = [](std::string_view text) { return describe(parse_json(text).error()); };
    EXPECT_EQ(error(""), "not JSON (at byte 0)");
    EXPECT_EQ(error("{\"a\":1"), "not JSON (at byte 6)");
    EXPECT_EQ(error("{} x"), "not JSON (at byte 3)");
    EXPECT_THAT(error("{'a':1}"), testing::StartsWith("not JSON"));
    EXPECT_THAT(error("{\"a\":\"\xFF\"}"), testing::StartsWith("not JSON"));
    EXPECT_TRUE(parse_json(" {} \r\n"));
}

TEST(Wire, LimitsOfSizeAndDepthHold) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_TRUE(parse_json(nested(kMaxDepth)));
    EXPECT_EQ(parse_json(nested(kMaxDepth + 1)).error().code, Errc::TooLarge);
    EXPECT_EQ(parse_json(nested(100000)).error().code, Errc::TooLarge);
    EXPECT_TRUE(parse_json(std::string(kMaxJsonBytes - 2, ' ') + "{}"));
    EXPECT_EQ(parse_json(std::string(kMaxJsonBytes - 1, ' ') + "{}").error().code, Errc::TooLarge);
}

TEST(Wire, AnErrorNeverRepeatsMoreOfTheInputThanItsLimit) {
    const std::string longest(100000, 'x');
    const auto error = decode_document<Everything>(everything_with("mood", "\"" + longest + "\""));
    EXPECT_LT(describe(error.error()).size(), 2 * kMaxErrorTextBytes);
}

}  // namespace
}  // namespace patchbay::wire
