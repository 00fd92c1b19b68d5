// SPDX-License-Identifier: Apache-2.0
#include "base/text.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(Text, ANumberMustFillTheTextAndFitTheType) {
    EXPECT_EQ(parse_number<int>("42"), 42);
    for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1x", "99999999999999999999"}) {
        EXPECT_FALSE(parse_number<int>(bad)) << bad;
    }
    EXPECT_FALSE(parse_number<std::uint8_t>("256"));
}

TEST(Text, Base64SurvivesTheRoundTripAtEveryLengthAndRefusesOtherCharacters) {
    Bytes bytes;
    for (std::uint8_t i = 0; i < 40; ++i) {
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
        bytes.push_back(static_cast<std::uint8_t>(i * 37));
    }
    EXPECT_EQ(to_base64(as_bytes("foob")), "Zm9vYg==");  // RFC 4648 section 10
    EXPECT_EQ(as_text(*from_base64("Zm9vYg")), "foob");
    EXPECT_FALSE(from_base64("Zm9v!g=="));
    EXPECT_FALSE(from_base64("A"));
}

TEST(Text, PercentEscapesAreUndoneAndTruncatedOnesRefused) {
    EXPECT_EQ(percent_encode("a b/c", "/"), "a%20b/c");
    EXPECT_EQ(percent_decode("a%20b%2Fc"), "a b/c");
    EXPECT_FALSE(percent_decode("a%2"));
    EXPECT_FALSE(percent_decode("%zz"));
}

TEST(Text, HexIsUndoneAndOddLengthRefused) {
    EXPECT_EQ(to_hex(*from_hex("00ffA1")), "00ffa1");
    EXPECT_FALSE(from_hex("abc"));
}

}  // namespace
}  // namespace patchbay
