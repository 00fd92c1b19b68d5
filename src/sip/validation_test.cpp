// SPDX-License-Identifier: Apache-2.0
#include "sip/validation.hpp"

#include "sip/header.hpp"
#include "sip/limits.hpp"
#include "sip/message_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace patchbay::sip {
namespace {

using testing::ElementsAre;

constexpr std::array<std::string_view, 1> kTypes = {"application/sdp"};
constexpr std::array<std::string_view, 2> kExtensions = {"timer", "replaces"};
constexpr Capabilities kCapabilities{.extensions = kExtensions, .content_types = kTypes};

struct Parts {
    std::string start = "INVITE sip:a@b SIP/2.0";
    std::string via = "Via: SIP/2.0/UDP h;branch=z9hG4bK1\r\n";
    std::string from = "From: <sip:c@d>;tag=1\r\n";
    std::string to = "To: <sip:a@b>\r\n";
    std::string call_id = "Call-ID: x\r\n";
    std::string cseq = "CSeq: 1 INVITE\r\n";
    std::string more = {};
    std::string body = {};

    std::string text() const {
        return start + "\r\n" + via + from + to + call_id + cseq + more + "\r\n" + body;
    }
};

// The status of the refusal; 0 when the request may go on.
int status_of(const Parts& parts, const Capabilities& capabilities = kCapabilities) {
    const auto refusal = check_request(Message::parse(parts.text()).value(), capabilities);
    return refusal ? refusal->status : 0;
}

std::string reason_of(const Parts& parts) {
    return check_request(Message::parse(parts.text()).value(), kCapabilities)->reason;
}

TEST(CheckingARequest, AGoodOneMayGoOn) {
    EXPECT_EQ(status_of({}), 0);
}

TEST(CheckingARequest, WhatEveryRequestNeedsMustBeThere) {
    EXPECT_EQ(status_of({.via = ""}), 400);
    EXPECT_EQ(status_of({.from = ""}), 400);
    EXPECT_EQ(status_of({.to = ""}), 400);
    EXPECT_EQ(status_of({.call_id = ""}), 400);
    EXPECT_EQ(status_of({.cseq = ""}), 400);
    EXPECT_EQ(reason_of({.to = ""}), "Bad Request (To not found)");
}

// CVE-2020-28361 and the like: two elements that look at different copies disagree.
TEST(CheckingARequest, WhatStandsOnceMustNotStandTwice) {
    for (const std::string_view field :
         {"From: <sip:e@f>;tag=2", "f: <sip:e@f>;tag=2", "To: <sip:a@b>", "t : <sip:a@b>",
          "Call-ID: x", "i: y", "CSeq: 1 INVITE", "Max-Forwards: 70\r\nMax-Forwards: 70",
          "Content-Length: 0\r\nl: 0", "Content-Type: a/b\r\nc: a/b",
          "Replaces: a\r\nReplaces: b"}) {
        EXPECT_EQ(status_of({.more = std::string(field) + "\r\n"}), 400) << field;
    }
}

TEST(CheckingARequest, AHeaderWeActOnMustBeWellFormed) {
    for (const std::string_view field :
         {"Max-Forwards: x", "Max-Forwards: 256", "Contact: <sip:a@b", "Contact: sip:a@b?x=y",
          "Route: nonsense", "Record-Route: <sip:a@b>,", "Require: a b", "Content-Type: sdp",
          "Content-Length: x"}) {
        EXPECT_EQ(status_of({.more = std::string(field) + "\r\n"}), 400) << field;
    }
    EXPECT_EQ(status_of({.more = "Date: nonsense\r\nExpires: x\r\nUser-Agent: ((\r\n"}), 0);
}

// RFC 3261 25.1 wants UTF-8; exchanges that write Latin-1 are older than it, and still ring.
TEST(CheckingARequest, ANameInLatin1DoesNotCostTheCall) {
    const Parts parts{.from = "From: \"M\xFCller\" <sip:c@d>;tag=1\r\n"};
    EXPECT_EQ(status_of(parts), 0);
    const auto from = Message::parse(parts.text())->get<From>().value();
    EXPECT_EQ(to_string(from), "\"M\xFCller\" <sip:c@d>;tag=1");
    EXPECT_TRUE(MessageWriter::request("BYE", from.uri).header(from).finish());
}

TEST(CheckingARequest, HeaderTextHasNoControlCharacters) {
    EXPECT_EQ(status_of({.more = "Subject: caf\xC3\xA9\t!\r\n"}), 0);
    EXPECT_EQ(status_of({.more = std::string("Subject: a\0b\r\n", 14)}), 400);
    EXPECT_EQ(status_of({.more = "Subject: a\x1b[2J\r\n"}), 400);
}

// CVE-2026-106803: a port of more digits than a buffer had room for.
TEST(CheckingARequest, PortsHaveAtMostFiveDigits) {
    EXPECT_EQ(status_of({.via = "Via: SIP/2.0/UDP h:000005060;branch=z9hG4bK1\r\n"}), 400);
    EXPECT_EQ(status_of({.start = "INVITE sip:a@b:655360 SIP/2.0"}), 400);
    EXPECT_EQ(status_of({.more = "Contact: <sip:a@b:99999>\r\n"}), 400);
}

// ES2020-09: overlong tags; long values are legal, and nothing of ours has a fixed size.
TEST(CheckingARequest, LongTagsAndBranchesAreFine) {
    const std::string tag(10000, 'x');
    EXPECT_EQ(status_of({.from = "From: <sip:c@d>;tag=" + tag + "\r\n"}), 0);
}

// CVE-2022-45474, CVE-2022-45909: an overlong Request-URI.
TEST(CheckingARequest, AnOverlongRequestUriIs414) {
    EXPECT_EQ(status_of({.start = "INVITE sip:" + std::string(60000, 'a') + "@b SIP/2.0"}), 414);
}

TEST(CheckingARequest, TooManyFieldsOrTooLongABodyIs513) {
    std::string fields;
    for (std::size_t i = 0; i < kMaxHeaderFields; ++i) {
        fields += "X: y\r\n";
    }
    EXPECT_EQ(status_of({.more = fields}), 513);
    EXPECT_EQ(status_of({.more = "Content-Length: 70000\r\n"}), 513);
}

TEST(CheckingARequest, VersionsAndSchemesAreToldApart) {
    EXPECT_EQ(status_of({.start = "INVITE sip:a@b sip/2.0"}), 0);
    EXPECT_EQ(status_of({.start = "INVITE sip:a@b SIP/3.0"}), 505);
    EXPECT_EQ(status_of({.start = "INVITE sip:a@b SIP/x"}), 400);
    EXPECT_EQ(status_of({.start = "INVITE tel:+123 SIP/2.0"}), 0);
    EXPECT_EQ(status_of({.start = "INVITE mailto:a@b SIP/2.0"}), 416);
}

TEST(CheckingARequest, OnAStreamTheLengthMustBeSaid) {
    Capabilities stream = kCapabilities;
    stream.framing = Framing::Stream;
    EXPECT_EQ(status_of({}, stream), 400);
    EXPECT_EQ(status_of({.more = "Content-Length: 0\r\n"}, stream), 0);
}

TEST(CheckingARequest, OnlyUnknownExtensionsAreRefused) {
    EXPECT_EQ(status_of({.more = "Require: Timer\r\n"}), 0);
    const auto refusal = check_request(
        Message::parse(Parts{.more = "Require: timer, 100rel\r\n"}.text()).value(), kCapabilities);
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 420);
    EXPECT_THAT(refusal->unsupported, ElementsAre("100rel"));
}

TEST(CheckingARequest, AckAndCancelRequireNothing) {
    EXPECT_EQ(status_of({.start = "CANCEL sip:a@b SIP/2.0",
                         .cseq = "CSeq: 1 CANCEL\r\n",
                         .more = "Require: 100rel\r\n"}),
              0);
}

TEST(CheckingARequest, ABodyMustBeReadableUnlessItIsOptional) {
    EXPECT_EQ(status_of({.more = "Content-Type: Application/SDP\r\n", .body = "v=0"}), 0);
    EXPECT_EQ(status_of({.more = "Content-Type: text/plain\r\n", .body = "x"}), 415);
    EXPECT_EQ(status_of({.more = "c: application/sdp\r\ne: gzip\r\n", .body = "x"}), 415);
    EXPECT_EQ(status_of({.body = "x"}), 400);
    EXPECT_EQ(status_of({.more = "Content-Type: text/plain\r\n"
                                 "Content-Disposition: render;handling=optional\r\n",
                         .body = "x"}),
              0);
}

TEST(CheckingARequest, AnAnswerMustBeAcceptable) {
    EXPECT_EQ(status_of({.more = "Accept: application/sdp, text/plain\r\n"}), 0);
    EXPECT_EQ(status_of({.more = "Accept: application/*\r\n"}), 0);
    EXPECT_EQ(status_of({.more = "Accept: text/plain\r\n"}), 406);
    EXPECT_EQ(status_of({.more = "Accept:\r\n"}), 406);
}

TEST(CheckingAResponse, OnlyAWholeOneOfOursIsActedOn) {
    const Parts good{.start = "SIP/2.0 200 OK"};
    EXPECT_TRUE(check_response(Message::parse(good.text()).value()));
    for (const Parts& bad :
         {Parts{.start = "SIP/3.0 200 OK"}, Parts{.start = "SIP/2.0 200 OK", .via = ""},
          Parts{.start = "SIP/2.0 200 OK", .cseq = "CSeq: x\r\n"},
          Parts{.start = "SIP/2.0 200 OK", .more = "To: <sip:a@b>\r\n"},
          Parts{.start = "SIP/2.0 200 OK", .more = "Via: SIP/2.0/UDP x\r\n"},
          Parts{.start = "SIP/2.0 200 OK", .more = "Contact: <sip:\r\n"},
          Parts{.start = "SIP/2.0 200 OK", .more = "Content-Length: 9\r\n"}}) {
        EXPECT_FALSE(check_response(Message::parse(bad.text()).value())) << bad.text();
    }
}

}  // namespace
}  // namespace patchbay::sip
