// SPDX-License-Identifier: Apache-2.0
#include "webrtc/dtls/fingerprint.hpp"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::webrtc {
namespace {

constexpr std::string_view kText =
    "sha-256 "
    "4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:3E:4B:65:2E:7D:46:3F:54:42:CD:54:"
    "F1";

TEST(Fingerprint, WhatIsReadIsWrittenBack) {
    const auto fingerprint = Fingerprint::parse(kText);
    ASSERT_TRUE(fingerprint) << describe(fingerprint.error());
    EXPECT_EQ(fingerprint->algorithm, "sha-256");
    EXPECT_EQ(fingerprint->digest.size(), 32U);
    EXPECT_EQ(fingerprint->to_string(), kText);
}

TEST(Fingerprint, NamesAndDigitsAreReadInEitherCase) {
    std::string text(kText);
    for (char& c : text) {
        c = static_cast<char>(std::isupper(static_cast<unsigned char>(c)) != 0 ? c + 32 : c);
    }
    text.replace(0, 3, "SHA");
    EXPECT_EQ(Fingerprint::parse(text), Fingerprint::parse(kText));
}

TEST(Fingerprint, AFaultyOneIsRefused) {
    const std::string good(kText);
    for (const std::string& text :
         {std::string(), std::string("sha-256"), good.substr(0, good.size() - 3), good + ":00",
          good + ":", good.substr(0, good.size() - 1) + "G", "sha-256 " + good.substr(10),
          std::string("sha-1 4A:AD"), std::string("md5 4A:AD"), "sha-512 " + good.substr(8)}) {
        EXPECT_FALSE(Fingerprint::parse(text)) << text;
    }
}

// RFC 8122 5.
TEST(Fingerprint, TheBestHashThatIsGivenDecides) {
    const Bytes certificate = {1, 2, 3};
    const auto sha256 = *make_fingerprint("sha-256", certificate);
    const auto sha512 = *make_fingerprint("sha-512", certificate);
    const auto other256 = *make_fingerprint("sha-256", Bytes{4});
    const auto other512 = *make_fingerprint("sha-512", Bytes{4});
    EXPECT_TRUE(matches_any({sha256}, certificate));
    EXPECT_TRUE(matches_any({other256, sha256}, certificate));
    EXPECT_TRUE(matches_any({other256, sha512}, certificate));
    EXPECT_FALSE(matches_any({sha256, other512}, certificate));
    EXPECT_FALSE(matches_any({other256}, certificate));
    EXPECT_FALSE(matches_any({}, certificate));
}

}  // namespace
}  // namespace patchbay::webrtc
