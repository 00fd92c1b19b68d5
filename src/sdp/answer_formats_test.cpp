// SPDX-License-Identifier: Apache-2.0
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
using test::local_media;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// which codec: local words, offered section, whose order, and what comes of it

struct CodecChoice {
    std::vector<std::string_view> ours;
    const char* offered;
    CodecOrder order;
    const char* name;
    int payload_type;
};

class AnsweredCodec : public testing::TestWithParam<CodecChoice> {};

TEST_P(AnsweredCodec, IsChosenByNameAndTheOrderThatCounts) {
    LocalMedia media = local_media(GetParam().ours);
    media.order = GetParam().order;
    const NegotiatedAudio audio = answer(GetParam().offered, media).audio;
    EXPECT_EQ(audio.codec.name, GetParam().name);
    EXPECT_EQ(audio.codec.payload_type, GetParam().payload_type);
    EXPECT_EQ(audio.receive_payload_type, GetParam().payload_type)
        << "RFC 3264 6.1: the offer's number";
    EXPECT_THAT(audio.receivable, ElementsAre(audio.codec));
}

constexpr auto kOurs = CodecOrder::Ours;
constexpr auto kTheirs = CodecOrder::Theirs;

INSTANTIATE_TEST_SUITE_P(
    Choices,
    AnsweredCodec,
    testing::Values(
        CodecChoice{{"pcmu", "pcma"}, "m=audio 6000 RTP/AVP 8 0\r\n", kOurs, "PCMU", 0},
        CodecChoice{{"pcmu", "pcma"}, "m=audio 6000 RTP/AVP 8 0\r\n", kTheirs, "PCMA", 8},
        CodecChoice{{"g722", "pcmu"}, "m=audio 6000 RTP/AVP 0 9\r\n", kOurs, "G722", 9},
        CodecChoice{{"g722", "pcmu"}, "m=audio 6000 RTP/AVP 0 8\r\n", kOurs, "PCMU", 0},
        CodecChoice{{"pcma"}, "m=audio 6000 RTP/AVP 18 3 8\r\n", kTheirs, "PCMA", 8},
        CodecChoice{{"opus", "pcmu"},
                    "m=audio 6000 RTP/AVP 0 96\r\na=rtpmap:96 OPUS/48000/2\r\n",
                    kOurs,
                    "OPUS",
                    96},
        CodecChoice{{"opus", "pcmu"},
                    "m=audio 6000 RTP/AVP 0 111\r\na=rtpmap:111 AMR/8000\r\n",
                    kOurs,
                    "PCMU",
                    0},
        CodecChoice{{"l16", "pcmu"}, "m=audio 6000 RTP/AVP 0 11\r\n", kOurs, "PCMU", 0},
        CodecChoice{
            {"l16"}, "m=audio 6000 RTP/AVP 120\r\na=rtpmap:120 L16/16000/1\r\n", kOurs, "L16", 120},
        CodecChoice{{"pcmu"},
                    "m=audio 6000 RTP/AVP 101 0\r\na=rtpmap:101 telephone-event/8000\r\n",
                    kTheirs,
                    "PCMU",
                    0},
        CodecChoice{
            {"pcmu"},
            "m=audio 6000 RTP/AVP 0 0 0\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:0 PCMU/8000\r\n",
            kOurs,
            "PCMU",
            0},
        CodecChoice{
            {"pcmu"},
            "m=audio 6000 RTP/AVP 96 97\r\na=rtpmap:96 PCMU/8000\r\na=rtpmap:97 PCMU/8000\r\n",
            kOurs,
            "PCMU",
            96},
        CodecChoice{
            {"g722"}, "m=audio 6000 RTP/AVP 9\r\na=rtpmap:9 g722/8000/1\r\n", kOurs, "g722", 9},
        CodecChoice{{"pcmu"}, "m=audio 6000 RTP/AVPF 0\r\n", kOurs, "PCMU", 0}));

// What was answered, as the offerer sees it: the first usable format of the answer is sent.
struct AnswerToUs {
    const char* answered;
    const char* name;
    int send;
    int receive;
    std::vector<int> receivable;
};

class AppliedCodec : public testing::TestWithParam<AnswerToUs> {};

TEST_P(AppliedCodec, IsSentByTheAnswersNumberAndHeardByOurs) {
    const NegotiatedAudio audio =
        applied(GetParam().answered, local_media({"pcmu", "pcma", "g722", "opus"}));
    EXPECT_EQ(audio.codec.name, GetParam().name);
    EXPECT_EQ(audio.codec.payload_type, GetParam().send);
    EXPECT_EQ(audio.receive_payload_type, GetParam().receive);
    std::vector<int> receivable;
    for (const Codec& codec : audio.receivable) {
        receivable.push_back(codec.payload_type);
    }
    EXPECT_EQ(receivable, GetParam().receivable);
}

INSTANTIATE_TEST_SUITE_P(
    Answers,
    AppliedCodec,
    testing::Values(
        AnswerToUs{"m=audio 6000 RTP/AVP 8\r\n", "PCMA", 8, 8, {8}},
        AnswerToUs{"m=audio 6000 RTP/AVP 9 0 8\r\n", "G722", 9, 9, {9, 0, 8}},
        AnswerToUs{
            "m=audio 6000 RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n", "opus", 111, 111, {111}},
        AnswerToUs{
            "m=audio 6000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\n", "opus", 96, 111, {111}},
        AnswerToUs{"m=audio 6000 RTP/AVP 120\r\na=rtpmap:120 opus/48000/2\r\n",
                   "opus",
                   120,
                   111,
                   {111, 120}},
        AnswerToUs{"m=audio 6000 RTP/AVP 101 0\r\na=rtpmap:101 telephone-event/8000\r\n",
                   "PCMU",
                   0,
                   0,
                   {0}},
        AnswerToUs{"m=audio 6000 RTP/AVP 18 8\r\n", "PCMA", 8, 8, {8}},
        AnswerToUs{"m=audio 6000 RTP/AVP 13 8\r\n", "PCMA", 8, 8, {8}}));

// telephone-event, at whatever number

struct Events {
    const char* offered;
    std::optional<NegotiatedTelephoneEvent> expected;
    const char* answered;  // a line of our answer
};

class AnsweredEvents : public testing::TestWithParam<Events> {};

TEST_P(AnsweredEvents, AreFoundByName) {
    const Answer result =
        answer("m=audio 6000 RTP/AVP 0 96 97 101\r\n" + std::string(GetParam().offered));
    EXPECT_EQ(result.audio.telephone_event, GetParam().expected);
    EXPECT_THAT(result.description.to_string(), HasSubstr(GetParam().answered));
}

INSTANTIATE_TEST_SUITE_P(
    Numbers,
    AnsweredEvents,
    testing::Values(Events{"a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n",
                           {{101, 101, 8000}},
                           "a=fmtp:101 0-16\r\n"},
                    Events{"a=rtpmap:96 telephone-event/8000\r\na=fmtp:96 0-15\r\n",
                           {{96, 96, 8000}},
                           "a=fmtp:96 0-15\r\n"},
                    Events{"a=rtpmap:97 TELEPHONE-EVENT/8000\r\n",
                           {{97, 97, 8000}},
                           "m=audio 4000 RTP/AVP 0 97\r\n"},
                    Events{
                        "a=rtpmap:96 telephone-event/48000\r\na=rtpmap:97 telephone-event/8000\r\n",
                        {{97, 97, 8000}},
                        "0 97\r\n"},
                    Events{"a=rtpmap:96 telephone-event/48000\r\n", {{96, 96, 48000}}, "0 96\r\n"},
                    Events{"a=rtpmap:101 opus/48000/2\r\n", std::nullopt, "RTP/AVP 0\r\n"},
                    Events{"", std::nullopt, "RTP/AVP 0\r\n"}));

TEST(TelephoneEvents, EachSideIsSentItsOwnNumber) {
    const auto audio = applied("m=audio 6000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n");
    EXPECT_EQ(audio.telephone_event, (NegotiatedTelephoneEvent{96, 101, 8000}));
}

TEST(TelephoneEvents, WhatWeDoNotOfferIsNotUsed) {
    LocalMedia media = local_media();
    media.telephone_event = false;
    EXPECT_FALSE(applied("m=audio 6000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n", media)
                     .telephone_event);
    EXPECT_FALSE(answer("m=audio 6000 RTP/AVP 0 96\r\na=rtpmap:96 telephone-event/8000\r\n", media)
                     .audio.telephone_event);
}

// packet times

struct PacketTime {
    const char* attributes;
    int ours;
    int expected;
};

class PacketTimes : public testing::TestWithParam<PacketTime> {};

TEST_P(PacketTimes, AreWhatThePeerAsksForWithinOurRange) {
    LocalMedia media = local_media();
    media.ptime = Milliseconds(GetParam().ours);
    const std::string section = "m=audio 6000 RTP/AVP 0\r\n" + std::string(GetParam().attributes);
    EXPECT_EQ(answer(section, media).audio.ptime, Milliseconds(GetParam().expected));
    EXPECT_EQ(applied(section, media).ptime, Milliseconds(GetParam().expected));
}

INSTANTIATE_TEST_SUITE_P(Table,
                         PacketTimes,
                         testing::Values(PacketTime{"", 20, 20},
                                         PacketTime{"", 30, 30},
                                         PacketTime{"a=ptime:10\r\n", 20, 10},
                                         PacketTime{"a=ptime:30\r\n", 20, 30},
                                         PacketTime{"a=ptime:60\r\n", 20, 60},
                                         PacketTime{"a=ptime:50\r\n", 20, 40},
                                         PacketTime{"a=ptime:25\r\n", 20, 20},
                                         PacketTime{"a=ptime:0\r\n", 20, 20},
                                         PacketTime{"a=ptime:1\r\n", 20, 10},
                                         PacketTime{"a=ptime:65535\r\n", 20, 60},
                                         PacketTime{"a=ptime:4294967296\r\n", 20, 20},
                                         PacketTime{"a=ptime:-20\r\n", 20, 20},
                                         PacketTime{"a=ptime:20.0\r\n", 20, 20},
                                         PacketTime{"a=ptime\r\n", 20, 20},
                                         PacketTime{"a=ptime: 30 \r\n", 20, 30},
                                         PacketTime{"a=maxptime:10\r\n", 20, 10},
                                         PacketTime{"a=ptime:60\r\na=maxptime:40\r\n", 20, 40},
                                         PacketTime{"a=maxptime:0\r\n", 20, 20},
                                         PacketTime{"a=maxptime:1\r\n", 20, 10}));

}  // namespace
}  // namespace patchbay::sdp
