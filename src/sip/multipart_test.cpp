// SPDX-License-Identifier: Apache-2.0
#include "sip/multipart.hpp"

#include "sip/user_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

constexpr std::array<std::string_view, 1> kTypes{"application/sdp"};

// The parts are views into the body.
Result<std::vector<BodyPart>> parts_of(std::string_view body, const std::string& boundary = "b") {
    return parse_multipart(MediaType::parse("multipart/mixed;boundary=" + boundary).value(), body);
}

TEST(Multipart, PartsStandBetweenTheirDelimiters) {  // RFC 2046 5.1.1
    const auto parts = parts_of(
        "This is the preamble.\r\n--b\r\n\r\nplain text\r\n--b  \r\n"
        "Content-Type: application/sdp\r\ncontent-disposition: session;handling=required\r\n"
        "Content-Transfer-Encoding: binary\r\n\r\nv=0\r\n\r\n--b--\r\nThis is the epilogue.");
    ASSERT_TRUE(parts);
    ASSERT_THAT(*parts, SizeIs(2));
    EXPECT_EQ((*parts)[0].type, "");
    EXPECT_EQ((*parts)[0].content, "plain text");
    EXPECT_EQ((*parts)[1].type, "application/sdp");
    EXPECT_EQ((*parts)[1].disposition, "session;handling=required");
    EXPECT_EQ((*parts)[1].encoding, "binary");
    EXPECT_EQ((*parts)[1].content, "v=0\r\n");  // the line end before a delimiter belongs to it
}

TEST(Multipart, ALineThatOnlyBeginsAsADelimiterIsContent) {
    const auto parts = parts_of("--b\r\n\r\n--bb\r\n--b-\r\n\r\n--b--");
    ASSERT_TRUE(parts);
    ASSERT_THAT(*parts, SizeIs(1));
    EXPECT_EQ((*parts)[0].content, "--bb\r\n--b-\r\n");
}

TEST(Multipart, ABoundaryMayBeQuoted) {
    EXPECT_THAT(parts_of("--a b:c\r\n\r\nx\r\n--a b:c--", "\"a b:c\"").value(), SizeIs(1));
}

TEST(Multipart, PartsMayBeEmptyAndHaveNoHeader) {
    const auto parts = parts_of("--b\r\n--b\r\n\r\n--b\r\nContent-Type: a/b\r\n--b--");
    ASSERT_TRUE(parts);
    ASSERT_THAT(*parts, SizeIs(3));
    for (const BodyPart& part : *parts) {
        EXPECT_THAT(part.content, IsEmpty());
    }
    EXPECT_EQ((*parts)[2].type, "a/b");
}

TEST(Multipart, AFieldOfAPartWithABareLineEndIsNoField) {
    const auto parts = parts_of(
        "--b\r\nContent-Type: application\n /sdp\r\nContent-Disposition: a\rb\r\n\r\nv=0\r\n--b--");
    ASSERT_TRUE(parts);
    ASSERT_THAT(*parts, SizeIs(1));
    EXPECT_EQ((*parts)[0].type, "");
    EXPECT_EQ((*parts)[0].disposition, "");
}

TEST(Multipart, WithoutABoundaryAPartOrAnEndItIsMalformed) {
    EXPECT_FALSE(
        parse_multipart(MediaType::parse("multipart/mixed").value(), "--b\r\n\r\nx\r\n--b--"));
    for (const char* body :
         {"", "--b--", "no delimiter", "--b\r\n\r\nx", "--b\r\n\r\nx\r\n--b\r\n"}) {
        EXPECT_FALSE(parts_of(body)) << body;
    }
}

TEST(Multipart, MorePartsThanAnybodyNeedsAreTooMany) {
    std::string body;
    for (std::size_t i = 0; i <= kMaxBodyParts; ++i) {
        body += "--b\r\n\r\nx\r\n";
    }
    const auto parts = parts_of(body + "--b--");
    ASSERT_FALSE(parts);
    EXPECT_EQ(parts.error().code, Errc::TooLarge);
}

std::string request(const std::string& type, const std::string& body) {
    return "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKm\r\nFrom: "
           "<sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: m\r\nCSeq: 1 INVITE\r\nMax-Forwards: "
           "70\r\nContact: <sip:a@192.0.2.9>\r\nContent-Type: " +
           type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct Shown {
    std::string type;
    std::string body;
};
Shown shown(const std::string& type, const std::string& body) {
    const Message message = open_multipart(Message::parse(request(type, body)).value(), kTypes);
    return {std::string(message.header(HeaderId::ContentType).value()),
            std::string(message.body())};
}

constexpr const char* kMixed = "multipart/mixed;boundary=b";

TEST(Multipart, TheSessionDescriptionStandsForTheWholeBody) {  // RFC 5621 3.1
    const Shown out =
        shown(kMixed,
              "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: "
              "application/ISUP;version=itu-t92+\r\nContent-Disposition: "
              "signal;handling=optional\r\n\r\n\x01\x02\r\n--b--\r\n");
    EXPECT_EQ(out.type, "application/sdp");
    EXPECT_EQ(out.body, "v=0");
}

TEST(Multipart, PartsThatSayNothingAreLeftAlone) {  // a location, as RFC 6442 4.1 shows one
    EXPECT_EQ(shown(kMixed,
                    "--b\r\nContent-Type: application/pidf+xml\r\nContent-ID: <t@h>\r\n\r\n<p/>\r\n"
                    "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--")
                  .body,
              "v=0");
}

TEST(Multipart, APartThatMustBeUnderstoodAndIsNotLeavesTheMessageAsItIs) {
    const std::string body =
        "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b\r\nContent-Type: "
        "a/b\r\nContent-Disposition: signal;HANDLING=required\r\n\r\nx\r\n--b--";
    EXPECT_EQ(shown(kMixed, body).body, body);
}

TEST(Multipart, PartsOfPartsAreLookedAt) {
    const std::string inner =
        "--c\r\n\r\ntext\r\n--c\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--c--";
    EXPECT_EQ(shown(kMixed, "--b\r\nContent-Type: multipart/alternative;boundary=c\r\n\r\n" +
                                inner + "\r\n--b--")
                  .body,
              "v=0");
}

TEST(Multipart, AnEncodedDescriptionIsNotRead) {
    const std::string body =
        "--b\r\nContent-Type: application/sdp\r\nContent-Transfer-Encoding: "
        "base64\r\n\r\ndj0w\r\n--b--";
    EXPECT_EQ(shown(kMixed, body).body, body);
}

TEST(Multipart, AnotherBodyStaysAsItIs) {
    EXPECT_EQ(shown("application/sdp", "--b\r\n\r\nx\r\n--b--").body, "--b\r\n\r\nx\r\n--b--");
}

TEST(Multipart, AMessageThatIsBrokenStaysBroken) {
    const std::string whole =
        request(kMixed, "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--");
    for (const char* broken : {"Content-Type: a/b\r\n", "Content-Length: 1\r\n", "no colon\r\n"}) {
        std::string text = whole;
        text.insert(text.find("Call-ID"), broken);
        const Message before = Message::parse(text).value();
        EXPECT_EQ(open_multipart(before, kTypes).text(), before.text()) << broken;
    }
}

TEST(Multipart, ACallWithOneIsOfferedWithItsDescription) {
    SeededRandom random{1};
    UserAgent agent({}, random);
    Outputs out;
    const Flow flow{Transport::Udp, *SocketAddress::parse("192.0.2.1:5060"),
                    *SocketAddress::parse("192.0.2.9:5060"), 0};
    agent.handle_message(
        Instant(Seconds(1)), flow,
        as_bytes(request(kMixed, "--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--b--")), out);
    ASSERT_THAT(out.events, SizeIs(1));
    EXPECT_EQ(std::get<IncomingCall>(out.events[0]).request.body(), "v=0");
}

TEST(Multipart, ACallWithoutADescriptionInItIsRefusedWithWhatIsRead) {
    SeededRandom random{1};
    UserAgent agent({}, random);
    Outputs out;
    const Flow flow{Transport::Udp, *SocketAddress::parse("192.0.2.1:5060"),
                    *SocketAddress::parse("192.0.2.9:5060"), 0};
    agent.handle_message(Instant(Seconds(1)), flow,
                         as_bytes(request(kMixed, "--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b--")),
                         out);
    EXPECT_THAT(out.events, IsEmpty());
    ASSERT_THAT(out.transmits, SizeIs(1));
    EXPECT_THAT(out.transmits[0].bytes, StartsWith("SIP/2.0 415"));
    EXPECT_THAT(out.transmits[0].bytes, HasSubstr("\r\nAccept: application/sdp\r\n"));
    EXPECT_THAT(out.transmits[0].bytes, HasSubstr("\r\nAccept: multipart/mixed\r\n"));
}

}  // namespace
}  // namespace patchbay::sip
