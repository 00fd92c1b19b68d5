// SPDX-License-Identifier: Apache-2.0
#include "compat/oracle/difference.hpp"
#include "compat/oracle/mutation.hpp"
#include "compat/oracle/oracle.hpp"

#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using Kind = Decided::Kind;

bool has_a_foreign_scheme(std::string_view text) {
    const std::string scheme = to_lower(std::string(text.substr(0, text.find(':'))));
    return scheme != "sip" && scheme != "sips" && scheme != "tel";
}

bool has_an_empty_password(std::string_view text) {
    return text.find(":@") != std::string_view::npos;
}

// Both libraries take a text apart at its separators and look at few characters in between.
constexpr Decided kDecided[] = {
    {Kind::WeRefuse, "URI scheme", "RFC 3986 3.1",
     "a scheme is a letter, then letters, digits, + - ."},
    {Kind::WeRefuse, "URI", "RFC 3261 25.1", "absoluteURI has no white space, quotes or brackets"},
    {Kind::WeRefuse, "user part of the URI", "RFC 3261 25.1",
     "userinfo: not empty, user-unreserved or escaped"},
    {Kind::WeRefuse, "password of the URI", "RFC 3261 25.1", "password has a small alphabet"},
    {Kind::WeRefuse, "host of the URI", "RFC 3261 25.1",
     "hostname, IPv4address of four numbers below 256, IPv6reference"},
    {Kind::WeRefuse, "port of the URI", "RFC 3261 25.1",
     "port is digits, and a port is 1 to 65535"},
    {Kind::WeRefuse, "parameter name of the URI", "RFC 3261 25.1",
     "paramchar; and 19.1.1: not twice"},
    {Kind::WeRefuse, "parameter value of the URI", "RFC 3261 25.1", "paramchar"},
    {Kind::WeRefuse, "header of the URI", "RFC 3261 25.1", "hname = hvalue, hnv-unreserved"},
    {Kind::WeRefuse, "telephone number", "RFC 3966 3",
     "phonedigits; a local number may lack its context, which 3966 wants and nobody writes"},
    {Kind::WeAccept, "", "RFC 3261 25.1",
     "absoluteURI: any scheme is a URI, and an unknown one is 416's business",
     has_a_foreign_scheme},
    {Kind::WeAccept, "", "RFC 3261 25.1", "password = *( ... ) may be empty",
     has_an_empty_password},
};

// RFC 3261 19.1.3, RFC 3966, RFC 5118, and what phones write.
const std::vector<std::string> kUris{
    "sip:alice@atlanta.com",
    "sip:alice:secretword@atlanta.com;transport=tcp",
    "sips:alice@atlanta.com?subject=project%20x&priority=urgent",
    "sip:+1-212-555-1212:1234@gateway.com;user=phone",
    "sips:1212@gateway.com",
    "sip:alice@192.0.2.4",
    "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
    "sip:alice;day=tuesday@atlanta.com",
    "sip:%61lice@atlanta.com;transport=TCP",
    "sip:bob@[2001:db8::10]:5070;lr",
    "sip:[2001:db8::10]",
    "sip:10.0.0.1:5060",
    "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
    "sip:user@host.example.net:5061;maddr=239.255.255.1;ttl=15",
    "tel:+1-201-555-0123",
    "tel:7042;phone-context=example.com",
};

TEST(UriOracle, ReadsWhatWeReadOrAClauseDecides) {
    if (oracles().empty()) {
        GTEST_SKIP() << kNoOracle;
    }
    Differences differences(kDecided);
    for (const std::string& text : with_mutations(kUris, 20'000, 1)) {
        const OwnReading own = own_uri(text);
        for (const Oracle* oracle : oracles()) {
            differences.compare(*oracle, text, own, oracle->uri(text));
        }
    }
    differences.expect_all_decided();
}

}  // namespace
}  // namespace patchbay::test
