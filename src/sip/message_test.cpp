// SPDX-License-Identifier: Apache-2.0
#include "sip/message.hpp"

#include "sip/header.hpp"
#include "sip/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::sip {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::Optional;

Message parsed(std::string_view text) {
    return Message::parse(text).value();
}

// A request whose header section ends with `fields`.
std::string options_with(std::string_view fields) {
    std::string text =
        "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n"
        "From: <sip:c@d>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\n";
    text.append(fields).append("\r\n");
    return text;
}

TEST(Message, ARequestHasMethodUriAndVersion) {
    const Message request = parsed(options_with(""));
    EXPECT_TRUE(request.is_request());
    EXPECT_EQ(request.method(), Method::Options);
    EXPECT_EQ(request.method_name(), "OPTIONS");
    EXPECT_EQ(request.request_uri(), "sip:a@b");
    EXPECT_EQ(request.version(), "SIP/2.0");
    EXPECT_EQ(request.status(), 0);
    EXPECT_FALSE(request.defect());
}

TEST(Message, AResponseHasStatusReasonAndTheMethodOfItsCSeq) {
    const Message response = parsed("SIP/2.0 486 Busy Here\r\nCSeq: 7\r\n INVITE\r\n\r\n");
    EXPECT_FALSE(response.is_request());
    EXPECT_EQ(response.status(), 486);
    EXPECT_EQ(response.reason(), "Busy Here");
    EXPECT_EQ(response.method(), Method::Invite);
    EXPECT_EQ(response.method_name(), "INVITE");
}

TEST(Message, AResponseMayLackTheSpaceAfterItsStatus) {
    EXPECT_EQ(parsed("SIP/2.0 100\r\n\r\n").status(), 100);
}

TEST(Message, WhatHasNoSipStartLineIsNoMessage) {
    for (const std::string_view text :
         {"", "\r\n\r\n", "OPTIONS", "GET / HTTP/1.1\r\n\r\n", "OPTIONS SIP/2.0\r\n\r\n",
          "OPT IONS\r\n\r\n", "SIP/2.0 99 Low\r\n\r\n", "SIP/2.0 700 High\r\n\r\n",
          "SIP/2.0 2000 Long\r\n\r\n", "SIP/2.0 -10 No\r\n\r\n", "SIP/2.0 OK\r\n\r\n",
          " OPTIONS sip:a@b SIP/2.0\r\n\r\n", "OPT(IONS sip:a@b SIP/2.0\r\n\r\n"}) {
        EXPECT_FALSE(Message::parse(text)) << text;
    }
}

TEST(Message, EmptyLinesBeforeTheStartLineAreSkipped) {
    const Message request = parsed("\r\n\r\n" + options_with(""));
    EXPECT_EQ(request.method(), Method::Options);
    EXPECT_EQ(request.text(), options_with(""));
}

TEST(Message, HeadersAreFoundByNameInAnyCaseAndForm) {
    const Message request =
        parsed(options_with("s: hello\r\nX-Custom :  one two \r\nx-CUSTOM: b\r\n"));
    EXPECT_THAT(request.header("Subject"), Optional(Eq("hello")));
    EXPECT_THAT(request.header("S"), Optional(Eq("hello")));
    EXPECT_THAT(request.header("x-custom"), Optional(Eq("one two")));
    EXPECT_EQ(request.header("Date"), std::nullopt);
    EXPECT_EQ(request.header("X-Other"), std::nullopt);
}

// Kamailio, CVE-2020-28361: "From :" passed a check that looked for "From:".
TEST(Message, AHeaderNameFollowedBySpacesIsTheSameHeader) {
    const Message request = parsed(options_with("P-Asserted-Identity \t: <sip:boss@x>\r\n"));
    EXPECT_EQ(request.count(HeaderId::PAssertedIdentity), 1U);
    EXPECT_FALSE(request.defect());
}

TEST(Message, ListsAndRepeatedFieldsAreOneSequence) {
    const Message request = parsed(options_with(
        "Route: <sip:p1;lr>, <sip:p2;lr>\r\nRequire: a, b\r\nRoute:\r\n <sip:p3;lr>\r\n"
        "Require: c\r\n"));
    const auto routes = request.get_all<Route>().value();
    ASSERT_EQ(routes.size(), 3U);
    EXPECT_EQ(routes[2].uri.host(), "p3");
    EXPECT_EQ(request.get<Route>()->uri.host(), "p1");
    EXPECT_THAT(request.get<Require>()->tokens, ElementsAre("a", "b", "c"));
}

TEST(Message, AnAbsentHeaderIsNotFoundAndABrokenOneMalformed) {
    const Message request = parsed(options_with("Max-Forwards: many\r\nContact:\r\n"));
    EXPECT_EQ(request.get<Route>().error().code, Errc::NotFound);
    EXPECT_EQ(request.get<Contact>().error().code, Errc::NotFound);
    EXPECT_EQ(request.get<MaxForwards>().error().code, Errc::Malformed);
    EXPECT_TRUE(request.get_all<Route>()->empty());
}

TEST(Message, UnknownHeadersAreKeptByteForByte) {
    const std::string line = "X-Odd\t :  ;;,, \"\r\n\t folded \r\n  twice\r\n";
    const Message request = parsed(options_with(line));
    EXPECT_EQ(request.field_line(request.field_count() - 1), line);
    EXPECT_EQ(request.field(request.field_count() - 1).value, ";;,, \"\r\n\t folded \r\n  twice");
}

TEST(Message, SurvivesBeingMovedAndCopied) {
    Message original = parsed(options_with("X-A: b\r\n"));
    const Message copy = original;
    const Message moved = std::move(original);
    EXPECT_THAT(copy.header("X-A"), Optional(Eq("b")));
    EXPECT_THAT(moved.header("X-A"), Optional(Eq("b")));
    EXPECT_EQ(moved.request_uri(), "sip:a@b");
}

TEST(MessageBody, EndsWhereContentLengthSays) {
    const Message request = parsed(options_with("l: 3\r\n") + "abcdef");
    EXPECT_EQ(request.body(), "abc");
    EXPECT_TRUE(request.text().ends_with("\r\n\r\nabc"));
}

TEST(MessageBody, WithoutContentLengthItIsTheRestOfTheDatagram) {
    EXPECT_EQ(parsed(options_with("") + "abcdef").body(), "abcdef");
}

TEST(MessageBody, MayBeginWithASpaceAndHoldAnyByte) {
    const std::string body(" \0\r\n\xff", 5);
    EXPECT_EQ(parsed(options_with("") + body).body(), body);
}

// CVE-2026-49841, CVE-2026-49840: lengths that lie, beyond and below zero.
TEST(MessageBody, ALengthThatCannotBeIsNeverBelieved) {
    for (const std::string_view length :
         {"4", "-1", "4294967295", "4294967296", "18446744073709551616", "0x3", "3 3", ""}) {
        const std::string text =
            options_with("Content-Length: " + std::string(length) + "\r\n") + "abc";
        EXPECT_LE(parsed(text).body().size(), 3U) << length;
    }
    EXPECT_TRUE(parsed(options_with("Content-Length: 4\r\n") + "abc").defect());
}

TEST(MessageFraming, AMessageCutAnywhereIsDefective) {
    const std::string text = options_with("Content-Length: 3\r\n") + "abc";
    for (std::size_t size = 0; size < text.size(); ++size) {
        const auto message = Message::parse(text.substr(0, size));
        EXPECT_TRUE(!message || message->defect()) << size;
    }
}

// Found beside libosip2: the phrase goes on into logs and events.
TEST(Message, AReasonPhraseIsTextOfOneLine) {
    for (const std::string_view phrase : {"O\rK", "O\nVia: SIP/2.0/UDP h", "O\x01K", "O\x7fK"}) {
        EXPECT_FALSE(Message::parse("SIP/2.0 200 " + std::string(phrase) + "\r\n\r\n")) << phrase;
    }
    EXPECT_TRUE(Message::parse("SIP/2.0 200 O\tK \xd0\xbd\r\n\r\n"));
}

// A bare CR or LF ends a line for some elements on the path and not for others: that is how one
// message is read as two.
TEST(MessageFraming, BareLineEndsAreDefects) {
    for (const std::string_view fields :
         {"X: a\nVia: SIP/2.0/UDP evil\r\n", "X: a\rVia: SIP/2.0/UDP evil\r\n", "X: a\r\r\n",
          "X: a\n\r\n", "X: a\n folded\r\n"}) {
        EXPECT_TRUE(parsed(options_with(fields)).defect()) << fields;
    }
}

TEST(MessageFraming, ABrokenHeaderLineIsADefectAndTheOthersAreRead) {
    for (const std::string_view fields :
         {"no colon\r\nX-After: b\r\n", ": no name\r\nX-After: b\r\n",
          "two words: a\r\nX-After: b\r\n", "X\"Y: a\r\nX-After: b\r\n"}) {
        const Message request = parsed(options_with(fields));
        EXPECT_TRUE(request.defect()) << fields;
        EXPECT_TRUE(request.header("X-After")) << fields;
    }
}

TEST(MessageFraming, AStartLineCannotBeFolded) {
    EXPECT_TRUE(parsed("OPTIONS sip:a@b SIP/2.0\r\n X: y\r\n\r\n").defect());
}

TEST(MessageLimits, TooManyFieldsAreADefect) {
    std::string fields;
    for (std::size_t i = 0; i < kMaxHeaderFields; ++i) {
        fields += "X: y\r\n";
    }
    const Message request = parsed(options_with(fields));
    ASSERT_TRUE(request.defect());
    EXPECT_EQ(request.defect()->code, Errc::TooLarge);
    EXPECT_EQ(request.field_count(), kMaxHeaderFields);
}

TEST(MessageLimits, ALongMessageIsRefused) {
    const std::string text = options_with("") + std::string(kMaxMessageBytes, 'x');
    EXPECT_EQ(Message::parse(text).error().code, Errc::TooLarge);
}

}  // namespace
}  // namespace patchbay::sip
