// SPDX-License-Identifier: Apache-2.0
// RFC 5118: what the torture tests for IPv6 say about session descriptions.
#include "sdp/session_description.hpp"
#include "support/source_path.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

namespace patchbay::sdp {
namespace {

SessionDescription body_of(const std::string& name) {
    std::ifstream file(test::source_path("tests/data/rfc5118/" + name + ".dat"), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto session = SessionDescription::parse(text.substr(text.find("\r\n\r\n") + 4));
    EXPECT_TRUE(session) << name;
    return session.value_or(SessionDescription{});
}

TEST(Rfc5118Description, Ipv6InTheSessionHoldsForEveryStream) {  // 4.6
    const auto session = body_of("ipv6-in-sdp");
    ASSERT_EQ(session.media.size(), 2U);
    for (const MediaDescription& section : session.media) {
        EXPECT_EQ(session.connection_of(section)->ip(), IpAddress::parse("2001:db8::20"));
    }
    EXPECT_TRUE(session.origin.address.v6);
}

TEST(Rfc5118Description, EachStreamMayHaveAnAddressOfItsOwnFamily) {  // 4.8
    const auto session = body_of("mult-ip-in-sdp");
    ASSERT_EQ(session.media.size(), 2U);
    EXPECT_FALSE(session.connection);
    EXPECT_EQ(session.connection_of(session.media[0])->ip(), IpAddress::parse("192.0.2.1"));
    EXPECT_EQ(session.connection_of(session.media[1])->ip(), IpAddress::parse("2001:db8::1"));
    EXPECT_EQ(session.origin.address.address, "host.example.com");
}

TEST(Rfc5118Description, AnIpv4MappedAddressIsTheIpv4Address) {  // 4.9
    const auto session = body_of("ipv4-mapped-ipv6");
    ASSERT_EQ(session.media.size(), 2U);
    EXPECT_EQ(session.connection_of(session.media[0])->ip(), IpAddress::parse("192.0.2.2"));
    EXPECT_EQ(SessionDescription::parse(session.to_string()), session);
}

}  // namespace
}  // namespace patchbay::sdp
