// SPDX-License-Identifier: Apache-2.0
#include "sip/message_writer.hpp"

#include "sip/header.hpp"
#include "sip/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr SocketAddress kSource{IpAddress::v4(192, 0, 2, 4), 5062};

// RFC 3261 24.2, the INVITE as it arrives at Bob, with rport asked for.
Message invite() {
    return Message::parse(
               "INVITE sip:bob@192.0.2.4 SIP/2.0\r\n"
               "Via: SIP/2.0/UDP server10.biloxi.com;branch=z9hG4bK4b43c2ff8.1;rport\r\n"
               "v: SIP/2.0/UDP bigbox3.site3.atlanta.com ;branch=z9hG4bK77ef4c2312983.1,"
               " SIP/2.0/UDP pc33.atlanta.com\r\n ;branch=z9hG4bKnashds8\r\n"
               "Max-Forwards: 68\r\n"
               "To: Bob <sip:bob@biloxi.com>\r\n"
               "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
               "Call-ID: a84b4c76e66710\r\n"
               "CSeq: 314159 INVITE\r\n"
               "Timestamp: 54\r\n"
               "Record-Route: <sip:p1;lr>\r\n"
               "Record-Route: <sip:p2;lr>\r\n\r\n")
        .value();
}

TEST(WritingARequest, FieldsComeInOrderAndContentLengthLast) {
    const auto text = MessageWriter::request("INVITE", Uri::sip("bob", "biloxi.com"))
                          .header(MaxForwards{70})
                          .header(CSeq{1, "INVITE"})
                          .header("X-Custom", "a\tb \xE2\x82\xAC")
                          .body("application/sdp", "v=0\r\n")
                          .finish();
    EXPECT_EQ(text.value(),
              "INVITE sip:bob@biloxi.com SIP/2.0\r\nMax-Forwards: 70\r\nCSeq: 1 INVITE\r\n"
              "X-Custom: a\tb \xE2\x82\xAC\r\nContent-Type: application/sdp\r\n"
              "Content-Length: 5\r\n\r\nv=0\r\n");
}

TEST(WritingAResponse, TheFieldsOfTheRequestAreCopiedAsReceived) {
    const auto text = MessageWriter::response(invite(), {.status = 180, .to_tag = "a6c85cf"})
                          .copy(invite(), HeaderId::RecordRoute)
                          .finish();
    EXPECT_EQ(text.value(),
              "SIP/2.0 180 Ringing\r\n"
              "Via: SIP/2.0/UDP server10.biloxi.com;branch=z9hG4bK4b43c2ff8.1;rport\r\n"
              "v: SIP/2.0/UDP bigbox3.site3.atlanta.com ;branch=z9hG4bK77ef4c2312983.1,"
              " SIP/2.0/UDP pc33.atlanta.com\r\n ;branch=z9hG4bKnashds8\r\n"
              "From: Alice <sip:alice@atlanta.com>;tag=1928301774\r\n"
              "To: Bob <sip:bob@biloxi.com>;tag=a6c85cf\r\n"
              "Call-ID: a84b4c76e66710\r\n"
              "CSeq: 314159 INVITE\r\n"
              "Record-Route: <sip:p1;lr>\r\n"
              "Record-Route: <sip:p2;lr>\r\n"
              "Content-Length: 0\r\n\r\n");
}

TEST(WritingAResponse, TheSourceIsStampedIntoTheTopmostViaOnly) {
    const auto text =
        MessageWriter::response(invite(), {.status = 200, .source = kSource}).finish().value();
    const auto vias = Message::parse(text)->get_all<Via>().value();
    ASSERT_EQ(vias.size(), 3U);
    EXPECT_EQ(vias[0].received(), "192.0.2.4");
    EXPECT_EQ(vias[0].rport(), 5062);
    EXPECT_FALSE(vias[1].received());
    EXPECT_FALSE(vias[2].received());
}

TEST(WritingAResponse, A100HasTheTimestampAndNoTag) {
    const auto text =
        MessageWriter::response(invite(), {.status = 100, .to_tag = "x"}).finish().value();
    EXPECT_THAT(text, HasSubstr("Timestamp: 54\r\n"));
    EXPECT_THAT(text, HasSubstr("To: Bob <sip:bob@biloxi.com>\r\n"));
}

TEST(WritingAResponse, ATagThatIsThereStays) {
    const auto bye = Message::parse("BYE sip:a@b SIP/2.0\r\nTo: <sip:b@c>;tag=old\r\n\r\n").value();
    const auto text = MessageWriter::response(bye, {.status = 200, .to_tag = "new"}).finish();
    EXPECT_THAT(text.value(), HasSubstr("To: <sip:b@c>;tag=old\r\n"));
    EXPECT_THAT(text.value(), Not(HasSubstr("new")));
}

TEST(WritingAResponse, WhatTheRequestLacksIsLeftOut) {
    const auto bare = Message::parse("OPTIONS sip:a@b SIP/2.0\r\nVia: nonsense\r\n\r\n").value();
    const auto text = MessageWriter::response(bare, {.status = 400, .source = kSource}).finish();
    EXPECT_EQ(text.value(),
              "SIP/2.0 400 Bad Request\r\nVia: nonsense\r\nContent-Length: 0\r\n\r\n");
}

TEST(WritingAResponse, ABrokenLineOfTheRequestIsNotPassedOn) {
    const auto broken =
        Message::parse("OPTIONS sip:a@b SIP/2.0\r\nCall-ID: x\rX-Evil: 1\r\nFrom: a\nTo: b\r\n\r\n")
            .value();
    const auto text = MessageWriter::response(broken, {.status = 400}).finish().value();
    EXPECT_EQ(text,
              "SIP/2.0 400 Bad Request\r\nFrom: a\r\nTo: b\r\nCall-ID: x X-Evil: 1\r\n"
              "Content-Length: 0\r\n\r\n");
    EXPECT_FALSE(Message::parse(text)->defect());
}

// CVE-2026-9586 and its kin: a new line in a value that a user or a peer supplied.
TEST(HeaderInjection, NoValueCanAddALine) {
    const Uri uri = Uri::sip("bob", "biloxi.com");
    for (const std::string_view value :
         {"a\r\nVia: x", "a\nb", "a\rb", "\r\n", "a\r\n folded", "a\x01", "a\x7f"}) {
        const auto text = MessageWriter::request("INVITE", uri).header("X-A", value).finish();
        EXPECT_FALSE(text) << testing::PrintToString(std::string(value));
        EXPECT_FALSE(is_header_value(value));
    }
}

TEST(HeaderInjection, NoNameCanBeMoreThanAName) {
    const Uri uri = Uri::sip("bob", "biloxi.com");
    for (const std::string_view name : {"", "X A", "X:", "X\r\nY", "X\"", "Content-Length", "l"}) {
        EXPECT_FALSE(MessageWriter::request("INVITE", uri).header(name, "1").finish()) << name;
    }
}

TEST(HeaderInjection, NeitherMethodNorUriNorReasonNorTagNorTypeCan) {
    const Uri uri = Uri::sip("bob", "biloxi.com");
    Uri evil = uri;
    evil.set_host("x SIP/2.0\r\nVia: y");
    EXPECT_FALSE(MessageWriter::request("IN VITE", uri).finish());
    EXPECT_FALSE(MessageWriter::request("INVITE", evil).finish());
    EXPECT_FALSE(MessageWriter::response(invite(), {.status = 200, .reason = "a\r\nb"}).finish());
    EXPECT_FALSE(MessageWriter::response(invite(), {.status = 200, .to_tag = "a\r\nb"}).finish());
    EXPECT_FALSE(MessageWriter::response(invite(), {.status = 99}).finish());
    EXPECT_FALSE(MessageWriter::request("INVITE", uri).body("a/b\r\nX: y", "z").finish());
    EXPECT_FALSE(MessageWriter::request("INVITE", uri).body("", "z").finish());
}

TEST(HeaderInjection, ATypedHeaderIsCheckedToo) {
    Contact contact;
    contact.uri = Uri::sip("a", "b");
    contact.parameters.set("x", "1\r\nVia: y");
    EXPECT_FALSE(MessageWriter::request("INVITE", contact.uri).header(contact).finish());
}

TEST(WritingARequest, OneThatIsTooLongIsRefused) {
    const std::string body(kMaxMessageBytes, 'x');
    const auto text =
        MessageWriter::request("INVITE", Uri::sip("a", "b")).body("text/plain", body).finish();
    EXPECT_EQ(text.error().code, Errc::TooLarge);
}

}  // namespace
}  // namespace patchbay::sip
