// SPDX-License-Identifier: Apache-2.0
#include "base/address.hpp"

#include "base/address_range.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(IpAddress, TextFormsOfRfc5952AreReadAndWritten) {
    for (const char* text :
         {"192.0.2.1", "2001:db8::1", "::1", "::", "fe80::1:0:0:1", "1:2:3:4:5:6:7:8", "1::"}) {
        ASSERT_TRUE(IpAddress::parse(text)) << text;
        EXPECT_EQ(IpAddress::parse(text)->to_string(), text);
    }
    EXPECT_EQ(IpAddress::parse("2001:DB8:0:0:0:0:0:1")->to_string(), "2001:db8::1");
    EXPECT_EQ(IpAddress::parse("[::1]")->to_string(), "::1");
}

TEST(IpAddress, AMappedIpv4AddressIsTheIpv4Address) {
    EXPECT_EQ(IpAddress::parse("::ffff:127.0.0.1"), IpAddress::v4(127, 0, 0, 1));
    EXPECT_EQ(IpAddress::parse("::ffff:7f00:1"), IpAddress::v4(127, 0, 0, 1));
}

TEST(IpAddress, SpellingsThatAResolverMightReadOtherwiseAreRefused) {
    for (const char* text :
         {"", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.256", "1.2.3.4 ", "0x7f.0.0.1", "127.1",
          ":::", "1:2", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7::8:9", "fe80::1%eth0",
          "12345::", "::1.2.3", "[1.2.3.4]", "1:"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
}

TEST(IpAddress, NonPublicRangesArePrivate) {
    for (const char* text :
         {"0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.31.0.1",
          "192.168.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1",
          "ff02::1", "::ffff:10.0.0.1", "2001:db8::1", "2002:7f00:1::", "64:ff9b::7f00:1"}) {
        EXPECT_TRUE(IpAddress::parse(text)->is_private()) << text;
    }
    for (const char* text : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2600::1"}) {
        EXPECT_FALSE(IpAddress::parse(text)->is_private()) << text;
    }
}

TEST(SocketAddress, AnIpv6AddressNeedsItsBrackets) {
    EXPECT_EQ(SocketAddress::parse("[::1]:5060")->to_string(), "[::1]:5060");
    EXPECT_EQ(SocketAddress::parse("127.0.0.1:0")->port, 0);
    for (const char* text :
         {"::1:5060", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "host:1", ":1"}) {
        EXPECT_FALSE(SocketAddress::parse(text)) << text;
    }
}

TEST(AddressRange, HoldsTheAddressesThatShareItsPrefix) {
    const AddressRange range{.network = IpAddress::v4(10, 20, 64, 0), .prefix_length = 18};
    EXPECT_TRUE(range.contains(IpAddress::v4(10, 20, 127, 255)));
    EXPECT_FALSE(range.contains(IpAddress::v4(10, 20, 128, 0)));
    EXPECT_FALSE(range.contains(*IpAddress::parse("::1")));
    EXPECT_TRUE(
        (AddressRange{.network = {}, .prefix_length = 0}).contains(IpAddress::v4(8, 8, 8, 8)));
}

}  // namespace
}  // namespace patchbay
