// SPDX-License-Identifier: Apache-2.0
// RFC 5118: torture tests for IPv6 in SIP. What it says about SDP is tested in sdp.
#include "sip/header.hpp"
#include "sip/message.hpp"
#include "sip/validation.hpp"
#include "support/rfc5118_verdicts.hpp"
#include "support/torture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>

namespace patchbay::sip {
namespace {

using test::kRfc5118Verdicts;
using test::TortureVerdict;
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
                    Row{"4.10", "sip:user@[2001:db8::192.0.2.1]", true, "[2001:db8::192.0.2.1]"},
                    Row{"beyond", "sip:user@[192.0.2.1]", false},
                    Row{"beyond", "sip:user@[2001:db8:::1]", false},
                    Row{"beyond", "sip:user@[2001:::db8:::192.0.2.1]", false},
                    Row{"beyond", "sip:user@[2001:db8::::192.0.2.1]", false},
                    Row{"beyond", "sip:user@[fe80::1%25eth0]", false}));

// 4.10: RFC 3261's grammar comes from an RFC with a mistake in it. Tolerated, and never repeated.
TEST(Rfc5118Uri, AThirdColonBeforeAnIpv4AddressIsReadAsTwo) {
    const auto uri = Uri::parse("sip:user@[2001:db8:::192.0.2.1]:5070");
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->to_string(), "sip:user@[2001:db8::192.0.2.1]:5070");
    EXPECT_EQ(*uri, *Uri::parse("sip:user@[2001:db8::192.0.2.1]:5070"));
}

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

class Rfc5118Message : public testing::TestWithParam<TortureVerdict> {
  protected:
    static std::string text() {
        return test::torture_message("rfc5118/" + std::string(GetParam().file));
    }
};

TEST_P(Rfc5118Message, TheDatagramIsJudgedAsTheTableSays) {
    const TortureVerdict& row = GetParam();
    EXPECT_EQ(test::outcome_of(text(), Framing::Datagram),
              test::expected_outcome(row.datagram, row.status))
        << row.section << ": " << row.why;
}

TEST_P(Rfc5118Message, TheStreamIsJudgedAsTheTableSays) {
    const TortureVerdict& row = GetParam();
    EXPECT_EQ(test::outcome_on_a_stream(text()), test::expected_outcome(row.stream, row.status))
        << row.section << ": " << row.why;
}

INSTANTIATE_TEST_SUITE_P(Messages,
                         Rfc5118Message,
                         testing::ValuesIn(kRfc5118Verdicts),
                         [](const auto& row) {
                             std::string name(row.param.file);
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(Rfc5118Headers, Ipv4AndIpv6MayMeetInOneRequest) {  // 4.7
    const auto bye = Message::parse(test::torture_message("rfc5118/mult-ip-in-header")).value();
    const auto vias = bye.get_all<Via>().value();
    ASSERT_EQ(vias.size(), 3U);
    EXPECT_EQ(vias[0].sent_by(), "[2001:db8::9:1]:6050");
    EXPECT_EQ(vias[1].sent_by(), "192.0.2.1");
    EXPECT_EQ(vias[2].received(), "192.0.2.200");
}

}  // namespace
}  // namespace patchbay::sip
