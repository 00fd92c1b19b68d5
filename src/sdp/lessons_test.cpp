// SPDX-License-Identifier: Apache-2.0
// What descriptions have done to other systems. One test for each, named by its record.
#include "sdp/offer_answer.hpp"
#include "support/sdp_peer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::sdp {
namespace {

using test::answer;
using test::applied;
using test::kConnection;
using test::kHead;
using test::local_media;
using test::peer;

const std::string kWhole =
    std::string(kHead) + std::string(kConnection) +
    "m=audio 6000 RTP/SAVP 0 8 111 101\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=fmtp:101 0-16\r\na=ptime:20\r\na=rtcp:6001 IN IP4 198.51.100.2\r\n"
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" +
    std::string(40, 'A') + "\r\na=sendrecv\r\n";

LocalMedia secure_media() {
    LocalMedia local = local_media({"pcmu", "opus"});
    SeededRandom random(1);
    local.crypto = {CryptoPolicy::Optional, make_crypto_keys(random)};
    return local;
}

// sofia-sip read past the end where a line had none. Each prefix lies in memory of its own, so that
// the address sanitizer sees a single byte too many.
TEST(SdpLesson, Cve2022_31003_ADescriptionCutAtAnyByteIsReadNoFurther) {
    for (std::size_t size = 0; size < kWhole.size(); ++size) {
        const std::vector<char> cut(kWhole.begin(),
                                    kWhole.begin() + static_cast<std::ptrdiff_t>(size));
        const auto description = SessionDescription::parse({cut.data(), cut.size()});
        if (description) {
            const auto answered = make_answer(*description, secure_media());
            const auto taken = apply_answer(make_offer(secure_media()), *description);
            EXPECT_TRUE(!answered || answered->audio.codec.payload_type < 128);
            EXPECT_TRUE(!taken || taken->codec.payload_type < 128);
        }
    }
}

TEST(SdpLesson, Cve2022_31003_LinesMayEndInAnyWay) {
    for (const std::string& end : {std::string("\r\n"), std::string("\n")}) {
        std::string text = kWhole;
        for (std::size_t at = text.find("\r\n"); at != std::string::npos;
             at = text.find("\r\n", at + end.size())) {
            text.replace(at, 2, end);
        }
        EXPECT_TRUE(SessionDescription::parse(text)) << end.size();
        text.resize(text.size() - end.size());
        EXPECT_TRUE(SessionDescription::parse(text)) << "without the last one";
    }
}

// FreeSWITCH wrote past a table for each codec that was named twice.
TEST(SdpLesson, Cve2023_40019_EverythingTwiceMeansWhatItMeansOnce) {
    std::string doubled;
    std::string formats = "m=audio 6000 RTP/AVP";
    for (int round = 0; round < 40; ++round) {
        formats += " 0 8 101";
        doubled +=
            "a=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\n"
            "a=sendrecv\r\na=rtcp:7001\r\n";
    }
    const Answer result = answer(formats + "\r\n" + doubled);
    EXPECT_EQ(result.audio.codec.name, "PCMU");
    EXPECT_EQ(result.audio.ptime, Milliseconds(30));
    EXPECT_EQ(result.audio.remote_rtcp.port, 7001);
    EXPECT_THAT(result.description.media[0].formats, testing::ElementsAre("0", "101"));
}

// FreeSWITCH wrote past an array by an index of the description.
TEST(SdpLesson, Cve2023_40018_NumbersOutOfRangeMeanNothing) {
    const Answer result = answer(
        "m=audio 6000 RTP/AVP 0 128 255 256 65536 4294967296 -1 99999999999999999999\r\n"
        "a=rtpmap:128 opus/48000/2\r\na=rtpmap:-1 PCMA/8000\r\na=fmtp:256 x\r\n"
        "a=rtpmap:99999999999999999999 G722/8000\r\n"
        "a=candidate:1 65536 UDP 2130706431 198.51.100.2 6000 typ host\r\n");
    EXPECT_THAT(result.description.media[0].formats, testing::ElementsAre("0"));
    for (const std::string port : {"65536", "99999", "-1", "4294973296", "6000x", ""}) {
        const auto description = SessionDescription::parse(
            std::string(kHead) + std::string(kConnection) + "m=audio " + port + " RTP/AVP 0\r\n");
        EXPECT_FALSE(description && make_answer(*description, local_media())) << port;
    }
}

// PJSIP divided and multiplied what the far side wrote.
TEST(SdpLesson, Cve2026_41416_AnyPacketTimeEndsInWhatWeSend) {
    for (const std::string time : {"0", "1", "7", "20.5", "65535", "65536", "4294967295",
                                   "4294967296", "-20", "x", "", "99999999999999999999"}) {
        for (const std::string longest : {"", "0", "1", "65535", "4294967295"}) {
            std::string media = "m=audio 6000 RTP/AVP 0\r\na=ptime:" + time + "\r\n";
            media += longest.empty() ? "" : "a=maxptime:" + longest + "\r\n";
            for (const Milliseconds chosen : {answer(media).audio.ptime, applied(media).ptime}) {
                EXPECT_GE(chosen, Milliseconds(10)) << media;
                EXPECT_LE(chosen, Milliseconds(60)) << media;
            }
        }
    }
}

// The two sides need not agree on it (RFC 4566 6: a=ptime is what its sender likes to get).
TEST(SdpLesson, Cve2026_41416_PacketTimesMayDifferByDirection) {
    LocalMedia ours = local_media();
    ours.ptime = Milliseconds(60);
    EXPECT_EQ(applied("m=audio 6000 RTP/AVP 0\r\na=ptime:10\r\n", ours).ptime, Milliseconds(10));
    EXPECT_EQ(answer("m=audio 6000 RTP/AVP 0\r\na=ptime:10\r\n", ours).audio.ptime,
              Milliseconds(10));
}

// PJSIP's stack overflowed with many or long a=crypto lines.
TEST(SdpLesson, Cve2026_57162_AThousandKeysAndLongOnesAreSurvived) {
    std::string media = "m=audio 6000 RTP/SAVP 0\r\n";
    for (int i = 1; i <= 1000; ++i) {
        media += "a=crypto:" + std::to_string(i) + " AES_CM_128_HMAC_SHA1_80 inline:A\r\n";
    }
    EXPECT_FALSE(make_answer(peer(media), secure_media()));
    const std::string one = "m=audio 6000 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:";
    EXPECT_FALSE(make_answer(peer(one + std::string(20000, 'A') + "\r\n"), secure_media()));
    EXPECT_TRUE(make_answer(peer(one + std::string(40, 'A') + "\r\n"), secure_media()));
}

// Janus followed null pointers where a section was empty, missing or repeated.
TEST(SdpLesson, Cve2020_13898_SectionsMayBeEmptyMissingOrRepeated) {
    EXPECT_FALSE(make_answer(peer(""), local_media()));
    EXPECT_FALSE(make_answer(peer("m=video 6000 RTP/AVP 96\r\n"), local_media()));
    EXPECT_FALSE(apply_answer(make_offer(local_media()), peer("")));
    EXPECT_FALSE(apply_answer(make_offer(local_media()), peer("m=video 6000 RTP/AVP 96\r\n")));
    std::string many;
    for (int i = 0; i < 30; ++i) {
        many += "m=audio 6000 RTP/AVP 0\r\n";
    }
    const Answer result = answer(many);
    ASSERT_EQ(result.description.media.size(), 30U);
    for (std::size_t i = 1; i < 30; ++i) {
        EXPECT_EQ(result.description.media[i].port, 0) << i;
    }
    const auto no_address =
        SessionDescription::parse(std::string(kHead) + "t=0 0\r\nm=audio 6000 RTP/AVP 0\r\n");
    EXPECT_FALSE(no_address && make_answer(*no_address, local_media()));
}

// PJSIP fell back to plain RTP when SRTP could not start: an answer without keys to an offer that
// demanded them is no answer.
TEST(SdpLesson, Cve2022_39269_AnAnswerCannotTakeEncryptionAway) {
    LocalMedia local = secure_media();
    local.crypto.policy = CryptoPolicy::Mandatory;
    const SessionDescription offer = make_offer(local);
    EXPECT_FALSE(apply_answer(offer, peer("m=audio 6000 RTP/SAVP 0\r\n")));
    EXPECT_FALSE(apply_answer(offer, peer("m=audio 6000 RTP/AVP 0\r\n")));
    EXPECT_FALSE(make_answer(peer("m=audio 6000 RTP/AVP 0\r\n"), local));
}

}  // namespace
}  // namespace patchbay::sdp
