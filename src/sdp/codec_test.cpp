// SPDX-License-Identifier: Apache-2.0
#include "sdp/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::sdp {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "PCMU/8000=0" per codec, in order.
std::vector<std::string> codecs(std::vector<std::string> formats, Attributes attributes) {
    MediaDescription section;
    section.formats = std::move(formats);
    section.attributes = std::move(attributes);
    std::vector<std::string> names;
    for (const Codec& codec : codecs_of(section)) {
        names.push_back(codec.name + "/" + std::to_string(codec.clock_rate) +
                        (codec.channels > 1 ? "/" + std::to_string(codec.channels) : "") + "=" +
                        std::to_string(codec.payload_type));
    }
    return names;
}

TEST(Codecs, StaticNumbersNeedNoRtpmap) {
    EXPECT_THAT(codecs({"0", "8", "9", "18"}, {}),
                ElementsAre("PCMU/8000=0", "PCMA/8000=8", "G722/8000=9", "G729/8000=18"));
}

TEST(Codecs, DynamicNumbersMeanWhatTheirRtpmapSays) {
    EXPECT_THAT(codecs({"96", "111", "126"}, {{"rtpmap", "96 opus/48000/2"},
                                              {"rtpmap", "111 telephone-event/8000"},
                                              {"rtpmap", "126 PCMU/8000"}}),
                ElementsAre("opus/48000/2=96", "telephone-event/8000=111", "PCMU/8000=126"));
}

TEST(Codecs, ADynamicNumberWithoutRtpmapMeansNothing) {
    EXPECT_THAT(codecs({"101", "0"}, {}), ElementsAre("PCMU/8000=0"));
}

TEST(Codecs, AnRtpmapMayRedefineAStaticNumber) {
    EXPECT_THAT(codecs({"0"}, {{"rtpmap", "0 PCMA/8000"}}), ElementsAre("PCMA/8000=0"));
}

TEST(Codecs, NumbersGivenTwiceCountOnceAndTheFirstRtpmapHolds) {
    EXPECT_THAT(
        codecs({"0", "96", "0", "96"}, {{"rtpmap", "96 opus/48000/2"}, {"rtpmap", "96 PCMA/8000"}}),
        ElementsAre("PCMU/8000=0", "opus/48000/2=96"));
}

TEST(Codecs, UnreadableRtpmapsLeaveTheirNumberOut) {
    for (const char* rtpmap : {"96", "96 ", "96 opus", "96 opus/", "96 opus/x", "96 opus/0",
                               "96 /8000", "96 opus/99999999999", "96 opus/48000/0",
                               "96 opus/48000/x", "x opus/1", "300 opus/48000"}) {
        EXPECT_THAT(codecs({"96"}, {{"rtpmap", rtpmap}}), IsEmpty()) << rtpmap;
    }
    EXPECT_THAT(codecs({"96"}, {{"rtpmap", std::nullopt}}), IsEmpty());
}

TEST(Codecs, FormatsThatAreNoPayloadTypesAreLeftOut) {
    EXPECT_THAT(codecs({"t38", "128", "-1", "0x8", "8"}, {}), ElementsAre("PCMA/8000=8"));
}

TEST(Codecs, FormatParametersAreKeptAsWritten) {
    MediaDescription section;
    section.formats = {"101"};
    section.attributes = {{"rtpmap", "101 telephone-event/8000"}, {"fmtp", "101 0-16,66"}};
    EXPECT_EQ(codecs_of(section).at(0).fmtp, "0-16,66");
}

TEST(Codecs, TheWordsOfConfigurationsAreKnownInAnyCase) {
    EXPECT_EQ(known_codec("pcmu")->payload_type, 0);
    EXPECT_EQ(known_codec("PCMA")->payload_type, 8);
    EXPECT_EQ(known_codec("g722")->clock_rate, 8000U) << "RFC 3551 4.5.2";
    EXPECT_EQ(known_codec("l16")->clock_rate, 16000U);
    EXPECT_EQ(known_codec("Opus")->channels, 2U);
    EXPECT_FALSE(known_codec("g729"));
    EXPECT_FALSE(known_codec(""));
}

TEST(Codecs, AFormatIsItsNameClockAndChannelsAndNotItsNumber) {
    EXPECT_TRUE(same_format({"pcmu", 0, 8000, 1, ""}, {"PCMU", 96, 8000, 1, "x"}));
    EXPECT_FALSE(same_format({"L16", 97, 16000, 1, ""}, {"L16", 97, 8000, 1, ""}));
    EXPECT_FALSE(same_format({"L16", 97, 16000, 1, ""}, {"L16", 97, 16000, 2, ""}));
}

}  // namespace
}  // namespace patchbay::sdp
