// SPDX-License-Identifier: Apache-2.0
#include "call/party.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

struct CalleeRow {
    std::string_view callee;
    std::string_view host;
    std::uint16_t port;
    sip::Transport transport;
};

TEST(DialTarget, ReadsEveryFormThatClientsWrite) {
    const CalleeRow rows[] = {
        {"sip:alice@192.168.3.197:12345", "192.168.3.197", 12345, sip::Transport::Udp},
        {"sip:192.0.2.7:5070", "192.0.2.7", 5070, sip::Transport::Udp},
        {"sip:bob@192.0.2.7", "192.0.2.7", 5060, sip::Transport::Udp},
        {"bob@192.0.2.7", "192.0.2.7", 5060, sip::Transport::Udp},
        {" sip:bob@example.com ", "example.com", 5060, sip::Transport::Udp},
        {"sip:bob@192.0.2.7;transport=tcp", "192.0.2.7", 5060, sip::Transport::Tcp},
        {"SIP:bob@[2001:db8::1]:5062", "2001:db8::1", 5062, sip::Transport::Udp},
        {"sip:bob@example.com;maddr=192.0.2.9", "192.0.2.9", 5060, sip::Transport::Udp},
    };
    for (const CalleeRow& row : rows) {
        const auto target = dial_target(row.callee);
        ASSERT_TRUE(target) << row.callee << ": " << describe(target.error());
        EXPECT_EQ(target->host, row.host) << row.callee;
        EXPECT_EQ(target->port, row.port) << row.callee;
        EXPECT_EQ(target->transport, row.transport) << row.callee;
    }
}

TEST(DialTarget, ANumberNeedsARouteAndNoneIsConfigured) {
    for (const std::string_view callee : {"1001", "+49 30 901820", "tel:+4930901820", "*98"}) {
        const auto target = dial_target(callee);
        ASSERT_FALSE(target) << callee;
        EXPECT_EQ(target.error().code, Errc::NotFound) << callee;
    }
}

TEST(DialTarget, RefusesWhatIsNoCalleeOrNeedsATransportWeLack) {
    EXPECT_FALSE(dial_target("mailto:bob@example.com"));
    EXPECT_FALSE(dial_target("sip:"));
    EXPECT_EQ(dial_target("sips:bob@192.0.2.7").error().code, Errc::Unsupported);
    EXPECT_EQ(dial_target("sip:bob@192.0.2.7;transport=sctp").error().code, Errc::Unsupported);
}

TEST(CallerUri, IsTheClientsCallerElseItsAccountElseTheServer) {
    CallOption option;
    EXPECT_EQ(caller_uri(option, "192.0.2.1")->to_string(), "sip:patchbay@192.0.2.1");
    option.sip = SipOption{.username = "alice"};
    EXPECT_EQ(caller_uri(option, "192.0.2.1")->to_string(), "sip:alice@192.0.2.1");
    option.sip->realm = "example.com";
    EXPECT_EQ(caller_uri(option, "192.0.2.1")->to_string(), "sip:alice@example.com");
    option.caller = "bob@example.net";
    EXPECT_EQ(caller_uri(option, "192.0.2.1")->to_string(), "sip:bob@example.net");
    option.caller = "1001";
    EXPECT_EQ(caller_uri(option, "192.0.2.1")->to_string(), "sip:1001@192.0.2.1");
    option.caller = "sip:192.168.3.197:3050";
    EXPECT_EQ(caller_uri(option, "192.0.2.1")->to_string(), "sip:192.168.3.197:3050");
}

TEST(Attendee, ShowsUserAndRealmOfAnyFormOfParty) {
    EXPECT_EQ(attendee_of("sip:alice@example.com:5070"),
              (Attendee{"alice", "example.com", "sip:alice@example.com:5070"}));
    EXPECT_EQ(attendee_of("alice@example.com"),
              (Attendee{"alice", "example.com", "alice@example.com"}));
    EXPECT_EQ(attendee_of("1001"), (Attendee{"1001", "", "1001"}));
}

}  // namespace
}  // namespace patchbay::call
