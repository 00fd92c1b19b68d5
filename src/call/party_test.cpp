// SPDX-License-Identifier: Apache-2.0
#include "call/party.hpp"

#include <gtest/gtest.h>

namespace patchbay::call {
namespace {

TEST(CalleeUri, ReadsEveryFormThatClientsWrite) {
    const std::pair<std::string_view, std::string_view> rows[] = {
        {"sip:alice@192.168.3.197:12345", "sip:alice@192.168.3.197:12345"},
        {"sip:192.0.2.7:5070", "sip:192.0.2.7:5070"},
        {"bob@192.0.2.7", "sip:bob@192.0.2.7"},
        {" sip:bob@example.com ", "sip:bob@example.com"},
        {"sip:bob@192.0.2.7;transport=tcp", "sip:bob@192.0.2.7;transport=tcp"},
        {"sips:bob@example.com", "sips:bob@example.com"},
        {"SIP:bob@[2001:db8::1]:5062", "sip:bob@[2001:db8::1]:5062"},
        {"sip:bob@example.com;maddr=192.0.2.9", "sip:bob@example.com;maddr=192.0.2.9"},
        {"sip:bob@example.com?Subject=x", "sip:bob@example.com"},
    };
    for (const auto& [callee, expected] : rows) {
        const auto uri = callee_uri(callee);
        ASSERT_TRUE(uri) << callee << ": " << describe(uri.error());
        EXPECT_EQ(uri->to_string(), expected) << callee;
    }
}

TEST(CalleeUri, ANumberNeedsARouteAndNoneIsConfigured) {
    for (const std::string_view callee : {"1001", "+49 30 901820", "tel:+4930901820", "*98"}) {
        const auto uri = callee_uri(callee);
        ASSERT_FALSE(uri) << callee;
        EXPECT_EQ(uri.error().code, Errc::NotFound) << callee;
    }
}

TEST(CalleeUri, RefusesWhatIsNoCallee) {
    EXPECT_FALSE(callee_uri("mailto:bob@example.com"));
    EXPECT_FALSE(callee_uri("sip:"));
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

TEST(WithoutPassword, CutsThePasswordOfASipUriAndNothingElse) {
    EXPECT_EQ(without_password("sip:alice:secret@example.com:5060"), "sip:alice@example.com:5060");
    EXPECT_EQ(without_password("sips:alice:@example.com"), "sips:alice@example.com");
    EXPECT_EQ(without_password("alice:secret@example.com"), "alice@example.com");
    EXPECT_EQ(without_password("\"A\" <SIP:alice:secret@example.com>"),
              "\"A\" <SIP:alice@example.com>");
    for (const char* same : {"sip:alice@example.com:5060", "sip:example.com:5060", "tel:+123",
                             "12345", "alice@example.com", ""}) {
        EXPECT_EQ(without_password(same), same);
    }
}

TEST(Attendee, ShowsNoPassword) {
    EXPECT_EQ(attendee_of("sip:alice:secret@example.com"),
              (Attendee{"alice", "example.com", "sip:alice@example.com"}));
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
