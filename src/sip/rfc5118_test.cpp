// SPDX-License-Identifier: Apache-2.0
// RFC 5118: torture tests for IPv6 in SIP. What it says about SDP is tested in sdp.
#include "sip/header.hpp"
#include "sip/message.hpp"
#include "sip/validation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace patchbay::sip {
namespace {

using testing::Eq;
using testing::Optional;

struct Row {
    std::string_view section;
    std::string_view uri;
    bool valid;
    std::string_view host = {};
    std::optional<std::uint16_t> port = std::nullopt;
};
void PrintTo(const Row& row, std::ostream* out) {
    *out << row.section << " " << row.uri;
}

class Rfc5118 : public testing::TestWithParam<Row> {};

TEST_P(Rfc5118, TheUriIsReadAsTheRfcSays) {
    const Row& row = GetParam();
    const auto uri = Uri::parse(row.uri);
    ASSERT_EQ(uri.has_value(), row.valid);
    if (row.valid) {
        EXPECT_EQ(uri->host(), row.host);
        EXPECT_EQ(uri->port(), row.port);
        EXPECT_EQ(uri->to_string(), row.uri);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Uris,
    Rfc5118,
    testing::Values(Row{"4.1", "sip:[2001:db8::10]", true, "[2001:db8::10]"},
                    Row{"4.2", "sip:2001:db8::10", false},
                    Row{"4.3", "sip:[2001:db8::10:5070]", true, "[2001:db8::10:5070]"},
                    Row{"4.4", "sip:[2001:db8::10]:5070", true, "[2001:db8::10]", 5070},
                    Row{"4.9", "sip:user@[::ffff:192.0.2.10]:19823", true, "[::ffff:192.0.2.10]",
                        19823},
                    Row{"4.10", "sip:user@[2001:db8:::192.0.2.1]", false},
                    Row{"4.10", "sip:user@[2001:db8::192.0.2.1]", true, "[2001:db8::192.0.2.1]"},
                    Row{"beyond", "sip:user@[192.0.2.1]", false},
                    Row{"beyond", "sip:user@[fe80::1%25eth0]", false}));

TEST(Rfc5118ViaHeader, ReceivedMayComeWithBracketsOrWithout) {  // 4.5
    const auto bare =
        Via::parse("SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=z9hG4bKas3");
    EXPECT_THAT(bare->received(), Optional(Eq("2001:db8::9:255")));
    const auto bracketed =
        Via::parse("SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3");
    EXPECT_THAT(bracketed->received(), Optional(Eq("[2001:db8::9:255]")));
}

TEST(Rfc5118ViaHeader, OurReceivedHasNone) {  // 4.5: what the grammar says
    auto via = Via::parse("SIP/2.0/UDP [2001:db8::9:1]:5060;rport;branch=z9hG4bKas3").value();
    via.stamp(*SocketAddress::parse("[2001:db8::9:255]:6000"));
    EXPECT_THAT(via.received(), Optional(Eq("2001:db8::9:255")));
    EXPECT_THAT(via.rport(), Optional(6000));
}

TEST(Rfc5118Message, Ipv4AndIpv6MayMeetInOneRequest) {  // 4.7
    const auto bye = Message::parse(
        "BYE sip:user@host.example.net SIP/2.0\r\n"
        "Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111\r\n"
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144\r\n"
        "Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200\r\n"
        "Call-ID: 997077@lau.rannu.e\r\nMax-Forwards: 70\r\nCSeq: 89187 BYE\r\n"
        "To: sip:user@example.net;tag=9817--94\r\nFrom: sip:user@example.com;tag=81x2\r\n"
        "Content-Length: 0\r\n\r\n");
    ASSERT_TRUE(bye);
    EXPECT_FALSE(check_request(*bye));
    EXPECT_EQ(bye->get_all<Via>()->size(), 3U);
}

}  // namespace
}  // namespace patchbay::sip
