// SPDX-License-Identifier: Apache-2.0
#include "sip/uri.hpp"

#include "sip/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <string_view>

namespace patchbay::sip {
namespace {

using testing::Eq;
using testing::Optional;

Uri uri(std::string_view text) {
    const auto parsed = Uri::parse(text);
    EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : describe(parsed.error()));
    return parsed.value_or(Uri{});
}

TEST(Uri, ItsPartsAreFound) {
    const Uri parsed =
        uri("sips:alice:secret@[2001:db8::10]:5071;transport=tcp;lr?subject=hi&to=a%40b");
    EXPECT_EQ(parsed.scheme(), Uri::Scheme::Sips);
    EXPECT_EQ(parsed.user(), "alice");
    EXPECT_THAT(parsed.password(), Optional(Eq("secret")));
    EXPECT_EQ(parsed.host(), "[2001:db8::10]");
    EXPECT_THAT(parsed.port(), Optional(5071));
    EXPECT_THAT(parsed.parameter("Transport"), Optional(Eq("tcp")));
    EXPECT_TRUE(parsed.is_loose_router());
    EXPECT_THAT(parsed.headers(),
                testing::ElementsAre(Uri::Header{"subject", "hi"}, Uri::Header{"to", "a%40b"}));
}

TEST(Uri, AUriWithoutUserIsFine) {
    EXPECT_EQ(uri("sip:gateway.example.com:5080").user(), "");
    EXPECT_THAT(uri("sip:gateway.example.com:5080").port(), Optional(5080));
}

TEST(Uri, EscapedPartsAreDecodedOnRequestOnly) {
    const Uri parsed = uri("sip:sips%3Auser%40example.com@example.net;%6C%72;n%61me=v%61lue%25");
    EXPECT_EQ(parsed.user(), "sips%3Auser%40example.com");
    EXPECT_EQ(parsed.decoded_user(), "sips:user@example.com");
    EXPECT_TRUE(parsed.is_loose_router());
    EXPECT_THAT(parsed.parameter("name"), Optional(Eq("value%")));
}

TEST(Uri, ATelephoneNumberKeepsItsSeparators) {
    const Uri parsed = uri("tel:+1-201-555-0123;ext=22");
    EXPECT_EQ(parsed.scheme(), Uri::Scheme::Tel);
    EXPECT_EQ(parsed.user(), "+1-201-555-0123");
    EXPECT_THAT(parsed.parameter("ext"), Optional(Eq("22")));
    EXPECT_EQ(uri("tel:100").user(), "100");
}

TEST(Uri, AnUnknownSchemeIsOpaque) {
    const Uri parsed = uri("isbn:2983792873");
    EXPECT_EQ(parsed.scheme(), Uri::Scheme::Other);
    EXPECT_EQ(parsed.scheme_name(), "isbn");
    EXPECT_EQ(parsed.opaque(), "2983792873");
}

TEST(Uri, WhatBreaksTheGrammarIsRefused) {
    for (const std::string_view text : {"",
                                        "sip:",
                                        "sip",
                                        ":alice@atlanta.com",
                                        "sip:@atlanta.com",
                                        "sip:alice@",
                                        "sip:alice@atlanta.com:",
                                        "sip:alice@atlanta.com:0",
                                        "sip:alice@atlanta.com:65536",
                                        "sip:alice@atlanta.com:000005060",
                                        "sip:alice@atlanta.com:-1",
                                        "sip:alice@atlanta.com:5060x",
                                        "sip:alice@bob@atlanta.com",
                                        "sip:al ice@atlanta.com",
                                        "sip:alice@atlanta.com ",
                                        " sip:alice@atlanta.com",
                                        "sip:alice@atlanta.com; lr",
                                        "sip:alice@atlanta..com",
                                        "sip:alice@300.1.2.3",
                                        "sip:alice@[2001:db8::1",
                                        "sip:alice@[host]",
                                        "sip:alice@[]",
                                        "sip:%4@atlanta.com",
                                        "sip:%zz@atlanta.com",
                                        "sip:alice@atlanta.com;",
                                        "sip:alice@atlanta.com;;lr",
                                        "sip:alice@atlanta.com;=x",
                                        "sip:alice@atlanta.com;lr=",
                                        "sip:alice@atlanta.com;lr;lr",
                                        "sip:alice@atlanta.com;lr;%6C%72",
                                        "sip:alice@atlanta.com?",
                                        "sip:alice@atlanta.com?a",
                                        "sip:alice@atlanta.com?a=b&",
                                        "sip:a<b@atlanta.com",
                                        "sip:a\r\nVia: x@atlanta.com",
                                        "tel:",
                                        "tel:+",
                                        "tel:+12ab",
                                        "tel:call-me",
                                        "http:a b",
                                        "<sip:alice@atlanta.com>"}) {
        EXPECT_FALSE(Uri::parse(text)) << text;
    }
}

TEST(Uri, ANulByteIsRefusedAndItsEscapeIsNot) {
    EXPECT_FALSE(Uri::parse(std::string_view("sip:a\0b@atlanta.com", 19)));
    EXPECT_EQ(uri("sip:null-%00-null@example.com").decoded_user(), std::string("null-\0-null", 11));
}

TEST(Uri, AnOverlongUriIsRefusedAsSuch) {
    const std::string text = "sip:" + std::string(kMaxUriBytes, 'a') + "@atlanta.com";
    EXPECT_EQ(Uri::parse(text).error().code, Errc::TooLarge);
}

TEST(Uri, TooManyParametersAreRefused) {
    std::string text = "sip:a@b";
    for (std::size_t i = 0; i <= kMaxParameters; ++i) {
        text += ";p" + std::to_string(i);
    }
    EXPECT_EQ(Uri::parse(text).error().code, Errc::TooLarge);
}

TEST(Uri, GoesOutAsItCameIn) {
    for (const std::string_view text :
         {"sip:alice@atlanta.com", "sip:atlanta.com", "sips:1212@gateway.com",
          "sip:alice:@atlanta.com", "sip:+1-212-555-1212:1234@gateway.com;user=phone",
          "sip:alice@192.0.2.4:5060;maddr=239.255.255.1;ttl=15",
          "sip:%6Cr@[2001:db8::1]:5060;%6C%72;x=%25?subject=project%20x&priority=urgent",
          "sip:user;par=u%40example.net@example.com", "tel:+12015550123;phone-context=x",
          "soap.beep://192.0.2.103:3002"}) {
        EXPECT_EQ(uri(text).to_string(), text);
    }
}

TEST(Uri, OneThatIsBuiltEscapesItsUser) {
    EXPECT_EQ(Uri::sip("+49 30@x", "::1", 5060).to_string(), "sip:+49%2030%40x@[::1]:5060");
    Uri built = Uri::sip("", "example.com");
    built.set_parameter("transport", "tcp");
    built.set_flag("lr");
    EXPECT_EQ(built.to_string(), "sip:example.com;transport=tcp;lr");
}

TEST(Uri, ARequestUriHasNeitherHeadersNorMethod) {
    EXPECT_EQ(uri("sip:a@b;method=REGISTER;lr?to=x").for_request().to_string(), "sip:a@b;lr");
}

struct Pair {
    std::string_view a;
    std::string_view b;
    bool equal;
};
void PrintTo(const Pair& pair, std::ostream* out) {
    *out << pair.a << (pair.equal ? " == " : " != ") << pair.b;
}

class UriEquality : public testing::TestWithParam<Pair> {};

TEST_P(UriEquality, FollowsTheRfc) {
    const auto& [a, b, equal] = GetParam();
    EXPECT_EQ(uri(a) == uri(b), equal);
    EXPECT_EQ(uri(b) == uri(a), equal) << "the other way round";
    EXPECT_EQ(uri(a), uri(a));
}

INSTANTIATE_TEST_SUITE_P(
    Rfc3261Section19_1_4,
    UriEquality,
    testing::Values(
        Pair{"sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp", true},
        Pair{"sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true},
        Pair{"sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true},
        Pair{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true},
        Pair{"sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
             "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true},
        Pair{"sip:alice@atlanta.com?subject=project%20x&priority=urgent",
             "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true},
        Pair{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP", false},
        Pair{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false},
        Pair{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false},
        Pair{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false},
        Pair{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false},
        Pair{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false},
        Pair{"sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off", false}));

INSTANTIATE_TEST_SUITE_P(BeyondItsExamples,
                         UriEquality,
                         testing::Values(Pair{"sip:a@b", "sips:a@b", false},
                                         Pair{"sip:a:x@b", "sip:a@b", false},
                                         Pair{"sip:a@b;user=phone", "sip:a@b", false},
                                         Pair{"sip:a@b;maddr=1.2.3.4", "sip:a@b", false},
                                         Pair{"sip:a%3Bx@b", "sip:a%3bx@b", true},
                                         Pair{"sip:a%3Bx@b", "sip:a;x@b", false},
                                         Pair{"tel:+1-201-555-0123", "tel:+12015550123", true},
                                         Pair{"tel:+12015550123;ext=1", "tel:+12015550123", false},
                                         Pair{"ISBN:1", "isbn:1", true}));

}  // namespace
}  // namespace patchbay::sip
