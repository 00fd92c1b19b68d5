// SPDX-License-Identifier: Apache-2.0
#include "call/caller_identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::call {
namespace {

using testing::ElementsAre;

sip::Message invite_with(const std::string& headers) {
    const auto message = sip::Message::parse(
        "INVITE sip:bob@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@192.0.2.1>\r\n"
        "Call-ID: x\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@192.0.2.9>\r\n" +
        headers + "Content-Length: 0\r\n\r\n");
    return message.value();
}

std::string caller(const std::string& headers, bool trusted) {
    return caller_identity(invite_with(headers), trusted).uri.to_string();
}

constexpr auto kAsserted = "P-Asserted-Identity: \"A\" <sip:+4930123@carrier.example>\r\n";

TEST(CallerIdentity, IsWhatFromSays) {
    EXPECT_EQ(caller("", true), "sip:alice@example.com");
}

TEST(CallerIdentity, IsWhatATrustedNeighbourAsserts) {
    EXPECT_EQ(caller(kAsserted, true), "sip:+4930123@carrier.example");
    EXPECT_TRUE(caller_identity(invite_with(kAsserted), true).is_asserted);
}

TEST(CallerIdentity, IsNeverWhatAStrangerAsserts) {  // RFC 3325 5
    EXPECT_EQ(caller(kAsserted, false), "sip:alice@example.com");
    EXPECT_FALSE(caller_identity(invite_with(kAsserted), false).is_asserted);
}

TEST(CallerIdentity, OfTwoIsTheSipUri) {  // RFC 3325 9.1
    const std::string both =
        "P-Asserted-Identity: <tel:+4930123>, <sip:+4930123@carrier.example>\r\n";
    EXPECT_EQ(caller(both, true), "sip:+4930123@carrier.example");
    EXPECT_EQ(caller("P-Asserted-Identity: <tel:+4930123>\r\n", true), "tel:+4930123");
}

TEST(CallerIdentity, ThatCannotBeReadIsNone) {
    EXPECT_EQ(caller("P-Asserted-Identity: <<>>\r\n", true), "sip:alice@example.com");
}

TEST(CallerIdentity, IsPrivateWhereTheCallerSaysSo) {
    const auto is_private = [](const std::string& value) {
        return caller_identity(invite_with("Privacy: " + value + "\r\n"), true).is_private;
    };
    for (const std::string value : {"id", "ID", "user", "header", "critical; id", "user;id"}) {
        EXPECT_TRUE(is_private(value)) << value;
    }
    for (const std::string value : {"none", "session", "critical", "history"}) {
        EXPECT_FALSE(is_private(value)) << value;
    }
    EXPECT_FALSE(caller_identity(invite_with(""), true).is_private);
}

TEST(CallerIdentity, IsToldToATrustDomain) {
    sip::ExtraHeaders headers;
    assert_identity(headers, sip::Uri::sip("+4930", "gw.example"), false);
    EXPECT_THAT(headers,
                ElementsAre(sip::ExtraHeader{"P-Asserted-Identity", "<sip:+4930@gw.example>"}));
}

TEST(CallerIdentity, IsToldWithTheWishToKeepIt) {
    sip::ExtraHeaders headers;
    assert_identity(headers, sip::Uri::sip("+4930", "gw.example"), true);
    EXPECT_THAT(headers,
                ElementsAre(sip::ExtraHeader{"P-Asserted-Identity", "<sip:+4930@gw.example>"},
                            sip::ExtraHeader{"Privacy", "id"}));
}

TEST(CallerIdentity, OfAClientStandsAsHeWroteIt) {
    sip::ExtraHeaders headers{{"p-asserted-identity", "<sip:boss@gw.example>"},
                              {"privacy", "user;id"}};
    const sip::ExtraHeaders before = headers;
    assert_identity(headers, sip::Uri::sip("+4930", "gw.example"), true);
    EXPECT_EQ(headers, before);
}

TEST(CallerIdentity, IsToldToNobodyElse) {  // RFC 3325 7
    sip::ExtraHeaders headers{{"p-asserted-identity", "<sip:boss@gw.example>"},
                              {"X-Account", "7"},
                              {"P-Preferred-Identity", "<sip:boss@gw.example>"}};
    withhold_identity(headers);
    EXPECT_THAT(headers, ElementsAre(sip::ExtraHeader{"X-Account", "7"}));
}

TEST(CallerIdentity, OfAnUnknownCallerIsThatOfTheRfc) {  // RFC 3323 4.1.1.3
    std::string text;
    anonymous_party().write(text);
    EXPECT_EQ(text, "Anonymous <sip:anonymous@anonymous.invalid>");
}

}  // namespace
}  // namespace patchbay::call
