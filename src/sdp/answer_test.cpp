// SPDX-License-Identifier: Apache-2.0
#include "sdp/offer_answer.hpp"
#include "support/sdp_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <tuple>
#include <vector>

namespace patchbay::sdp {
namespace {

using test::address;
using test::answer;
using test::applied;
using test::kConnection;
using test::local_media;
using test::peer;
using test::refusal;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Answer, ItIsThisText) {
    const Answer result =
        answer("m=audio 6000 RTP/AVP 8 0 97\r\na=rtpmap:97 telephone-event/8000\r\n");
    EXPECT_EQ(result.description.to_string(),
              "v=0\r\n"
              "o=- 0 0 IN IP4 192.0.2.1\r\n"
              "s=-\r\n"
              "c=IN IP4 192.0.2.1\r\n"
              "t=0 0\r\n"
              "m=audio 4000 RTP/AVP 0 97\r\n"
              "a=rtpmap:0 PCMU/8000\r\n"
              "a=rtpmap:97 telephone-event/8000\r\n"
              "a=fmtp:97 0-15\r\n"
              "a=ptime:20\r\n"
              "a=sendrecv\r\n");
    EXPECT_EQ(result.audio.remote_rtp, address("198.51.100.2:6000"));
    EXPECT_EQ(result.audio.remote_rtcp, address("198.51.100.2:6001"));
}

// directions: RFC 3264 6.1, the whole square

constexpr std::array kDirections{Direction::Inactive, Direction::SendOnly, Direction::RecvOnly,
                                 Direction::SendRecv};

// Rows: offered; columns: what we want; both in the order above.
constexpr Direction kAnswered[4][4] = {
    {Direction::Inactive, Direction::Inactive, Direction::Inactive, Direction::Inactive},
    {Direction::Inactive, Direction::Inactive, Direction::RecvOnly, Direction::RecvOnly},
    {Direction::Inactive, Direction::SendOnly, Direction::Inactive, Direction::SendOnly},
    {Direction::Inactive, Direction::SendOnly, Direction::RecvOnly, Direction::SendRecv},
};

class Directions : public testing::TestWithParam<std::tuple<std::size_t, std::size_t, bool>> {};

TEST_P(Directions, AreAnsweredByWhatBothSidesWant) {
    const auto [offered, wanted, at_session_level] = GetParam();
    const std::string line = "a=" + std::string(to_string(kDirections[offered])) + "\r\n";
    const std::string audio_line = "m=audio 6000 RTP/AVP 0\r\n";
    const auto offer = at_session_level ? peer(audio_line, std::string(kConnection) + line)
                                        : peer(audio_line + line);
    LocalMedia media = local_media();
    media.direction = kDirections[wanted];
    const auto result = make_answer(offer, media);
    ASSERT_TRUE(result);
    const Direction expected = kAnswered[offered][wanted];
    EXPECT_EQ(result->audio.direction, expected);
    EXPECT_EQ(result->description.direction_of(result->description.media[0]), expected);
}

TEST_P(Directions, OfAnAnswerMeanTheSameSeenFromTheOtherSide) {
    const auto [answered, offered, at_session_level] = GetParam();
    const std::string line = "a=" + std::string(to_string(kDirections[answered])) + "\r\n";
    const std::string audio_line = "m=audio 6000 RTP/AVP 0\r\n";
    const auto theirs = at_session_level ? peer(audio_line, std::string(kConnection) + line)
                                         : peer(audio_line + line);
    LocalMedia media = local_media();
    media.direction = kDirections[offered];
    const auto result = apply_answer(make_offer(media), theirs);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->direction, kAnswered[answered][offered]);
}

INSTANTIATE_TEST_SUITE_P(Square,
                         Directions,
                         testing::Combine(testing::Range<std::size_t>(0, 4),
                                          testing::Range<std::size_t>(0, 4),
                                          testing::Bool()));

TEST(Hold, AnUnspecifiedAddressMeansThatNothingIsToBeSentThere) {
    const auto result = make_answer(
        peer("m=audio 6000 RTP/AVP 0\r\n", "c=IN IP4 0.0.0.0\r\nt=0 0\r\n"), local_media());
    ASSERT_TRUE(result);
    EXPECT_EQ(result->audio.direction, Direction::RecvOnly);
    EXPECT_TRUE(result->audio.remote_rtp.ip.is_unspecified());
}

// addresses

struct Place {
    const char* session;
    const char* media;
    const char* rtp;
    const char* rtcp;
};

class Addresses : public testing::TestWithParam<Place> {};

TEST_P(Addresses, AreFoundWhereTheyStand) {
    const auto result = make_answer(peer(GetParam().media, GetParam().session), local_media());
    ASSERT_TRUE(result) << describe(result.error());
    EXPECT_EQ(result->audio.remote_rtp.to_string(), GetParam().rtp);
    EXPECT_EQ(result->audio.remote_rtcp.to_string(), GetParam().rtcp);
}

INSTANTIATE_TEST_SUITE_P(
    Places,
    Addresses,
    testing::Values(Place{"c=IN IP4 203.0.113.1\r\n", "m=audio 6000 RTP/AVP 0\r\n",
                          "203.0.113.1:6000", "203.0.113.1:6001"},
                    Place{"", "m=audio 6000 RTP/AVP 0\r\nc=IN IP4 203.0.113.1\r\n",
                          "203.0.113.1:6000", "203.0.113.1:6001"},
                    Place{"c=IN IP4 203.0.113.9\r\n",
                          "m=audio 6000 RTP/AVP 0\r\nc=IN IP4 203.0.113.1\r\n", "203.0.113.1:6000",
                          "203.0.113.1:6001"},
                    Place{"c=IN IP4 203.0.113.1\r\n", "m=audio 6000 RTP/AVP 0\r\na=rtcp:7000\r\n",
                          "203.0.113.1:6000", "203.0.113.1:7000"},
                    Place{"c=IN IP4 203.0.113.1\r\n",
                          "m=audio 6000 RTP/AVP 0\r\na=rtcp:7000 IN IP4 203.0.113.2\r\n",
                          "203.0.113.1:6000", "203.0.113.2:7000"},
                    Place{"c=IN IP4 203.0.113.1\r\n", "m=audio 6000 RTP/AVP 0\r\na=rtcp:99999\r\n",
                          "203.0.113.1:6000", "203.0.113.1:6001"},
                    Place{"c=IN IP4 203.0.113.1\r\n", "m=audio 65535 RTP/AVP 0\r\n",
                          "203.0.113.1:65535", "203.0.113.1:0"},
                    Place{"c=IN IP4 203.0.113.1\r\n", "m=audio 6000 RTP/AVP 0\r\na=rtcp-mux\r\n",
                          "203.0.113.1:6000", "203.0.113.1:6001"}));

TEST(Addresses6, AnIpv6PeerIsServedFromAnIpv6Address) {
    LocalMedia media = local_media();
    media.rtp = address("[2001:db8::1]:4000");
    const auto offer = peer("m=audio 6000 RTP/AVP 0\r\n", "c=IN IP6 2001:db8::2\r\n");
    EXPECT_EQ(make_answer(offer, media)->audio.remote_rtcp, address("[2001:db8::2]:6001"));
    EXPECT_EQ(make_answer(offer, local_media()).error(),
              (Error{Errc::Unsupported, "address family of the offer"}));
}

TEST(RtcpMux, IsUsedWhenBothSidesSaySo) {
    LocalMedia media = local_media();
    media.rtcp_mux = true;
    const Answer muxed = answer("m=audio 6000 RTP/AVP 0\r\na=rtcp-mux\r\n", media);
    EXPECT_TRUE(muxed.audio.rtcp_mux);
    EXPECT_EQ(muxed.audio.remote_rtcp, muxed.audio.remote_rtp);
    EXPECT_THAT(muxed.description.to_string(), HasSubstr("a=rtcp-mux\r\n"));
    EXPECT_THAT(answer("m=audio 6000 RTP/AVP 0\r\n", media).description.to_string(),
                Not(HasSubstr("rtcp-mux")));
    EXPECT_FALSE(applied("m=audio 6000 RTP/AVP 0\r\n", media).rtcp_mux);
    EXPECT_TRUE(applied("m=audio 6000 RTP/AVP 0\r\na=rtcp-mux\r\n", media).rtcp_mux);
}

// sections

TEST(Sections, OthersAreRefusedInTheirPlaces) {
    const Answer result = answer(
        "m=video 5000 RTP/AVP 31\r\na=rtpmap:31 H261/90000\r\n"
        "m=audio 0 RTP/AVP 0\r\n"
        "m=audio 6000 RTP/SAVP 0\r\n"
        "m=audio 6002 RTP/AVP 0\r\n"
        "m=audio 6004 RTP/AVP 0\r\n"
        "m=image 6006 udptl t38\r\n"
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n");
    EXPECT_EQ(result.audio.media_index, 3U);
    EXPECT_EQ(result.audio.remote_rtp.port, 6002);
    EXPECT_THAT(result.description.to_string(), HasSubstr("m=video 0 RTP/AVP 31\r\n"
                                                          "m=audio 0 RTP/AVP 0\r\n"
                                                          "m=audio 0 RTP/SAVP 0\r\n"
                                                          "m=audio 4000 RTP/AVP 0\r\n"));
    EXPECT_THAT(result.description.to_string(),
                HasSubstr("m=audio 0 RTP/AVP 0\r\n"
                          "m=image 0 udptl t38\r\n"
                          "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n"));
}

TEST(Sections, TheTimingOfTheOfferIsAnswered) {
    const auto offer = peer("m=audio 6000 RTP/AVP 0\r\n", "c=IN IP4 198.51.100.2\r\nt=1 2\r\n");
    EXPECT_EQ(make_answer(offer, local_media())->description.timing, "1 2");
}

struct Refused {
    const char* what;
    const char* media;
    Errc code;
    const char* where;
};

class Refusals : public testing::TestWithParam<Refused> {};

TEST_P(Refusals, OfAnOfferSayWhy) {
    EXPECT_EQ(refusal(GetParam().media), (Error{GetParam().code, GetParam().where}))
        << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Offers,
    Refusals,
    testing::Values(Refused{"no section", "", Errc::Unsupported, "offer without audio"},
                    Refused{"video only", "m=video 5000 RTP/AVP 31\r\n", Errc::Unsupported,
                            "offer without audio"},
                    Refused{"audio switched off", "m=audio 0 RTP/AVP 0\r\n", Errc::Unsupported,
                            "offer without audio"},
                    Refused{"strange codecs", "m=audio 6000 RTP/AVP 18 4\r\n", Errc::Unsupported,
                            "codecs of the offer"},
                    Refused{"events only",
                            "m=audio 6000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n",
                            Errc::Unsupported, "codecs of the offer"},
                    Refused{"SRTP only", "m=audio 6000 RTP/SAVP 0\r\n", Errc::Unsupported,
                            "protocol of the offered audio"},
                    Refused{"WebRTC", "m=audio 6000 UDP/TLS/RTP/SAVPF 0\r\n", Errc::Unsupported,
                            "protocol of the offered audio"},
                    Refused{"a host name",
                            "m=audio 6000 RTP/AVP 0\r\nc=IN IP4 phone.example.com\r\n",
                            Errc::Unsupported, "host name in c= line"}));

TEST(Refusals, OfAnOfferWithoutAnyAddressIsItsFault) {
    EXPECT_EQ(make_answer(peer("m=audio 6000 RTP/AVP 0\r\n", ""), local_media()).error(),
              (Error{Errc::Malformed, "c= line"}));
}

TEST(Refusals, OfOurOfferAreTold) {
    const auto offer = make_offer(local_media());
    const auto code = [&](std::string_view media) {
        return apply_answer(offer, peer(media)).error().code;
    };
    EXPECT_EQ(code("m=audio 0 RTP/AVP 0\r\n"), Errc::Refused);
    EXPECT_EQ(code("m=audio 6000 RTP/AVP 18\r\n"), Errc::Unsupported);
    EXPECT_EQ(code("m=audio 6000 RTP/SAVP 0\r\n"), Errc::Unsupported);
    EXPECT_EQ(code("m=video 6000 RTP/AVP 0\r\n"), Errc::Malformed);
    EXPECT_EQ(code(""), Errc::Malformed);
}

}  // namespace
}  // namespace patchbay::sdp
