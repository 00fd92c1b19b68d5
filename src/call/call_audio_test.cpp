// SPDX-License-Identifier: Apache-2.0
// SRTP through the offers and answers of one call: what was agreed once is kept.
#include "call/call_audio.hpp"

#include "base/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::call {
namespace {

using sdp::CryptoPolicy;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kSha1_80 = "AES_CM_128_HMAC_SHA1_80";
constexpr std::string_view kSha1_32 = "AES_CM_128_HMAC_SHA1_32";

// The far end's description; a suite "" is plain RTP.
std::string theirs(std::string_view suite, int tag = 1, std::uint8_t filler = 7) {
    std::string text =
        "v=0\r\no=- 7 7 IN IP4 198.51.100.2\r\ns=-\r\nc=IN IP4 198.51.100.2\r\nt=0 0\r\n"
        "m=audio 6000 ";
    text += suite.empty() ? "RTP/AVP 0\r\n" : "RTP/SAVP 0\r\n";
    if (!suite.empty()) {
        text += "a=crypto:" + std::to_string(tag) + ' ' + std::string(suite) +
                " inline:" + to_base64(Bytes(30, filler)) + "\r\n";
    }
    return text;
}

class SecureCallAudio : public testing::Test {
  protected:
    static CallAudio make(Random& random, CryptoPolicy policy) {
        return {random,
                {},
                {.port = RtpPort(4000),
                 .advertised = {IpAddress::v4(192, 0, 2, 1), 4000},
                 .sink = nullptr},
                {.codecs = {*sdp::known_codec("pcmu")}, .crypto = policy}};
    }

    std::string our_key() const { return to_hex(audio.negotiated()->crypto->send_key.reveal()); }

    Instant now{Seconds(1000)};
    SeededRandom random{5};
    CallAudio audio = make(random, CryptoPolicy::Optional);
};

TEST_F(SecureCallAudio, AnOfferOfPlainRtpAfterSrtpIsRefusedAndTheCallGoesOn) {
    ASSERT_TRUE(audio.answer(now, theirs(kSha1_80)));
    const auto before = audio.negotiated();
    EXPECT_EQ(audio.answer(now, theirs("")).error().code, Errc::Unsupported);
    EXPECT_EQ(audio.negotiated(), before);
    EXPECT_TRUE(audio.answer(now, theirs(kSha1_80)));
}

TEST_F(SecureCallAudio, AnAnswerOfPlainRtpAfterSrtpIsRefused) {
    ASSERT_TRUE(audio.answer(now, theirs(kSha1_80)));
    EXPECT_THAT(audio.offer(), HasSubstr("RTP/SAVP 0"));
    EXPECT_FALSE(audio.apply_answer(now, theirs("")));
    EXPECT_TRUE(audio.negotiated()->crypto);
}

TEST_F(SecureCallAudio, APlainCallMayBecomeASecureOneWhereThatIsWelcome) {
    ASSERT_TRUE(audio.answer(now, theirs("")));
    EXPECT_FALSE(audio.negotiated()->crypto);
    ASSERT_TRUE(audio.answer(now, theirs(kSha1_80)));
    EXPECT_TRUE(audio.negotiated()->crypto);
}

TEST_F(SecureCallAudio, ARefreshKeepsOurKey) {
    ASSERT_TRUE(audio.answer(now, theirs(kSha1_80)));
    const std::string key = our_key();
    ASSERT_TRUE(audio.answer(now, theirs(kSha1_80, 1, 8)));  // the far end has a new one
    EXPECT_EQ(our_key(), key);
}

// Its counters are gone, and the same key stream must not be used twice.
TEST_F(SecureCallAudio, TheKeyOfASuiteThatWasLeftDoesNotComeBack) {
    ASSERT_TRUE(audio.answer(now, theirs(kSha1_80)));
    const std::string key = our_key();
    ASSERT_TRUE(audio.answer(now, theirs(kSha1_32)));
    EXPECT_NE(our_key(), key);
    ASSERT_TRUE(audio.answer(now, theirs(kSha1_80)));
    EXPECT_NE(our_key(), key);
}

TEST_F(SecureCallAudio, WithoutSrtpNothingIsSaidOfIt) {
    CallAudio plain = make(random, CryptoPolicy::Off);
    EXPECT_THAT(plain.offer(), Not(HasSubstr("crypto")));
    EXPECT_FALSE(plain.answer(now, theirs(kSha1_80)));
}

}  // namespace
}  // namespace patchbay::call
