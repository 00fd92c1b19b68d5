// SPDX-License-Identifier: Apache-2.0
#include "sip/digest_server.hpp"

#include "sip/header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

constexpr std::string_view kRealm = "example.com";

class DigestServerTest : public testing::Test {
  protected:
    DigestServerTest() { accounts_["alice"] = DigestSecret::of("alice", kRealm, "wonder"); }

    static Message request(const ExtraHeaders& headers,
                           std::string_view method = "REGISTER",
                           std::string_view uri = "sip:example.com") {
        std::string text = std::string(method) + " " + std::string(uri) +
                           " SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa\r\n"
                           "From: <sip:alice@example.com>;tag=1\r\nTo: <sip:alice@example.com>\r\n"
                           "Call-ID: c\r\nCSeq: 1 " +
                           std::string(method) + "\r\n";
        for (const ExtraHeader& header : headers) {
            text += header.name + ": " + header.value + "\r\n";
        }
        return Message::parse(text + "Content-Length: 0\r\n\r\n").value();
    }

    // The 401 that the server would send.
    static Message refusal(const Message& refused, const ExtraHeaders& challenges) {
        std::string text = "SIP/2.0 401 Unauthorized\r\n";
        for (std::size_t i = 0; i < refused.field_count(); ++i) {
            text += refused.field_line(i);
        }
        for (const ExtraHeader& header : challenges) {
            text.insert(text.find("Content-Length"), header.name + ": " + header.value + "\r\n");
        }
        return Message::parse(text + "\r\n").value();
    }

    DigestServer::Verdict check(const Message& message) {
        return server_.check(now_, source_, message, accounts_);
    }

    // What a client of ours makes of a challenge.
    Message authorized(const std::string& user,
                       const std::string& password,
                       std::string_view method = "REGISTER") {
        DigestClient client({user, Secret<std::string>(password), {}});
        const Message first = request({}, method);
        const auto headers =
            client.answer(first, refusal(first, server_.challenges(now_, source_, false)), random_);
        return request(headers.value(), method);
    }

    // The same credentials with one parameter another one.
    static Message changed(const Message& message, const std::string& name, const std::string& to) {
        auto credentials = message.get<Authorization>().value();
        for (Parameter& one : credentials.list) {
            if (one.name == name) {
                one.value = to;
            }
        }
        ExtraHeader header{"Authorization", {}};
        credentials.write(header.value);
        return request({header});
    }

    Message with_count(const std::string& nonce, std::uint32_t count) const {
        const DigestInput input{.variant = {DigestAlgorithm::Sha256, false},
                                .username = "alice",
                                .realm = kRealm,
                                .password = "wonder",
                                .method = "REGISTER",
                                .uri = "sip:example.com",
                                .nonce = nonce,
                                .qop = "auth",
                                .client_nonce = "cn",
                                .nonce_count = count};
        std::array<char, 9> digits{};
        std::snprintf(digits.data(), digits.size(), "%08x", count);
        AuthParameters answer;
        answer.scheme = "Digest";
        answer.add_quoted("username", "alice");
        answer.add_quoted("realm", kRealm);
        answer.add_quoted("nonce", nonce);
        answer.add_quoted("uri", "sip:example.com");
        answer.add_quoted("response", digest_response(input));
        answer.add("algorithm", "SHA-256");
        answer.add_quoted("cnonce", "cn");
        answer.add("qop", "auth");
        answer.add("nc", digits.data());
        ExtraHeader header{"Authorization", {}};
        answer.write(header.value);
        return request({header});
    }

    std::string nonce() const {
        const auto challenge =
            AuthParameters::parse(server_.challenges(now_, source_, false).front().value).value();
        return std::string(challenge.get("nonce").value());
    }

    SeededRandom random_{7};
    Instant now_{Seconds(1'000)};
    IpAddress source_ = IpAddress::v4(192, 0, 2, 9);
    DigestServer server_{{.realm = std::string(kRealm)}, random_};
    DigestAccounts accounts_;
};

bool is_fresh_challenge(const DigestServer::Verdict& verdict) {
    const auto* unproved = std::get_if<DigestServer::Unproved>(&verdict);
    return unproved != nullptr && !unproved->stale;
}
bool is_stale(const DigestServer::Verdict& verdict) {
    const auto* unproved = std::get_if<DigestServer::Unproved>(&verdict);
    return unproved != nullptr && unproved->stale;
}
bool is_proved(const DigestServer::Verdict& verdict) {
    return std::holds_alternative<DigestServer::Proved>(verdict);
}

TEST_F(DigestServerTest, ARequestWithoutCredentialsIsChallenged) {
    EXPECT_TRUE(is_fresh_challenge(check(request({}))));
}

TEST_F(DigestServerTest, ThePreferredAlgorithmIsChallengedFirst) {  // RFC 8760 2.4
    const ExtraHeaders challenges = server_.challenges(now_, source_, false);
    ASSERT_THAT(challenges, SizeIs(2));
    EXPECT_THAT(challenges[0].value, HasSubstr("algorithm=SHA-256"));
    EXPECT_THAT(challenges[1].value, HasSubstr("algorithm=MD5"));
    EXPECT_THAT(challenges[0].value, HasSubstr("qop=\"auth\""));
    EXPECT_THAT(challenges[0].value, Not(HasSubstr("stale")));
}

TEST_F(DigestServerTest, TheRightPasswordProvesTheUser) {
    const auto verdict = check(authorized("alice", "wonder"));
    ASSERT_TRUE(is_proved(verdict));
    EXPECT_EQ(std::get<DigestServer::Proved>(verdict).user, "alice");
}

class EachAlgorithm : public DigestServerTest,
                      public testing::WithParamInterface<DigestAlgorithm> {};

TEST_P(EachAlgorithm, ProvesTheUserWhenItIsOffered) {
    DigestServer server({.realm = std::string(kRealm), .algorithms = {GetParam()}}, random_);
    DigestClient client({"alice", Secret<std::string>("wonder"), {}});
    const Message first = request({}, "INVITE");
    const Message again = request(
        client.answer(first, refusal(first, server.challenges(now_, source_, false)), random_)
            .value(),
        "INVITE");
    EXPECT_TRUE(is_proved(server.check(now_, source_, again, accounts_)));
}
INSTANTIATE_TEST_SUITE_P(Rfc8760,
                         EachAlgorithm,
                         testing::Values(DigestAlgorithm::Md5,
                                         DigestAlgorithm::Sha256,
                                         DigestAlgorithm::Sha512_256));

TEST_F(DigestServerTest, AWrongPasswordAndAnUnknownUserAreToldApartOnlyToTheCaller) {
    const auto guess = check(authorized("alice", "guess"));
    ASSERT_TRUE(std::holds_alternative<DigestServer::Wrong>(guess));
    EXPECT_TRUE(std::get<DigestServer::Wrong>(guess).known);
    const auto stranger = check(authorized("mallory", "wonder"));
    ASSERT_TRUE(std::holds_alternative<DigestServer::Wrong>(stranger));
    EXPECT_FALSE(std::get<DigestServer::Wrong>(stranger).known);
    EXPECT_EQ(std::get<DigestServer::Wrong>(stranger).user, "mallory");
}

struct Tampering {
    const char* parameter;
    const char* value;
    bool wrong;  // else the request is as if it had no credentials
};
void PrintTo(const Tampering& tampering, std::ostream* out) {
    *out << tampering.parameter << "=" << tampering.value;
}
class Tampered : public DigestServerTest, public testing::WithParamInterface<Tampering> {};

TEST_P(Tampered, CredentialsProveNothing) {
    const auto& [parameter, value, wrong] = GetParam();
    const auto verdict = check(changed(authorized("alice", "wonder"), parameter, value));
    EXPECT_EQ(std::holds_alternative<DigestServer::Wrong>(verdict), wrong);
    EXPECT_EQ(is_fresh_challenge(verdict), !wrong);
}
INSTANTIATE_TEST_SUITE_P(
    Parameters,
    Tampered,
    testing::Values(Tampering{"realm", "elsewhere.example", false},
                    Tampering{"algorithm", "SHA-512-256", false},   // not offered
                    Tampering{"algorithm", "SHA-256-sess", false},  // not offered
                    Tampering{"algorithm", "ROT13", false},
                    Tampering{"qop", "auth-int", false},
                    Tampering{"algorithm", "MD5", true},  // a downgrade of the response
                    Tampering{"nonce", "0123", true},
                    Tampering{"uri", "sip:elsewhere.example", true},
                    Tampering{"response", "", true},
                    Tampering{"response", "00", true},
                    Tampering{"cnonce", "x", true},
                    Tampering{"nc", "00000009", true},
                    Tampering{"nc", "zz", true},
                    Tampering{"username", "", true}));

TEST_F(DigestServerTest, CredentialsWithoutQopCouldBeReplayedAndAreAskedForAgain) {
    const std::string fresh = nonce();
    const DigestInput input{.variant = {DigestAlgorithm::Md5, false},
                            .username = "alice",
                            .realm = kRealm,
                            .password = "wonder",
                            .method = "REGISTER",
                            .uri = "sip:example.com",
                            .nonce = fresh,
                            .qop = "",
                            .client_nonce = "",
                            .nonce_count = 1};
    EXPECT_TRUE(is_fresh_challenge(check(
        request({{"Authorization", "Digest username=\"alice\", realm=\"example.com\", nonce=\"" +
                                       fresh + "\", uri=\"sip:example.com\", response=\"" +
                                       digest_response(input) + "\""}}))));
}

TEST_F(DigestServerTest, TheProofForOneMethodIsNoneForAnother) {
    const Message invite = authorized("alice", "wonder", "INVITE");
    const Message moved =
        request({{"Authorization", std::string(*invite.header("Authorization"))}});
    EXPECT_TRUE(std::holds_alternative<DigestServer::Wrong>(check(moved)));
}

TEST_F(DigestServerTest, TheProofForOneRequestUriIsNoneForAnother) {  // RFC 7616 3.4.6
    const Message good = authorized("alice", "wonder");
    const Message moved = request({{"Authorization", std::string(*good.header("Authorization"))}},
                                  "REGISTER", "sip:other.example.com");
    EXPECT_TRUE(std::holds_alternative<DigestServer::Misdirected>(check(moved)));
}

TEST_F(DigestServerTest, TheSameCredentialsASecondTimeAreStale) {
    const Message once = authorized("alice", "wonder");
    EXPECT_TRUE(is_proved(check(once)));
    EXPECT_TRUE(is_stale(check(once)));
}

TEST_F(DigestServerTest, ANonceServesUntilItsTimeIsOver) {
    const std::string old = nonce();
    now_ += Seconds(300);
    EXPECT_TRUE(is_proved(check(with_count(old, 1))));
    now_ += Milliseconds(1);
    EXPECT_TRUE(is_stale(check(with_count(old, 2))));
}

TEST_F(DigestServerTest, CountsMayOvertakeEachOtherButEachServesOnce) {
    const std::string one = nonce();
    for (const std::uint32_t count : {1U, 3U, 2U, 70U, 7U, 100'000U}) {
        EXPECT_TRUE(is_proved(check(with_count(one, count)))) << count;
        EXPECT_TRUE(is_stale(check(with_count(one, count)))) << count;
    }
    EXPECT_TRUE(is_stale(check(with_count(one, 6))));  // too far behind to know
    EXPECT_TRUE(is_stale(check(with_count(one, 0))));
    EXPECT_TRUE(is_proved(check(with_count(one, 99'999))));
}

TEST_F(DigestServerTest, ANonceIsOfNoUseFromAnotherAddress) {
    const Message good = authorized("alice", "wonder");
    EXPECT_TRUE(is_stale(server_.check(now_, IpAddress::v4(192, 0, 2, 10), good, accounts_)));
}

TEST_F(DigestServerTest, ANonceOfAnotherShardIsStale) {
    DigestServer other({.realm = std::string(kRealm)}, random_);
    EXPECT_TRUE(is_stale(other.check(now_, source_, authorized("alice", "wonder"), accounts_)));
}

TEST_F(DigestServerTest, OfSeveralCredentialsThoseOfOurRealmCount) {
    const Message good = authorized("alice", "wonder");
    EXPECT_TRUE(is_proved(check(request(
        {{"Authorization", "Digest username=\"a\", realm=\"other\", nonce=\"n\", response=\"0\""},
         {"Authorization", std::string(*good.header("Authorization"))}}))));
}

TEST_F(DigestServerTest, ChallengesAndGuessesCostNoMemory) {
    for (int i = 0; i < 1'000; ++i) {
        (void)server_.challenges(now_, source_, false);
        (void)check(authorized("alice", "guess"));
    }
    EXPECT_EQ(server_.remembered(), 0U);
}

TEST_F(DigestServerTest, TooManyNoncesForgetTheOldestWhichIsStaleThen) {
    const DigestServerConfig config{.realm = std::string(kRealm), .counted_nonces = 10};
    DigestServer server(config, random_);
    const auto fresh = [&] {
        const ExtraHeaders challenges = server.challenges(now_, source_, false);
        return std::string(
            AuthParameters::parse(challenges.front().value).value().get("nonce").value());
    };
    const auto judged = [&](const std::string& nonce, std::uint32_t count) {
        return server.check(now_, source_, with_count(nonce, count), accounts_);
    };
    const std::string first = fresh();
    EXPECT_TRUE(is_proved(judged(first, 1)));
    for (int i = 0; i < 20; ++i) {
        now_ += Milliseconds(2);
        EXPECT_TRUE(is_proved(judged(fresh(), 1)));
    }
    EXPECT_LE(server.remembered(), 11U);
    EXPECT_TRUE(is_stale(judged(first, 1)));  // no replay
    EXPECT_TRUE(is_stale(judged(first, 2)));
    now_ += Milliseconds(2);
    EXPECT_TRUE(is_proved(judged(fresh(), 1)));
}

}  // namespace
}  // namespace patchbay::sip
