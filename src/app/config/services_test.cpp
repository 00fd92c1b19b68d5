// SPDX-License-Identifier: Apache-2.0
#include "app/config/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// Of a file that has no problems.
ServiceSettings read(std::string_view toml) {
    ConfigReading reading = parse_config(toml);
    for (const ConfigProblem& problem : reading.problems) {
        ADD_FAILURE() << to_string(problem, "f");
    }
    return std::move(reading.config.services);
}

std::string problem(std::string_view toml) {
    const ConfigReading reading = parse_config(toml);
    return reading.problems.empty() ? std::string() : to_string(reading.problems.front(), "f");
}

TEST(ServiceConfig, UsersHaveNamesAndPasswords) {
    const auto users = read("[[user]]\nname = \"alice\"\npassword = \"wonder\"\n").users;
    ASSERT_THAT(users, SizeIs(1));
    EXPECT_EQ(users[0].name, "alice");
    EXPECT_EQ(users[0].password.reveal(), "wonder");
    EXPECT_THAT(problem("[[user]]\nname = \"alice\"\n"), HasSubstr("needs the member 'password'"));
    EXPECT_THAT(problem("[[user]]\nname = \"a\"\npassword = \"12345\"\n"), HasSubstr("guessed"));
    EXPECT_THAT(problem("[[user]]\nname = \"a\"\npassword = \"123456\"\n"
                        "[[user]]\nname = \"a\"\npassword = \"123456\"\n"),
                HasSubstr("two of the user 'a'"));
}

TEST(ServiceConfig, ARegistrationIsNamedByItsAddress) {
    const auto registrations = read(R"(
[[registration]]
registrar = "sip:sip.example.com"
user = "4930"
username = "auth"
password = "secret"
realm = "example"
servers = ["sip:203.0.113.10", "sip:203.0.113.11;transport=tcp"]
expires = "10m"
)")
                                   .registrations;
    ASSERT_THAT(registrations, SizeIs(1));
    const call::AccountConfig& one = registrations[0];
    EXPECT_EQ(one.name, "4930@sip.example.com");
    EXPECT_EQ(one.address_of_record.to_string(), "sip:4930@sip.example.com");
    EXPECT_EQ(one.contact_user, "4930");
    EXPECT_EQ(one.credentials->username, "auth");
    EXPECT_EQ(one.credentials->realm, "example");
    EXPECT_THAT(one.servers, SizeIs(2));
    EXPECT_EQ(one.expires, Seconds(600));
}

TEST(ServiceConfig, ADisabledRegistrationOfActiveCallIsLeftOut) {
    EXPECT_THAT(read("[[register_users]]\nserver = \"h\"\nusername = \"u\"\ndisabled = true\n")
                    .registrations,
                IsEmpty());
}

TEST(ServiceConfig, ATrunkIsReadWhole) {
    const auto trunks = read(R"(
[[trunk]]
name = "carrier"
address = ["sip:203.0.113.20", "sip:[2001:db8::1]:5071;transport=tcp"]
username = "acct"
password = "secret"
from_user = "4930"
from_domain = "carrier.example"
assert_identity = true
trust_identity = true
headers = ["X-Account: 7"]
codecs = ["pcma"]
srtp = "mandatory"
max_calls = 30
max_calls_per_second = 5
sources = ["203.0.113.0/24"]
ping = "45s"
keep_alive = true
)")
                            .trunks;
    ASSERT_THAT(trunks, SizeIs(1));
    const call::Trunk& trunk = trunks[0];
    EXPECT_THAT(trunk.addresses,
                ElementsAre(call::TrunkAddress{"203.0.113.20", 0, sip::Transport::Udp},
                            call::TrunkAddress{"2001:db8::1", 5071, sip::Transport::Tcp}));
    EXPECT_EQ(trunk.credentials->username, "acct");
    EXPECT_EQ(trunk.from_domain, "carrier.example");
    EXPECT_TRUE(trunk.assert_identity);
    EXPECT_TRUE(trunk.trust_identity);
    EXPECT_THAT(trunk.headers, ElementsAre(sip::ExtraHeader{"X-Account", "7"}));
    EXPECT_THAT(trunk.codecs, ElementsAre("pcma"));
    EXPECT_EQ(trunk.crypto, sdp::CryptoPolicy::Mandatory);
    EXPECT_EQ(trunk.limit.calls, 30U);
    EXPECT_EQ(trunk.limit.rate.rate, 5);
    EXPECT_THAT(trunk.sources, SizeIs(1));
    EXPECT_EQ(trunk.ping, Seconds(45));
    EXPECT_TRUE(trunk.keep_alive);
}

TEST(ServiceConfig, APingThatIsNoneIsRefused) {
    for (const char* ping : {"4s", "2h"}) {
        EXPECT_THAT(problem("[[trunk]]\nname = \"t\"\naddress = \"h\"\nping = \"" +
                            std::string(ping) + "\"\n"),
                    HasSubstr("must be from 5s to 1h"));
    }
}

TEST(ServiceConfig, ATrunkWithAHeaderThatNoMessageMayHaveIsRefused) {
    EXPECT_THAT(problem("[[trunk]]\nname = \"t\"\naddress = \"h\"\nheaders = [\"A B: c\"]\n"),
                HasSubstr("list of headers"));
}

struct Destination {
    const char* text;
    call::Destination expected;
};
class RouteDestination : public testing::TestWithParam<Destination> {};

TEST_P(RouteDestination, IsOneWord) {
    const std::string trunks =
        "[[trunk]]\nname = \"a\"\naddress = \"h\"\n"
        "[[trunk]]\nname = \"b\"\naddress = \"h\"\n"
        "[[user]]\nname = \"alice\"\npassword = \"wonder\"\n";
    const auto routes =
        read(trunks + "[[route]]\nname = \"r\"\nto = \"" + GetParam().text + "\"\n").routes;
    ASSERT_THAT(routes, SizeIs(1));
    EXPECT_EQ(routes[0].destination, GetParam().expected);
}
INSTANTIATE_TEST_SUITE_P(
    Words,
    RouteDestination,
    testing::Values(Destination{"echo", call::BuiltIn::Echo},
                    Destination{"application", call::ToApplication{}},
                    Destination{"application:sales", call::ToApplication{"sales"}},
                    Destination{"user", call::ToUser{}},
                    Destination{"user:alice", call::ToUser{"alice"}},
                    Destination{"trunk:a, b", call::ToTrunk{{"a", "b"}}},
                    Destination{"status:486", call::Refusal{486, ""}},
                    Destination{"status: 603 Not Today", call::Refusal{603, "Not Today"}}));

TEST(ServiceConfig, ARouteThatLeadsNowhereIsRefusedWithItsReason) {
    const auto route = [](const std::string& more) {
        return problem("[[route]]\nname = \"r\"\n" + more);
    };
    EXPECT_THAT(route(""), HasSubstr("needs the member 'to'"));
    EXPECT_THAT(route("to = \"status:200\"\n"), HasSubstr("must be \"application\""));
    EXPECT_THAT(route("to = \"somewhere\"\n"), HasSubstr("must be \"application\""));
    EXPECT_THAT(route("to = \"trunk:x\"\n"), HasSubstr("trunk 'x', which is not there"));
    EXPECT_THAT(route("to = \"user:x\"\n"), HasSubstr("user 'x', who is not there"));
    EXPECT_THAT(route("to = \"echo\"\nfrom_trunks = [\"x\"]\n"), HasSubstr("trunk 'x'"));
    EXPECT_THAT(route("to = \"echo\"\ncallee = \"(\"\n"), HasSubstr("no regular expression"));
    EXPECT_THAT(route("to = \"echo\"\ncallee = \"(a)\"\nrewrite_callee = '\\2'\n"),
                HasSubstr("does not fit its pattern"));
}

TEST(ServiceConfig, AccessIsByListener) {
    const auto access = read(R"(
[[access]]
listen = "192.0.2.1:5060"
authentication = "always"
allow = ["10.0.0.0/8"]
[[access]]
authentication = "never"
)")
                            .access;
    ASSERT_THAT(access, SizeIs(2));
    EXPECT_EQ(access[0].listen, *SocketAddress::parse("192.0.2.1:5060"));
    EXPECT_EQ(access[0].authentication, call::Authentication::Always);
    EXPECT_THAT(access[0].allow, SizeIs(1));
    EXPECT_FALSE(access[1].listen);
    EXPECT_THAT(problem("[[access]]\nlisten = \"here\"\n"), HasSubstr("ADDRESS:PORT"));
}

TEST(ServiceConfig, AlgorithmsAreThoseOfRfc8760) {
    EXPECT_THAT(read("[registrar]\nalgorithms = [\"SHA-512-256\", \"md5\"]\n").registrar.algorithms,
                ElementsAre(sip::DigestAlgorithm::Sha512_256, sip::DigestAlgorithm::Md5));
    EXPECT_THAT(problem("[registrar]\nalgorithms = [\"rot13\"]\n"), HasSubstr("SHA-256"));
}

TEST(ServiceConfig, ANonceLivesAsLongAsTheOperatorSays) {
    EXPECT_EQ(read("").registrar.nonce_lifetime, Seconds(300));
    EXPECT_EQ(read("[registrar]\nnonce_lifetime = \"30s\"\n").registrar.nonce_lifetime,
              Seconds(30));
    EXPECT_THAT(problem("[registrar]\nnonce_lifetime = \"0s\"\n"), HasSubstr("nonce_lifetime"));
}

}  // namespace
}  // namespace patchbay::app
