// SPDX-License-Identifier: Apache-2.0
#include "sdp/session_description.hpp"

#include "sdp/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string>

namespace patchbay::sdp {
namespace {

using ::testing::ElementsAre;

// RFC 8866 5, the example, with the lines that we read over.
constexpr std::string_view kExample =
    "v=0\r\n"
    "o=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\n"
    "s=Call to John Smith\r\n"
    "i=SDP Offer #1\r\n"
    "u=http://www.jdoe.example.com/home.html\r\n"
    "e=Jane Doe <jane@jdoe.example.com>\r\n"
    "p=+1 617 555-6011\r\n"
    "c=IN IP4 198.51.100.1\r\n"
    "t=0 0\r\n"
    "m=audio 49170 RTP/AVP 0\r\n"
    "m=audio 49180 RTP/AVP 0\r\n"
    "m=video 51372 RTP/AVP 99\r\n"
    "c=IN IP6 2001:db8::2\r\n"
    "a=rtpmap:99 h263-1998/90000\r\n";

TEST(SessionDescription, TheExampleOfRfc8866IsRead) {
    const auto description = SessionDescription::parse(kExample);
    ASSERT_TRUE(description) << describe(description.error());
    EXPECT_EQ(description->origin.username, "jdoe");
    EXPECT_EQ(description->origin.session_id, "3724394400");
    EXPECT_EQ(description->origin.session_version, "3724394405");
    EXPECT_EQ(description->name, "Call to John Smith");
    ASSERT_EQ(description->media.size(), 3U);
    EXPECT_EQ(description->media[1].port, 49180);
    EXPECT_THAT(description->media[2].formats, ElementsAre("99"));
    EXPECT_EQ(description->connection_of(description->media[0])->address, "198.51.100.1");
    EXPECT_EQ(description->connection_of(description->media[2])->ip(),
              IpAddress::parse("2001:db8::2"));
}

TEST(SessionDescription, ItIsWrittenInTheOrderOfRfc8866) {
    SessionDescription description;
    description.origin = {"-", "1", "2", {false, "192.0.2.1"}};
    description.connection = Connection::of(*IpAddress::parse("2001:db8::1"));
    description.bandwidths = {"AS:64"};
    description.attributes = {{"group", "BUNDLE 0"}};
    MediaDescription audio;
    audio.media = "audio";
    audio.port = 4000;
    audio.protocol = "RTP/AVP";
    audio.formats = {"0", "101"};
    audio.attributes = {{"rtpmap", "101 telephone-event/8000"}, {"sendrecv", std::nullopt}};
    description.media = {audio};
    EXPECT_EQ(description.to_string(),
              "v=0\r\n"
              "o=- 1 2 IN IP4 192.0.2.1\r\n"
              "s=-\r\n"
              "c=IN IP6 2001:db8::1\r\n"
              "b=AS:64\r\n"
              "t=0 0\r\n"
              "a=group:BUNDLE 0\r\n"
              "m=audio 4000 RTP/AVP 0 101\r\n"
              "a=rtpmap:101 telephone-event/8000\r\n"
              "a=sendrecv\r\n");
    EXPECT_EQ(SessionDescription::parse(description.to_string()), description);
}

TEST(SessionDescription, IceDtlsAndCryptoAreKeptAsTheyCame) {
    const std::string text = std::string(kExample) +
                             "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:abc|2^20|1:4\r\n"
                             "a=candidate:1 1 UDP 2130706431 10.0.1.1 8998 typ host\r\n"
                             "a=fingerprint:SHA-256 12:DF\r\n";
    const auto description = SessionDescription::parse(text);
    const Attributes& attributes = description->media[2].attributes;
    EXPECT_EQ(find(attributes, "crypto")->value, "1 AES_CM_128_HMAC_SHA1_80 inline:abc|2^20|1:4");
    EXPECT_THAT(description->to_string(), testing::EndsWith("a=fingerprint:SHA-256 12:DF\r\n"));
}

struct Wild {
    const char* what;
    const char* text;
};

class FromTheWild : public testing::TestWithParam<Wild> {};

TEST_P(FromTheWild, ItIsAcceptedWithItsAudio) {
    const auto description = SessionDescription::parse(GetParam().text);
    ASSERT_TRUE(description) << GetParam().what << ": " << describe(description.error());
    ASSERT_FALSE(description->media.empty());
    const MediaDescription& audio = description->media[0];
    EXPECT_EQ(audio.port, 4000);
    EXPECT_THAT(audio.formats, ElementsAre("0"));
    EXPECT_EQ(description->connection_of(audio)->ip(), IpAddress::v4(192, 0, 2, 1));
}

INSTANTIATE_TEST_SUITE_P(
    Oddities,
    FromTheWild,
    testing::Values(
        Wild{"bare LF",
             "v=0\no=- 1 1 IN IP4 x\ns=-\nc=IN IP4 192.0.2.1\nt=0 0\nm=audio 4000 RTP/AVP 0\n"},
        Wild{"no line end at the end",
             "v=0\r\no=- 1 1 IN IP4 x\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0"},
        Wild{"no s= and t=",
             "v=0\r\no=- 1 1 IN IP4 x\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP 0\r\n"},
        Wild{"trailing spaces",
             "v=0 \r\no=- 1 1 IN IP4 x  \r\nc=IN IP4 192.0.2.1 \r\nm=audio 4000 RTP/AVP 0 \r\n"},
        Wild{"several spaces",
             "v=0\r\no=-  1 1  IN IP4 x\r\nc=IN  IP4  192.0.2.1\r\nm=audio  4000  RTP/AVP  0\r\n"},
        Wild{"blank lines",
             "v=0\r\n\r\no=- 1 1 IN IP4 x\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 RTP/AVP "
             "0\r\n\r\n\r\n"},
        Wild{"unknown line types",
             "v=0\r\no=- 1 1 IN IP4 x\r\ny=0100000001\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 "
             "RTP/AVP 0\r\nf=v/a\r\n"},
        Wild{"t= before c=",
             "v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nt=0 0\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000 "
             "RTP/AVP 0\r\n"},
        Wild{"lines given twice, the first counts",
             "v=0\r\nv=0\r\no=- 1 1 IN IP4 x\r\no=b 2 2 IN IP4 y\r\nc=IN IP4 192.0.2.1\r\nc=IN IP4 "
             "192.0.2.9\r\nm=audio 4000 RTP/AVP 0\r\n"},
        Wild{"an origin longer than 64 bits",
             "v=0\r\no=- 99999999999999999999999999 1 IN IP4 x\r\nc=IN IP4 192.0.2.1\r\nm=audio "
             "4000 RTP/AVP 0\r\n"},
        Wild{"a count of ports",
             "v=0\r\no=- 1 1 IN IP4 x\r\nc=IN IP4 192.0.2.1\r\nm=audio 4000/2 RTP/AVP 0\r\n"},
        Wild{"a multicast address with its TTL",
             "v=0\r\no=- 1 1 IN IP4 x\r\nc=IN IP4 192.0.2.1/127\r\nm=audio 4000 RTP/AVP 0\r\n"}));

class Malformed : public testing::TestWithParam<Wild> {};

TEST_P(Malformed, ItIsRefused) {
    EXPECT_FALSE(SessionDescription::parse(GetParam().text)) << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Sections,
    Malformed,
    testing::Values(
        Wild{"empty", ""},
        Wild{"blank lines only", "\r\n\r\n"},
        Wild{"no version", "o=- 1 1 IN IP4 x\r\n"},
        Wild{"no origin", "v=0\r\ns=-\r\n"},
        Wild{"another version", "v=1\r\no=- 1 1 IN IP4 x\r\n"},
        Wild{"an empty origin", "v=0\r\no=\r\n"},
        Wild{"a cut origin", "v=0\r\no=- 1 1 IN IP4\r\n"},
        Wild{"no = sign", "v=0\r\no=- 1 1 IN IP4 x\r\naudio\r\n"},
        Wild{"an empty m= line", "v=0\r\no=- 1 1 IN IP4 x\r\nm=\r\n"},
        Wild{"an m= line without formats", "v=0\r\no=- 1 1 IN IP4 x\r\nm=audio 4000 RTP/AVP\r\n"},
        Wild{"a port of 65536", "v=0\r\no=- 1 1 IN IP4 x\r\nm=audio 65536 RTP/AVP 0\r\n"},
        Wild{"a negative port", "v=0\r\no=- 1 1 IN IP4 x\r\nm=audio -1 RTP/AVP 0\r\n"},
        Wild{"an empty c= line", "v=0\r\no=- 1 1 IN IP4 x\r\nc=\r\n"},
        Wild{"a network of another kind", "v=0\r\no=- 1 1 IN IP4 x\r\nc=ATM NSAP 47\r\n"}));

TEST(SessionDescription, ControlCharactersInALineAreRefused) {
    // What we mirror into an answer must not bring line ends of its own.
    for (const char control : {'\0', '\r', '\v', '\x1B', '\x7F'}) {
        std::string text(kExample);
        text[40] = control;
        EXPECT_FALSE(SessionDescription::parse(text)) << int{control};
    }
}

TEST(SessionDescription, CutAtEveryByteItIsReadOrRefusedAndNeverOverread) {
    for (std::size_t size = 0; size <= kExample.size(); ++size) {
        const auto cut = std::make_unique<char[]>(size);
        std::memcpy(cut.get(), kExample.data(), size);
        const auto description = SessionDescription::parse({cut.get(), size});
        if (description) {
            EXPECT_LE(description->media.size(), 3U);
        }
    }
}

TEST(SessionDescription, AThousandCryptoLinesAreRead) {
    std::string text(kExample);
    for (int i = 0; i < 1000; ++i) {
        text += "a=crypto:" + std::to_string(i) + " AES_CM_128_HMAC_SHA1_80 inline:key\r\n";
    }
    const auto description = SessionDescription::parse(text);
    ASSERT_TRUE(description);
    EXPECT_EQ(description->media[2].attributes.size(), 1001U);
}

TEST(SessionDescription, EachLimitIsARefusal) {
    const std::string base = "v=0\r\no=- 1 1 IN IP4 x\r\n";
    const auto repeated = [&](std::string_view line, std::size_t times) {
        std::string text = base;
        for (std::size_t i = 0; i < times; ++i) {
            text += line;
        }
        return SessionDescription::parse(text);
    };
    EXPECT_TRUE(repeated("m=audio 1 RTP/AVP 0\r\n", limits::kMedia));
    EXPECT_EQ(repeated("m=audio 1 RTP/AVP 0\r\n", limits::kMedia + 1).error().code, Errc::TooLarge);
    EXPECT_EQ(repeated("a=x\r\n", limits::kLines).error().code, Errc::TooLarge);
    EXPECT_EQ(repeated(std::string(1000, 'a'), 66).error().code, Errc::TooLarge);
    std::string formats = base + "m=audio 1 RTP/AVP";
    for (std::size_t i = 0; i <= limits::kFormats; ++i) {
        formats += " 0";
    }
    EXPECT_EQ(SessionDescription::parse(formats).error().code, Errc::TooLarge);
}

TEST(SessionDescription, ADirectionMayStandInEitherPlace) {
    const auto direction = [](std::string_view session, std::string_view media) {
        const std::string text = "v=0\r\no=- 1 1 IN IP4 x\r\n" + std::string(session) +
                                 "m=audio 1 RTP/AVP 0\r\n" + std::string(media);
        const auto description = SessionDescription::parse(text);
        return description->direction_of(description->media[0]);
    };
    EXPECT_EQ(direction("", ""), Direction::SendRecv);
    EXPECT_EQ(direction("a=sendonly\r\n", ""), Direction::SendOnly);
    EXPECT_EQ(direction("a=sendonly\r\n", "a=recvonly\r\n"), Direction::RecvOnly);
    EXPECT_EQ(direction("", "a=inactive\r\n"), Direction::Inactive);
    EXPECT_EQ(direction("", "a=sendrecv\r\na=inactive\r\n"), Direction::Inactive);
}

}  // namespace
}  // namespace patchbay::sdp
