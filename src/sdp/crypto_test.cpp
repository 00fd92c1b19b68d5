// SPDX-License-Identifier: Apache-2.0
#include "sdp/crypto.hpp"

#include "base/text.hpp"
#include "sdp/limits.hpp"
#include "sdp/offer_answer.hpp"
#include "support/sdp_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace patchbay::sdp {
namespace {

using test::local_media;
using test::peer;
using ::testing::HasSubstr;
using ::testing::Not;

// RFC 4568 4
const std::string kRfcKey = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const std::string kRfcLine = "1 AES_CM_128_HMAC_SHA1_80 inline:" + kRfcKey;

std::string key_text(CryptoSuite suite, std::uint8_t filler = 7) {
    return to_base64(Bytes(key_size(suite), filler));
}

std::string crypto_line(int tag, CryptoSuite suite, std::uint8_t filler = 7) {
    return "a=crypto:" + std::to_string(tag) + ' ' + std::string(to_string(suite)) +
           " inline:" + key_text(suite, filler) + "\r\n";
}

LocalMedia with_policy(CryptoPolicy policy) {
    SeededRandom random(1);
    LocalMedia media = local_media();
    media.crypto = {policy, make_crypto_keys(random)};
    return media;
}

const std::string kPlain = "m=audio 6000 RTP/AVP 0\r\n";
const std::string kSecure = "m=audio 6000 RTP/SAVP 0\r\n";
constexpr auto kSha1_80 = CryptoSuite::AesCm128HmacSha1Tag80;

TEST(CryptoAttribute, TheExampleOfTheRfcIsRead) {
    const auto parsed = CryptoAttribute::parse(kRfcLine + "|2^20");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->tag, 1U);
    EXPECT_EQ(parsed->suite, kSha1_80);
    EXPECT_EQ(to_base64(parsed->key.reveal()), kRfcKey);
    EXPECT_EQ(parsed->to_string(), kRfcLine);
}

TEST(CryptoAttribute, EverySuiteIsWrittenAsItIsRead) {
    SeededRandom random(3);
    for (const CryptoAttribute& key : make_crypto_keys(random)) {
        const auto parsed = CryptoAttribute::parse(key.to_string());
        ASSERT_TRUE(parsed) << key.to_string();
        EXPECT_EQ(*parsed, key);
    }
}

TEST(CryptoAttribute, ParametersThatChangeNothingAreReadOver) {
    for (const char* parameters : {" WSH=64", " KDR=0", " -future=1 WSH=128", "  "}) {
        EXPECT_TRUE(CryptoAttribute::parse(kRfcLine + parameters)) << parameters;
    }
    EXPECT_TRUE(CryptoAttribute::parse("007 AES_CM_128_HMAC_SHA1_80  inline:" + kRfcKey));
}

struct Refused {
    std::string what;
    std::string line;
    Errc code;
};

class RefusedCrypto : public testing::TestWithParam<Refused> {};

TEST_P(RefusedCrypto, LineSaysWhy) {
    const auto parsed = CryptoAttribute::parse(GetParam().line);
    ASSERT_FALSE(parsed) << GetParam().what;
    EXPECT_EQ(parsed.error().code, GetParam().code) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Lines,
    RefusedCrypto,
    testing::Values(
        Refused{"empty", "", Errc::Malformed},
        Refused{"no tag", "AES_CM_128_HMAC_SHA1_80 inline:" + kRfcKey, Errc::Malformed},
        Refused{"ten digits", "1234567890 AES_CM_128_HMAC_SHA1_80 inline:x", Errc::Malformed},
        Refused{"no key", "1 AES_CM_128_HMAC_SHA1_80", Errc::Malformed},
        Refused{"no base64", "1 AES_CM_128_HMAC_SHA1_80 inline:*" + kRfcKey.substr(1),
                Errc::Malformed},
        Refused{"short key", "1 AES_CM_128_HMAC_SHA1_80 inline:" + kRfcKey.substr(4),
                Errc::Malformed},
        Refused{"key of another suite", "1 AEAD_AES_128_GCM inline:" + kRfcKey, Errc::Malformed},
        Refused{"60 kB of key", "1 AES_CM_128_HMAC_SHA1_80 inline:" + std::string(60000, 'A'),
                Errc::Malformed},
        Refused{"another method", "1 AES_CM_128_HMAC_SHA1_80 uri:" + kRfcKey, Errc::Unsupported},
        Refused{"unknown suite", "1 F8_128_HMAC_SHA1_80 inline:" + kRfcKey, Errc::Unsupported},
        Refused{"key identifier", kRfcLine + "|2^20|1:4", Errc::Unsupported},
        Refused{"two keys", kRfcLine + ";inline:" + kRfcKey, Errc::Unsupported},
        Refused{"no encryption", kRfcLine + " UNENCRYPTED_SRTP", Errc::Unsupported},
        Refused{"no encryption of RTCP", kRfcLine + " UNENCRYPTED_SRTCP", Errc::Unsupported},
        Refused{"no tags", kRfcLine + " UNAUTHENTICATED_SRTP", Errc::Unsupported},
        Refused{"derivation rate", kRfcLine + " KDR=16", Errc::Unsupported}));

// CVE-2026-57162
TEST(CryptoOffer, AThousandLinesWithLongKeysAreSurvived) {
    std::string media = kSecure;
    for (int i = 1; i <= 500; ++i) {
        media += "a=crypto:" + std::to_string(i) +
                 " AES_CM_128_HMAC_SHA1_80 inline:" + std::string(70, 'A') + "\r\n";
    }
    const LocalMedia local = with_policy(CryptoPolicy::Mandatory);
    EXPECT_EQ(make_answer(peer(media), local).error(),
              (Error{Errc::Unsupported, "encryption of the offered audio"}));

    std::string usable = kSecure;
    for (int i = 1; i <= 600; ++i) {
        usable += crypto_line(i, kSha1_80);
    }
    const auto answer = make_answer(peer(usable), local);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->audio.crypto);
}

// What an offer of each kind gets under each policy.
enum class Outcome { Plain, Secured, Refused };

struct OfferCase {
    const char* what;
    std::string media;
    std::array<Outcome, 3> outcome;  // Off, Optional, Mandatory
};

class CryptoAnswers : public testing::TestWithParam<OfferCase> {};

TEST_P(CryptoAnswers, FollowThePolicy) {
    for (const CryptoPolicy policy :
         {CryptoPolicy::Off, CryptoPolicy::Optional, CryptoPolicy::Mandatory}) {
        const auto answer = make_answer(peer(GetParam().media), with_policy(policy));
        const Outcome outcome = !answer                ? Outcome::Refused
                                : answer->audio.crypto ? Outcome::Secured
                                                       : Outcome::Plain;
        EXPECT_EQ(outcome, GetParam().outcome[static_cast<std::size_t>(policy)])
            << GetParam().what << ", policy " << static_cast<int>(policy);
        if (answer) {
            EXPECT_EQ(answer->description.to_string().find("a=crypto") != std::string::npos,
                      outcome == Outcome::Secured);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(
    Offers,
    CryptoAnswers,
    testing::Values(OfferCase{"plain", kPlain, {Outcome::Plain, Outcome::Plain, Outcome::Refused}},
                    OfferCase{"plain or SRTP",
                              kPlain + crypto_line(1, kSha1_80),
                              {Outcome::Plain, Outcome::Secured, Outcome::Secured}},
                    OfferCase{"SRTP",
                              kSecure + crypto_line(1, kSha1_80),
                              {Outcome::Refused, Outcome::Secured, Outcome::Secured}},
                    OfferCase{"SRTP with feedback",
                              "m=audio 6000 RTP/SAVPF 0\r\n" + crypto_line(1, kSha1_80),
                              {Outcome::Refused, Outcome::Secured, Outcome::Secured}},
                    OfferCase{"SRTP without a key",
                              kSecure,
                              {Outcome::Refused, Outcome::Refused, Outcome::Refused}},
                    OfferCase{"SRTP, then plain in another section",
                              kSecure + crypto_line(1, kSha1_80) + kPlain,
                              {Outcome::Plain, Outcome::Secured, Outcome::Secured}},
                    OfferCase{"DTLS",
                              "m=audio 6000 UDP/TLS/RTP/SAVP 0\r\n" + crypto_line(1, kSha1_80),
                              {Outcome::Refused, Outcome::Refused, Outcome::Refused}}));

TEST(CryptoAnswer, TakesTheFirstLineItCanUseUnderTheTagOfTheOffer) {
    const auto answer = make_answer(
        peer(kSecure + "a=crypto:5 F8_128_HMAC_SHA1_80 inline:" + kRfcKey + "\r\n" +
             crypto_line(6, CryptoSuite::AesCm128HmacSha1Tag32, 9) + crypto_line(7, kSha1_80)),
        with_policy(CryptoPolicy::Optional));
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->description.to_string(),
                HasSubstr("a=crypto:6 AES_CM_128_HMAC_SHA1_32 inline:"));
    EXPECT_THAT(answer->description.to_string(), HasSubstr("RTP/SAVP 0"));
    EXPECT_EQ(answer->audio.crypto->receive_key.reveal(), Bytes(30, 9));
    EXPECT_NE(answer->audio.crypto->send_key, answer->audio.crypto->receive_key);
}

TEST(CryptoOffer, HasALineForEverySuiteAndInsistsOnlyWhenMandatory) {
    const auto text = [](CryptoPolicy policy) {
        return make_offer(with_policy(policy)).to_string();
    };
    EXPECT_THAT(text(CryptoPolicy::Off), Not(HasSubstr("a=crypto")));
    EXPECT_THAT(text(CryptoPolicy::Optional), HasSubstr("RTP/AVP 0"));
    EXPECT_THAT(text(CryptoPolicy::Optional), HasSubstr("a=crypto:1 AEAD_AES_256_GCM inline:"));
    EXPECT_THAT(text(CryptoPolicy::Mandatory), HasSubstr("RTP/SAVP 0"));
    EXPECT_THAT(text(CryptoPolicy::Mandatory),
                HasSubstr("a=crypto:4 AES_CM_128_HMAC_SHA1_32 inline:"));
}

TEST(CryptoOffer, BothSidesEndUpWithTheSameKeys) {
    SeededRandom random(99);
    LocalMedia answerer = with_policy(CryptoPolicy::Optional);
    answerer.crypto.keys = make_crypto_keys(random);
    const auto offer = make_offer(with_policy(CryptoPolicy::Mandatory));
    const auto answer = make_answer(offer, answerer);
    ASSERT_TRUE(answer);
    const auto applied = apply_answer(offer, answer->description);
    ASSERT_TRUE(applied);
    EXPECT_EQ(applied->crypto->suite, answer->audio.crypto->suite);
    EXPECT_EQ(applied->crypto->send_key, answer->audio.crypto->receive_key);
    EXPECT_EQ(applied->crypto->receive_key, answer->audio.crypto->send_key);
}

Outcome outcome_of_answer(CryptoPolicy policy, const std::string& media) {
    const auto applied = apply_answer(make_offer(with_policy(policy)), peer(media));
    return !applied ? Outcome::Refused : applied->crypto ? Outcome::Secured : Outcome::Plain;
}

TEST(CryptoOffer, IsAnsweredByOneOfItsOwnLinesOrNotAtAll) {
    using enum CryptoPolicy;
    const std::string good = crypto_line(3, kSha1_80);  // our third line
    EXPECT_EQ(outcome_of_answer(Mandatory, kSecure + good), Outcome::Secured);
    EXPECT_EQ(outcome_of_answer(Optional, kPlain + good), Outcome::Secured);
    EXPECT_EQ(outcome_of_answer(Optional, kPlain), Outcome::Plain);
    EXPECT_EQ(outcome_of_answer(Mandatory, kPlain), Outcome::Refused);
    EXPECT_EQ(outcome_of_answer(Mandatory, kSecure), Outcome::Refused);
    EXPECT_EQ(outcome_of_answer(Off, kSecure + good), Outcome::Refused);
    EXPECT_EQ(outcome_of_answer(Off, kPlain + good), Outcome::Plain);
    // A tag that we did not give, and a suite that is not that of the tag.
    EXPECT_EQ(outcome_of_answer(Mandatory, kSecure + crypto_line(9, kSha1_80)), Outcome::Refused);
    EXPECT_EQ(outcome_of_answer(Optional, kPlain + crypto_line(1, kSha1_80)), Outcome::Refused);
}

}  // namespace
}  // namespace patchbay::sdp
