// SPDX-License-Identifier: Apache-2.0
#include "sip/header.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace patchbay::sip {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::Optional;

template <class H>
H parsed(std::string_view text) {
    const auto header = H::parse(text);
    EXPECT_TRUE(header) << text << ": " << (header ? "" : describe(header.error()));
    return header.value_or(H{});
}

template <class H>
void expect_refused(std::initializer_list<std::string_view> values) {
    for (const std::string_view value : values) {
        EXPECT_FALSE(H::parse(value)) << value;
    }
}

constexpr SocketAddress from(std::uint8_t last, std::uint16_t port) {
    return {IpAddress::v4(192, 0, 2, last), port};
}

TEST(ViaHeader, WhiteSpaceAroundItsPartsIsNoPartOfThem) {
    const Via via = parsed<Via>(
        "SIP  / 2.0\r\n /TCP     spindle.example.com  : 5061 ;\r\n"
        "  branch  =   z9hG4bK9ikj8  ; rport");
    EXPECT_EQ(via.protocol, "SIP/2.0");
    EXPECT_EQ(via.transport, "TCP");
    EXPECT_EQ(via.sent_by(), "spindle.example.com:5061");
    EXPECT_THAT(via.branch(), Optional(Eq("z9hG4bK9ikj8")));
    EXPECT_TRUE(via.has_cookie());
    EXPECT_TRUE(via.asks_for_rport());
    EXPECT_EQ(to_string(via), "SIP/2.0/TCP spindle.example.com:5061;branch=z9hG4bK9ikj8;rport");
}

TEST(ViaHeader, AnIpv6SenderIsRead) {
    const Via via = parsed<Via>("SIP/2.0/UDP [2001:db8::9:1]:6050;received=2001:db8::9:255");
    EXPECT_EQ(via.host, "[2001:db8::9:1]");
    EXPECT_THAT(via.received(), Optional(Eq("2001:db8::9:255")));  // RFC 5118 4.5
}

TEST(ViaHeader, WhatBreaksTheGrammarIsRefused) {
    expect_refused<Via>({"", "SIP/2.0", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0/UDP;branch=x",
                         "SIP/2.0/UDP 192.0.2.15;;,;,,", "SIP/2.0/UDP host:", "SIP/2.0/UDP host:0",
                         "SIP/2.0/UDP host:65536", "SIP/2.0/UDP host:123456",
                         "SIP/2.0/UDP host;branch=", "SIP/2.0/UDP host;branch=a;branch=b",
                         "SIP/2.0/UDP ho st", "SIP/2.0/UDP [::1;branch=x", "SIP 2.0 UDP host"});
}

TEST(ViaHeader, TheReceiverStampsWhereTheRequestCameFrom) {
    Via asked = parsed<Via>("SIP/2.0/UDP 10.1.1.1:4540;rport;branch=z9hG4bKkjshdyff");
    asked.stamp(from(1, 9988));  // RFC 3581 5
    EXPECT_EQ(to_string(asked),
              "SIP/2.0/UDP 10.1.1.1:4540;rport=9988;branch=z9hG4bKkjshdyff;received=192.0.2.1");
    EXPECT_THAT(asked.rport(), Optional(9988));

    Via named = parsed<Via>("SIP/2.0/UDP bobspc.biloxi.com:5060;branch=z9hG4bK1");
    named.stamp(from(4, 5060));  // RFC 3261 18.2.1
    EXPECT_THAT(named.received(), Optional(Eq("192.0.2.4")));
    EXPECT_FALSE(named.asks_for_rport());
}

TEST(ViaHeader, AReceivedParameterOfTheSenderIsNotBelieved) {
    Via forged = parsed<Via>("SIP/2.0/UDP 192.0.2.1;received=203.0.113.9;branch=z9hG4bK1");
    forged.stamp(from(1, 5060));
    EXPECT_FALSE(forged.received());
}

TEST(AddressHeader, DisplayNamesComeInTwoForms) {
    const From quoted =
        parsed<From>("\"J Rosenberg \\\\\\\"\"   <sip:jdrosen@example.com>\r\n ; tag = 98");
    EXPECT_EQ(quoted.display_name, "J Rosenberg \\\"");
    EXPECT_EQ(quoted.uri.user(), "jdrosen");
    EXPECT_THAT(quoted.tag(), Optional(Eq("98")));
    EXPECT_EQ(to_string(quoted), "\"J Rosenberg \\\\\\\"\" <sip:jdrosen@example.com>;tag=98");

    EXPECT_EQ(parsed<From>("A. Bell <sip:a@b>").display_name, "A. Bell");
    EXPECT_EQ(parsed<From>("caller<sip:a@b>;tag=1").display_name, "caller");
    EXPECT_EQ(parsed<From>("\"\" <sip:a@b>").display_name, "");
}

TEST(AddressHeader, ADisplayNameIsQuotedUnlessItIsAToken) {
    To to;
    to.uri = Uri::sip("bob", "biloxi.com");
    to.display_name = "Bob";
    EXPECT_EQ(to_string(to), "Bob <sip:bob@biloxi.com>");
    to.display_name = "Bob\" <sip:evil@x>;tag=1";
    EXPECT_EQ(to_string(to), "\"Bob\\\" <sip:evil@x>;tag=1\" <sip:bob@biloxi.com>");
    EXPECT_EQ(parsed<To>(to_string(to)), to);
}

TEST(AddressHeader, WithoutBracketsParametersBelongToTheHeader) {
    const Contact bare = parsed<Contact>("sip:+19725552222@gw1.example.net;unknownparam");
    EXPECT_TRUE(bare.uri.parameters().empty());
    EXPECT_TRUE(bare.parameters.has("unknownparam"));
    const Contact bracketed = parsed<Contact>("<sip:+19725552222@gw1.example.net;unknownparam>");
    EXPECT_TRUE(bracketed.uri.parameters().has("unknownparam"));
    EXPECT_TRUE(bracketed.parameters.empty());
}

TEST(AddressHeader, WhatBreaksTheGrammarIsRefused) {
    expect_refused<From>({"", "<>", "sip:a@b?x=y", "<sip:a@b", "sip:a@b>", "\"x <sip:a@b>",
                          "\"x\" sip:a@b", "< sip:a@b >", "Bell, A <sip:a@b>", "<sip:a@b> x",
                          "<sip:a@b>;", "<sip:a@b>;;;;", "<sip:a@b>;tag=1;tag=2",
                          "<sip:a@b>;tag=", "x@y <sip:a@b>", "<sip:a@b><sip:c@d>"});
}

TEST(ContactHeader, AStarIsTheWildcard) {
    EXPECT_TRUE(parsed<Contact>("*").wildcard);
    EXPECT_EQ(to_string(parsed<Contact>(" * ")), "*");
    EXPECT_FALSE(Contact::parse("*;q=1"));
}

TEST(ContactHeader, AnUnreadableLifetimeIsTheDefaultOne) {
    EXPECT_THAT(parsed<Contact>("<sip:a@b>;expires=60").expires(), Optional(60U));
    EXPECT_FALSE(parsed<Contact>("<sip:a@b>;expires=280297596632815").expires());
}

TEST(CSeqHeader, LeadingZerosAndFoldedLinesAreRead) {
    EXPECT_EQ(parsed<CSeq>("0009\r\n  INVITE"), (CSeq{9, "INVITE"}));
    EXPECT_EQ(to_string(CSeq{9, "INVITE"}), "9 INVITE");
}

TEST(CSeqHeader, ItsNumberStaysBelowTwoToTheThirtyOne) {
    EXPECT_TRUE(CSeq::parse("2147483647 BYE"));
    for (const std::string_view value :
         {"2147483648 BYE", "4294967296 BYE", "36893488147419103232 REGISTER"}) {
        EXPECT_EQ(CSeq::parse(value).error().code, Errc::OutOfRange) << value;
    }
    expect_refused<CSeq>({"", "1", "INVITE", "-1 INVITE", "1 IN VITE", "1  ", "0x1 INVITE"});
}

TEST(CallIdHeader, TakesEveryCharacterOfAWord) {
    EXPECT_TRUE(CallId::parse(R"(intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{)"));
    expect_refused<CallId>({"", "a b", "a@b@c", "a@", "@b", "a,b"});
}

TEST(ReplacesHeader, NamesADialog) {
    const Replaces replaces =
        parsed<Replaces>("425928@bobster.example.org;to-tag=7743;from-tag=6472");
    EXPECT_EQ(replaces, (Replaces{"425928@bobster.example.org", "7743", "6472", false}));
    EXPECT_EQ(to_string(replaces), "425928@bobster.example.org;to-tag=7743;from-tag=6472");
    expect_refused<Replaces>(
        {"a@b", "a@b;to-tag=1", "a@b;to-tag=1;to-tag=2;from-tag=3", ";to-tag=1"});
}

TEST(NumberHeaders, DigitsOnlyAndInRange) {
    EXPECT_EQ(parsed<MaxForwards>("0068").value, 68U);
    EXPECT_EQ(MaxForwards::parse("256").error().code, Errc::OutOfRange);
    EXPECT_EQ(Expires::parse("99999999999999999999").error().code, Errc::OutOfRange);
    expect_refused<ContentLength>({"", "-999", "+1", "1 2", "0x10", "1,1", "1;a"});
}

TEST(RetryAfterHeader, HasACommentAndADuration) {
    const auto retry = parsed<RetryAfter>("18000 (I'm in (a) meeting) ;duration=3600");
    EXPECT_EQ(retry.seconds, 18000U);
    EXPECT_EQ(retry.comment, "I'm in (a) meeting");
    EXPECT_THAT(retry.parameters.get("duration"), Optional(Eq("3600")));
    expect_refused<RetryAfter>({"", "soon", "949302838503028349304023988", "5 (x", "5 x"});
}

TEST(SessionTimerHeaders, CarryTheRefresher) {
    const auto interval = parsed<SessionExpires>("4000;refresher=uac");
    EXPECT_EQ(interval.seconds, 4000U);
    EXPECT_THAT(interval.refresher(), Optional(Eq("uac")));
    EXPECT_EQ(parsed<MinSe>("90").seconds, 90U);
    expect_refused<MinSe>({"", ";x", "90 90"});
}

TEST(TokenHeaders, AreSetsIgnoringCase) {
    const auto require = parsed<Require>("100rel , Timer");
    EXPECT_THAT(require.tokens, ElementsAre("100rel", "Timer"));
    EXPECT_TRUE(require.contains("timer"));
    EXPECT_EQ(to_string(require), "100rel, Timer");
    EXPECT_TRUE(parsed<Supported>("").tokens.empty());
    expect_refused<Require>({"a b", "a,,b", "\"a\""});
}

TEST(MediaTypeHeaders, RangesCoverTypes) {
    EXPECT_TRUE(parsed<ContentType>("Application/SDP ; charset=utf-8").is("application/sdp"));
    EXPECT_TRUE(parsed<Accept>("application/*").covers("application/sdp"));
    EXPECT_TRUE(parsed<Accept>("*/*;q=0.3").covers("application/sdp"));
    EXPECT_FALSE(parsed<Accept>("text/*").covers("application/sdp"));
    expect_refused<ContentType>({"", "text", "text/", "/plain", "text/plain text"});
}

TEST(AuthenticationHeaders, ParametersAreSeparatedByCommas) {
    const auto challenge = parsed<WwwAuthenticate>(
        "Digest realm=\"a \\\"b\\\", c\",\r\n qop=\"auth,auth-int\", nonce=\"x==\", stale=FALSE");
    EXPECT_TRUE(challenge.is_digest());
    EXPECT_THAT(challenge.get("Realm"), Optional(Eq("a \"b\", c")));
    EXPECT_THAT(challenge.get("qop"), Optional(Eq("auth,auth-int")));
    EXPECT_THAT(challenge.get("stale"), Optional(Eq("FALSE")));
    EXPECT_FALSE(challenge.get("opaque"));
    EXPECT_EQ(to_string(challenge),
              "Digest realm=\"a \\\"b\\\", c\", qop=\"auth,auth-int\", nonce=\"x==\", stale=FALSE");
    expect_refused<Authorization>(
        {"", "Digest realm", "Digest realm=\"x", "Digest a=b c=d", "Digest a=b, a=c", "Digest =x"});
}

TEST(AuthenticationHeaders, AnUnknownSchemeIsKept) {
    EXPECT_FALSE(parsed<Authorization>("NoOneKnowsThisScheme opaque-data=here").is_digest());
}

TEST(ReasonHeader, CarriesACauseAndAText) {
    const auto reason = parsed<Reason>("Q.850 ;cause=16 ;text=\"Terminated\"");
    EXPECT_EQ(reason.protocol, "Q.850");
    EXPECT_THAT(reason.cause(), Optional(16U));
    EXPECT_THAT(reason.text(), Optional(Eq("Terminated")));
    EXPECT_EQ(to_string(reason), "Q.850;cause=16;text=\"Terminated\"");
}

TEST(WarningHeader, HasThreeParts) {
    const auto warning =
        parsed<Warning>("307 isi.edu:5060 \"Session parameter 'foo' not understood\"");
    EXPECT_EQ(warning.code, 307);
    EXPECT_EQ(warning.agent, "isi.edu:5060");
    EXPECT_EQ(to_string(warning), "307 isi.edu:5060 \"Session parameter 'foo' not understood\"");
    expect_refused<Warning>({"1812 overture \"In Progress\"", "307 x", "307 \"x\"", "307 x \"y"});
}

TEST(RAckHeader, NamesAResponseAndItsRequest) {
    EXPECT_EQ(parsed<RAck>("776656 1 INVITE"), (RAck{776656, CSeq{1, "INVITE"}}));
    EXPECT_EQ(to_string(RAck{776656, CSeq{1, "INVITE"}}), "776656 1 INVITE");
    expect_refused<RAck>({"", "1", "1 INVITE"});
}

}  // namespace
}  // namespace patchbay::sip
