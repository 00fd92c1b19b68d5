// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/rules.hpp"

#include "lab/meta/digest.hpp"
#include "lab/meta/message_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace patchbay::lab::meta {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Account account() {
    return {.host = "wa.meta.example",
            .port = 5061,
            .number = "+15550001111",
            .domain = "pbx.example.com",
            .key_exchange = KeyExchange::Sdes,
            .users = {"+5511987654321"}};
}

sip::Message request(std::string_view method,
                     std::string_view uri = "sip:+5511987654321@wa.meta.example",
                     std::string_view from = "<sip:+15550001111@pbx.example.com>;tag=1",
                     std::string_view extra = {}) {
    Lines lines{"Via: SIP/2.0/TLS pbx.example.com;branch=z9hG4bK1", "From: " + std::string(from),
                "To: <" + std::string(uri) + ">", "Call-ID: 1", "CSeq: 1 " + std::string(method)};
    if (!extra.empty()) {
        lines.emplace_back(extra);
    }
    return *sip::Message::parse(std::string_view(request_text(method, uri, lines)));
}

std::string rule_of(const sip::Message& message) {
    const auto refusal = judge_new(message, account());
    return refusal ? std::to_string(refusal->status) + " " + refusal->rule : "";
}

TEST(MetaRules, ACallAsTheDocumentationWantsItGoesOnToTheDigest) {
    EXPECT_EQ(rule_of(request("INVITE")), "");
}

TEST(MetaRules, EachRuleThatIsBrokenHasItsStatus) {
    const std::string good = "sip:+5511987654321@wa.meta.example";
    EXPECT_EQ(rule_of(request("REGISTER")), "403 register");
    EXPECT_EQ(rule_of(request("INVITE", "sip:+5511987654321@192.0.2.1")),
              "404 address-in-request-uri");
    EXPECT_EQ(rule_of(request("INVITE", "sip:+5511987654321@[2001:db8::1]")),
              "404 address-in-request-uri");
    EXPECT_EQ(rule_of(request("INVITE", "sip:5511987654321@wa.meta.example")), "404 unknown-user");
    EXPECT_EQ(rule_of(request("INVITE", "sip:+5511900000000@wa.meta.example")), "404 unknown-user");
    EXPECT_EQ(rule_of(request("INVITE", good, "<sip:+15550001111@192.0.2.1>;tag=1")),
              "403 from-host");
    EXPECT_EQ(rule_of(request("INVITE", good, "<sip:15550001111@pbx.example.com>;tag=1")),
              "403 from-user");
    EXPECT_EQ(rule_of(request("INVITE", good, "<sip:+15550001111@pbx.example.com>;tag=1",
                              "Session-Expires: 1800")),
              "403 session-timer");
    EXPECT_EQ(judge_within(request("INVITE")).status, 500);
}

std::string offer(std::string_view protocol, std::string_view lines, std::string_view formats) {
    return "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio "
           "30000 " +
           std::string(protocol) + " " + std::string(formats) +
           "\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:126 telephone-event/8000\r\n" +
           std::string(lines);
}

TEST(MetaRules, AnOfferHoldsOpusAndKeysAndTheKeysOfItsNumbersKind) {
    constexpr std::string_view kSdes = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x\r\n";
    constexpr std::string_view kDtls =
        "a=ice-ufrag:a\r\na=ice-pwd:b\r\na=fingerprint:sha-256 00\r\na=setup:actpass\r\n"
        "a=rtcp-mux\r\n";
    Account dtls = account();
    dtls.key_exchange = KeyExchange::Dtls;
    EXPECT_FALSE(judge_offer(offer("RTP/SAVP", kSdes, "111 126"), account()));
    EXPECT_FALSE(judge_offer(offer("UDP/TLS/RTP/SAVPF", kDtls, "111 126"), dtls));
    EXPECT_EQ(judge_offer(offer("RTP/SAVP", kSdes, "111 126 0"), account())->rule, "codec");
    EXPECT_EQ(judge_offer(offer("RTP/SAVP", kSdes, "111 126"), dtls)->rule, "srtp");
    EXPECT_EQ(judge_offer(offer("RTP/AVP", "", "111"), account())->rule, "srtp");
    EXPECT_EQ(
        judge_offer(offer("RTP/SAVP", std::string(kSdes) + "a=ptime:40\r\n", "111"), account())
            ->rule,
        "ptime");
    EXPECT_THAT(judge_offer("", account())->warning, HasSubstr("SDP"));
}

TEST(MetaRules, TheRouteSetIsExactAndInOrder) {
    const auto routes = record_routes(account(), true);
    EXPECT_THAT(record_routes(account(), false), ElementsAre(routes[1], routes[0]));
    const auto with = [](const std::string& value) {
        return request("BYE", "sip:a@b.example", "<sip:c@d.example>;tag=1", "Route: " + value);
    };
    EXPECT_TRUE(holds(with(routes[0] + ", " + routes[1]), "Route", routes));
    EXPECT_FALSE(holds(with(routes[1] + ", " + routes[0]), "Route", routes));
    EXPECT_FALSE(holds(with(routes[0]), "Route", routes));
}

rtp::RtpPacketView packet(std::uint16_t sequence,
                          std::uint32_t timestamp,
                          std::uint8_t type = kOpusPayloadType,
                          std::uint32_t ssrc = 7) {
    rtp::RtpPacketView view;
    view.header = {.marker = false,
                   .payload_type = type,
                   .sequence = sequence,
                   .timestamp = timestamp,
                   .ssrc = rtp::Ssrc(ssrc)};
    return view;
}

TEST(MetaPacketRules, OneSourceOfTwentyMillisecondsOpusAndKeysUnder126) {
    PacketRules rules(kOpusPayloadType);
    EXPECT_EQ(rules.check(packet(65535, 1000)), std::nullopt);
    EXPECT_EQ(rules.check(packet(0, 1960)), std::nullopt);
    EXPECT_EQ(rules.check(packet(1, 2920, kKeysPayloadType)), std::nullopt);
    EXPECT_EQ(rules.check(packet(2, 2920, kKeysPayloadType)), std::nullopt);
    EXPECT_EQ(rules.check(packet(3, 6760)), std::nullopt);
    EXPECT_EQ(rules.check(packet(4, 7720, 101)), "payload-type");
    EXPECT_EQ(rules.check(packet(5, 8680, kOpusPayloadType, 8)), "one-ssrc");
}

TEST(MetaPacketRules, AnotherPacketTimeIsSeenByTheTimestamps) {
    PacketRules rules(kOpusPayloadType);
    EXPECT_EQ(rules.check(packet(1, 0)), std::nullopt);
    EXPECT_EQ(rules.check(packet(2, 480)), "packet-time");
}

// RFC 7616 3.9.1, with the request of its example.
TEST(MetaDigest, ComputesWhatTheRfcDoes) {
    DigestInput input{.user = "Mufasa",
                      .realm = "http-auth@example.org",
                      .password = "Circle of Life",
                      .method = "GET",
                      .uri = "/dir/index.html",
                      .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                      .client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"};
    EXPECT_EQ(digest_response(input), "8ca523f5e9506fed4657c9700eebdbec");
    input.algorithm = Algorithm::Sha256;
    EXPECT_EQ(digest_response(input),
              "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST(MetaDigest, ReadsParametersQuotedOrNot) {
    const DigestFields fields =
        read_digest(R"(Digest realm="a, b", nonce="n=1",algorithm=SHA-256 , qop="auth")");
    EXPECT_EQ(fields.at("scheme"), "Digest");
    EXPECT_EQ(fields.at("realm"), "a, b");
    EXPECT_EQ(fields.at("nonce"), "n=1");
    EXPECT_EQ(fields.at("algorithm"), "SHA-256");
    EXPECT_EQ(fields.at("qop"), "auth");
}

}  // namespace
}  // namespace patchbay::lab::meta
