// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.hpp"
#include "sdp/offer_answer.hpp"
#include "support/sdp_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

namespace patchbay::sdp {
namespace {

using test::address;
using test::answer;
using test::local_media;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Offer, ItIsThisText) {
    EXPECT_EQ(make_offer(local_media()).to_string(),
              "v=0\r\n"
              "o=- 0 0 IN IP4 192.0.2.1\r\n"
              "s=-\r\n"
              "c=IN IP4 192.0.2.1\r\n"
              "t=0 0\r\n"
              "m=audio 4000 RTP/AVP 0 8 9 101\r\n"
              "a=rtpmap:0 PCMU/8000\r\n"
              "a=rtpmap:8 PCMA/8000\r\n"
              "a=rtpmap:9 G722/8000\r\n"
              "a=rtpmap:101 telephone-event/8000\r\n"
              "a=fmtp:101 0-16\r\n"
              "a=ptime:20\r\n"
              "a=sendrecv\r\n");
}

TEST(Offer, EachClockRateHasItsTelephoneEvent) {
    const auto codecs = codecs_of(make_offer(local_media({"opus", "pcmu", "l16"})).media[0]);
    ASSERT_EQ(codecs.size(), 6U);
    EXPECT_EQ(codecs[3].clock_rate, 48000U);
    EXPECT_EQ(codecs[4].clock_rate, 8000U);
    EXPECT_EQ(codecs[5].clock_rate, 16000U);
    EXPECT_THAT(
        (std::vector{codecs[3].payload_type, codecs[4].payload_type, codecs[5].payload_type}),
        ElementsAre(101, 96, 98));
}

TEST(Offer, ATelephoneEventThatIsAskedForIsTheOnlyOne) {
    LocalMedia media = local_media({"opus"});
    media.telephone_event_format = Codec{.name = "telephone-event",
                                         .payload_type = 126,
                                         .clock_rate = 8000,
                                         .channels = 1,
                                         .fmtp = "0-16"};
    const auto codecs = codecs_of(make_offer(media).media[0]);
    ASSERT_EQ(codecs.size(), 2U);
    EXPECT_EQ(codecs[1].payload_type, 126);
    EXPECT_EQ(codecs[1].clock_rate, 8000U);
}

TEST(Offer, AnIpv6AddressIsNamedAsSuch) {
    LocalMedia media = local_media();
    media.rtp = address("[2001:db8::1]:4000");
    EXPECT_THAT(make_offer(media).to_string(), HasSubstr("c=IN IP6 2001:db8::1\r\n"));
}

TEST(Offer, WithoutAnyCodecItIsOurOwnBug) {
    EXPECT_THROW(make_offer(local_media({})), BrokenInvariant);
}

// later offers

TEST(Reoffer, SectionsKeepTheirPlacesAndNumbersTheirMeaning) {
    const Answer first = answer(
        "m=video 5000 RTP/AVP 31\r\n"
        "m=audio 6000 RTP/AVP 96 97\r\n"
        "a=rtpmap:96 PCMA/8000\r\na=rtpmap:97 telephone-event/8000\r\n");
    LocalMedia media = local_media({"pcma", "pcmu"});
    media.direction = Direction::SendOnly;
    const auto offer = make_reoffer(media, first.description);
    ASSERT_EQ(offer.media.size(), 2U);
    EXPECT_EQ(offer.media[0], first.description.media[0]);
    EXPECT_THAT(offer.media[1].formats, ElementsAre("96", "0", "97"));
    EXPECT_EQ(offer.direction_of(offer.media[1]), Direction::SendOnly);
}

TEST(Reoffer, ANumberThatIsTakenIsNotGivenAnotherMeaning) {
    const Answer first = answer(
        "m=audio 6000 RTP/AVP 111 101\r\na=rtpmap:111 PCMU/8000\r\n"
        "a=rtpmap:101 telephone-event/8000\r\n");
    const auto offer = make_reoffer(local_media({"opus", "pcmu"}), first.description);
    const auto codecs = codecs_of(offer.media[0]);
    EXPECT_EQ(codecs[0].name, "opus");
    EXPECT_NE(codecs[0].payload_type, 111);
    EXPECT_EQ(codecs[1].payload_type, 111);
}

TEST(Reoffer, AfterAllWasRefusedAudioIsAppended) {
    SessionDescription current = make_offer(local_media());
    current.media[0].port = 0;
    const auto offer = make_reoffer(local_media(), current);
    ASSERT_EQ(offer.media.size(), 2U);
    EXPECT_EQ(offer.media[0].port, 0);
    EXPECT_EQ(offer.media[1].port, 4000);
}

TEST(Reoffer, ARepeatedCodecIsChosenOnce) {
    // CVE-2023-40019: duplicate codec names in a re-INVITE.
    std::string section = "m=audio 6000 RTP/AVP";
    std::string maps;
    for (int i = 96; i < 128; ++i) {
        section += " " + std::to_string(i);
        maps += "a=rtpmap:" + std::to_string(i) + " PCMU/8000\r\n";
    }
    const Answer result = answer(section + "\r\n" + maps);
    EXPECT_THAT(result.description.media[0].formats, ElementsAre("96"));
    EXPECT_THAT(make_reoffer(local_media({"pcmu"}), result.description).media[0].formats,
                ElementsAre("96", "101"));
}

// Both halves of this module against each other: what one offers and the other answers, both
// understand alike.
class BothSides : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(BothSides, AgreeOnTheSame) {
    const auto [first, second] = GetParam();
    const LocalMedia caller = local_media({first, second});
    LocalMedia callee = local_media({second, first});
    callee.rtp = address("198.51.100.2:6000");
    const auto offer = SessionDescription::parse(make_offer(caller).to_string());
    const auto answered = make_answer(*offer, callee);
    ASSERT_TRUE(answered);
    const auto read_back = SessionDescription::parse(answered->description.to_string());
    const auto result = apply_answer(*offer, *read_back);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->codec, answered->audio.codec);
    EXPECT_EQ(result->codec.name, known_codec(second)->name);
    EXPECT_EQ(result->telephone_event, answered->audio.telephone_event);
    EXPECT_EQ(result->ptime, answered->audio.ptime);
    EXPECT_EQ(result->remote_rtp, callee.rtp);
    EXPECT_EQ(answered->audio.remote_rtp, caller.rtp);
}

INSTANTIATE_TEST_SUITE_P(Pairs,
                         BothSides,
                         testing::Combine(testing::Values("pcmu", "pcma", "g722", "l16", "opus"),
                                          testing::Values("pcmu", "pcma", "g722", "l16", "opus")));

}  // namespace
}  // namespace patchbay::sdp
