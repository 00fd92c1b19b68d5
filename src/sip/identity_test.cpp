// SPDX-License-Identifier: Apache-2.0
// Our names on the wire behind a NAT (RFC 3581).
#include "sip/identity.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;

constexpr SocketAddress kInside{IpAddress::v4(10, 0, 0, 5), 5060};
const IpAddress kServer = IpAddress::v4(8, 8, 4, 4);

class IdentityTest : public testing::Test {
  protected:
    static Flow to(const IpAddress& peer, Transport transport = Transport::Udp) {
        return {.transport = transport, .local = kInside, .remote = {peer, 5060}};
    }
    static Via via(const std::string& parameters) {
        return Via::parse("SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKx" + parameters).value();
    }
    std::string contact(const IpAddress& peer, Transport transport = Transport::Udp) const {
        return identity_.contact(to(peer, transport)).uri.to_string();
    }

    SeededRandom random_{1};
    Identity identity_{{.shard = 0, .product = "t", .external_address = {}}, random_};
};

TEST_F(IdentityTest, WhatAServerSawIsSaidToEveryoneOutside) {
    identity_.learn(to(kServer), via(";received=9.9.9.9;rport=40001"));
    EXPECT_THAT(contact(kServer), HasSubstr("@9.9.9.9:40001"));
    EXPECT_THAT(contact(IpAddress::v4(1, 1, 1, 1)), HasSubstr("@9.9.9.9:40001"));
    EXPECT_EQ(identity_.via(to(kServer)).sent_by(), "9.9.9.9:40001");
}

TEST_F(IdentityTest, PeersInsideTheNatAreToldTheAddressInside) {
    identity_.learn(to(kServer), via(";received=9.9.9.9;rport=40001"));
    EXPECT_THAT(contact(IpAddress::v4(10, 0, 0, 9)), HasSubstr("@10.0.0.5:5060"));
    EXPECT_THAT(contact(IpAddress::v4(127, 0, 0, 1)), HasSubstr("@10.0.0.5:5060"));
}

TEST_F(IdentityTest, ThePortOfAConnectionIsNobodysToCall) {
    identity_.learn(to(kServer, Transport::Tcp), via(";received=9.9.9.9;rport=51234"));
    EXPECT_THAT(contact(kServer, Transport::Tcp), HasSubstr("@9.9.9.9:5060"));
    EXPECT_THAT(contact(kServer), HasSubstr("@10.0.0.5:5060"));  // nothing is known of UDP
}

TEST_F(IdentityTest, ANewAddressTakesThePlaceOfTheOldAndNoNatOfBoth) {
    identity_.learn(to(kServer), via(";received=9.9.9.9;rport=40001"));
    identity_.learn(to(kServer), via(";received=9.9.9.8;rport=40002"));
    EXPECT_THAT(contact(kServer), HasSubstr("@9.9.9.8:40002"));
    identity_.learn(to(kServer), via(";received=10.0.0.5;rport=5060"));
    EXPECT_THAT(contact(kServer), HasSubstr("@10.0.0.5:5060"));
    EXPECT_TRUE(identity_.learned().empty());
}

TEST_F(IdentityTest, NonsenseTeachesNothing) {
    identity_.learn(to(kServer), via(";received=example.com"));
    identity_.learn(to(kServer), via(";received=2001:db8::1;rport=7"));
    identity_.learn(to(kServer), via(""));
    EXPECT_TRUE(identity_.learned().empty());
}

TEST_F(IdentityTest, AConfiguredAddressWins) {
    Identity configured({.shard = 0, .product = "t", .external_address = IpAddress::v4(7, 7, 7, 7)},
                        random_);
    configured.learn(to(kServer), via(";received=9.9.9.9;rport=40001"));
    EXPECT_THAT(configured.contact(to(kServer)).uri.to_string(), HasSubstr("@7.7.7.7:5060"));
}

}  // namespace
}  // namespace patchbay::sip
