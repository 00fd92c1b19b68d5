// SPDX-License-Identifier: Apache-2.0
#include "sip/digest.hpp"

#include "sip/header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// RFC 7616 3.9.1, both halves.
DigestInput rfc7616(DigestAlgorithm algorithm) {
    return {.variant = {algorithm, false},
            .username = "Mufasa",
            .realm = "http-auth@example.org",
            .password = "Circle of Life",
            .method = "GET",
            .uri = "/dir/index.html",
            .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            .qop = "auth",
            .client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            .nonce_count = 1};
}

// RFC 2617 3.5.
DigestInput rfc2617() {
    return {.variant = {},
            .username = "Mufasa",
            .realm = "testrealm@host.com",
            .password = "Circle Of Life",
            .method = "GET",
            .uri = "/dir/index.html",
            .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            .qop = "auth",
            .client_nonce = "0a4f113b",
            .nonce_count = 1};
}

TEST(Digest, ComputesTheMd5ExampleOfRfc2617) {
    EXPECT_EQ(digest_response(rfc2617()), "6629fae49393a05397450978507c4ef1");
}

TEST(Digest, ComputesTheMd5ExampleOfRfc7616) {
    EXPECT_EQ(digest_response(rfc7616(DigestAlgorithm::Md5)), "8ca523f5e9506fed4657c9700eebdbec");
}

TEST(Digest, ComputesTheSha256ExampleOfRfc7616) {
    EXPECT_EQ(digest_response(rfc7616(DigestAlgorithm::Sha256)),
              "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(Digest, WithoutQopIsTheFormOfRfc2069) {
    DigestInput input = rfc2617();
    input.qop = {};
    // MD5("939e7578ed9e3c518a452acee763bce9:dcd9...c093:39aff3a2bab6126f332b942af96d3366")
    EXPECT_EQ(digest_response(input), "670fd8c2df070c60b045671b8b24ff02");
}

TEST(Digest, KnowsTheAlgorithmsOfRfc8760ByName) {
    for (const std::string_view name :
         {"MD5", "MD5-sess", "SHA-256", "SHA-256-sess", "SHA-512-256", "SHA-512-256-sess"}) {
        const auto variant = DigestVariant::parse(name);
        ASSERT_TRUE(variant) << name;
        EXPECT_EQ(variant->name(), name);
    }
    EXPECT_EQ(DigestVariant::parse("md5"), DigestVariant{});
    EXPECT_EQ(DigestVariant::parse("AKAv1-MD5"), std::nullopt);
}

TEST(Digest, AServerProvesAnAnswerFromTheHashedSecret) {
    const auto credentials = AuthParameters::parse(
        "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", "
        "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", qop=auth, "
        "nc=00000001, cnonce=\"0a4f113b\", response=\"6629fae49393a05397450978507c4ef1\"");
    ASSERT_TRUE(credentials);
    const std::string secret =
        digest_hash(DigestAlgorithm::Md5, "Mufasa:testrealm@host.com:Circle Of Life");
    EXPECT_TRUE(digest_proves(*credentials, "GET", secret));
    EXPECT_FALSE(digest_proves(*credentials, "PUT", secret));
    EXPECT_FALSE(digest_proves(*credentials, "GET", std::string(32, '0')));
}

// --- the client

Message request(const ExtraHeaders& headers = {}, const std::string& method = "INVITE") {
    std::string text = method + " sip:bob@example.com SIP/2.0\r\nCSeq: 1 " + method + "\r\n";
    for (const auto& header : headers) {
        text += header.name + ": " + header.value + "\r\n";
    }
    return Message::parse(text + "\r\n").value();
}

Message challenge(const std::string& lines, int status = 401) {
    return Message::parse("SIP/2.0 " + std::to_string(status) + " No\r\nCSeq: 1 INVITE\r\n" +
                          lines + "\r\n")
        .value();
}

constexpr const char* kMd5 = "WWW-Authenticate: Digest realm=\"r\", nonce=\"n1\", qop=\"auth\"\r\n";

class DigestClientTest : public testing::Test {
  protected:
    static Credentials credentials(std::string realm = {}) {
        return {"alice", Secret<std::string>("secret"), std::move(realm)};
    }

    SeededRandom random_{1};
    DigestClient client_{credentials()};
};

TEST_F(DigestClientTest, AnswersWithAResponseThatTheServerCanProve) {
    const auto answer = client_.answer(request(), challenge(kMd5), random_);
    ASSERT_TRUE(answer);
    ASSERT_THAT(*answer, SizeIs(1));
    EXPECT_EQ(answer->front().name, "Authorization");
    const auto parsed = AuthParameters::parse(answer->front().value);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->get("uri"), "sip:bob@example.com");
    EXPECT_TRUE(
        digest_proves(*parsed, "INVITE", digest_hash(DigestAlgorithm::Md5, "alice:r:secret")));
}

TEST_F(DigestClientTest, NeverShowsThePassword) {
    const auto answer = client_.answer(request(), challenge(kMd5), random_);
    EXPECT_THAT(answer->front().value, Not(HasSubstr("secret")));
}

TEST_F(DigestClientTest, AProxysChallengeIsAnsweredToTheProxy) {
    const auto answer = client_.answer(
        request(), challenge("Proxy-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n", 407),
        random_);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->front().name, "Proxy-Authorization");
    EXPECT_THAT(answer->front().value, Not(HasSubstr("qop")));
    EXPECT_THAT(answer->front().value, Not(HasSubstr("cnonce")));
}

TEST_F(DigestClientTest, ChoosesTheStrongestOfSeveralWhateverTheirOrder) {
    const std::string sha =
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\", qop=\"auth\", algorithm=SHA-256\r\n";
    const std::string unknown =
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"n3\", algorithm=WHIRLPOOL\r\n";
    for (const std::string& lines : {kMd5 + sha + unknown, unknown + sha + kMd5}) {
        DigestClient client(credentials());
        const auto answer = client.answer(request(), challenge(lines), random_);
        ASSERT_TRUE(answer);
        ASSERT_THAT(*answer, SizeIs(1));
        EXPECT_THAT(answer->front().value, HasSubstr("algorithm=SHA-256"));
    }
}

TEST_F(DigestClientTest, GivesUpWhenItsAnswerWasRefused) {
    const auto first = client_.answer(request(), challenge(kMd5), random_);
    const auto second = client_.answer(request(*first), challenge(kMd5), random_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::Unauthorized);
}

TEST_F(DigestClientTest, AnswersAgainWhenTheNonceWasOnlyStale) {
    const auto first = client_.answer(request(), challenge(kMd5), random_);
    const auto second = client_.answer(
        request(*first),
        challenge(
            "WWW-Authenticate: Digest realm=\"r\", nonce=\"n2\", qop=\"auth\", stale=TRUE\r\n"),
        random_);
    ASSERT_TRUE(second);
    EXPECT_THAT(second->front().value, HasSubstr("nonce=\"n2\""));
    EXPECT_THAT(second->front().value, HasSubstr("nc=00000001"));
}

TEST_F(DigestClientTest, DoesNotFollowAnEndlessChainOfStaleNonces) {
    auto headers = client_.answer(request(), challenge(kMd5), random_);
    int answered = 0;
    while (headers && answered < 100) {
        ++answered;
        headers = client_.answer(
            request(*headers),
            challenge("WWW-Authenticate: Digest realm=\"r\", nonce=\"m\", stale=true\r\n"),
            random_);
    }
    EXPECT_LT(answered, 10);
}

TEST_F(DigestClientTest, CountsTheUsesOfANonce) {
    ASSERT_TRUE(client_.answer(request(), challenge(kMd5), random_));
    client_.settled();
    const auto bye = client_.answer(request({}, "BYE"), challenge(kMd5), random_);
    ASSERT_TRUE(bye);
    ASSERT_THAT(*bye, SizeIs(1));
    EXPECT_THAT(bye->front().value, HasSubstr("nc=00000002"));
}

TEST_F(DigestClientTest, KeepsTheProxysAnswerWhenTheServerAsksAsWell) {
    const auto proxy = client_.answer(
        request(),
        challenge("Proxy-Authenticate: Digest realm=\"p\", nonce=\"n\", qop=\"auth\"\r\n", 407),
        random_);
    ASSERT_TRUE(proxy);
    const auto both = client_.answer(request(*proxy), challenge(kMd5), random_);
    ASSERT_TRUE(both);
    ASSERT_THAT(*both, SizeIs(2));
    EXPECT_THAT(both->front().value, HasSubstr("nc=00000002"));
    EXPECT_EQ(both->back().name, "Authorization");
}

TEST_F(DigestClientTest, AnswersNoOtherRealmThanTheOneItWasGivenFor) {
    DigestClient client(credentials("elsewhere"));
    EXPECT_FALSE(client.answer(request(), challenge(kMd5), random_));
}

TEST_F(DigestClientTest, RefusesWhatItCannotDo) {
    for (const char* line :
         {"WWW-Authenticate: Basic realm=\"r\"\r\n",
          "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"\r\n",
          "WWW-Authenticate: Digest realm=\"r\"\r\n", "Subject: nothing\r\n"}) {
        DigestClient client(credentials());
        EXPECT_FALSE(client.answer(request(), challenge(line), random_)) << line;
    }
}

TEST_F(DigestClientTest, EchoesTheOpaqueValue) {
    const auto answer = client_.answer(
        request(),
        challenge("WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", opaque=\"5ccc\"\r\n"),
        random_);
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->front().value, HasSubstr("opaque=\"5ccc\""));
}

}  // namespace
}  // namespace patchbay::sip
