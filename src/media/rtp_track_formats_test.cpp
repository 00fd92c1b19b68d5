// SPDX-License-Identifier: Apache-2.0
// A stream that changes its codec, with and without a word before, and numbers that differ by
// direction.
#include "media/tone_detector.hpp"
#include "support/track_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace patchbay::media {
namespace {

double heard_frequency(const std::vector<std::int16_t>& heard) {
    const auto tone = find_tone(std::span(heard).last(8000), kSampleRate);
    return tone ? tone->frequency : 0;
}

// What the server can hear; it sends PCMU.
TrackSettings hearing(const std::vector<std::string>& codecs) {
    TrackSettings out = settings(kCaller);
    out.receive_formats.emplace();
    for (const std::string& codec : codecs) {
        out.receive_formats->codecs.push_back(format_named(codec));
    }
    out.receive_formats->telephone_event = 101;
    return out;
}

// RFC 3264 5.1: a sender may change between the agreed formats from one packet to the next.
TEST(TrackFormats, TheSenderMayChangeAmongThoseAgreedWithoutAWord) {
    Line line;
    const TrackSettings server = hearing({"PCMU", "PCMA", "G722"});
    line.configure(settings(kServer), server);
    EXPECT_NEAR(heard_frequency(line.play({.frequency = 500, .level = -12}, 50)), 500, 1);
    for (const auto& [codec, frequency] : std::vector<std::pair<std::string, double>>{
             {"PCMA", 700}, {"G722", 5000}, {"PCMU", 900}}) {
        line.configure(settings(kServer, codec), server);
        EXPECT_NEAR(heard_frequency(line.play({.frequency = frequency, .level = -12}, 50)),
                    frequency, 2)
            << codec;
    }
    EXPECT_EQ(line.server.statistics().session.packets_lost, 0);
    EXPECT_EQ(line.server.statistics().refused, 0U);
}

// RFC 7160: the timestamps before and after cannot be compared.
TEST(TrackFormats, AChangeToAnotherClockIsHeardToo) {
    Line line;
    const TrackSettings server = hearing({"PCMU", "opus"});
    line.configure(settings(kServer), server);
    line.play({.frequency = 500, .level = -12}, 50);
    line.configure(settings(kServer, "opus"), server);
    EXPECT_NEAR(heard_frequency(line.play({.frequency = 800, .level = -12}, 60)), 800, 2);
    line.configure(settings(kServer), server);
    EXPECT_NEAR(heard_frequency(line.play({.frequency = 600, .level = -12}, 60)), 600, 2);
    EXPECT_EQ(line.server.statistics().refused, 0U);
}

TEST(TrackFormats, WhatWasNotAgreedIsNotHeard) {
    Line line;
    line.configure(settings(kServer, "PCMA"), hearing({"PCMU", "G722"}));
    const auto heard = line.play({.frequency = 500, .level = -12}, 25);
    EXPECT_FALSE(find_tone(heard, kSampleRate));
    EXPECT_EQ(line.server.statistics().refused, 25U);
}

// RFC 3264 8.3.2: packets of before the new description are still under way.
TEST(TrackFormats, PacketsOfTheFormatOfBeforeAreHeardAfterAReoffer) {
    Line line;
    line.configure(settings(kServer), settings(kCaller));
    line.play({.frequency = 500, .level = -12}, 50);
    line.configure(settings(kServer), settings(kCaller, "PCMA"));  // the caller does not know yet
    EXPECT_NEAR(heard_frequency(line.play({.frequency = 500, .level = -12}, 50)), 500, 1);
    line.configure(settings(kServer, "PCMA"), settings(kCaller, "PCMA"));
    EXPECT_NEAR(heard_frequency(line.play({.frequency = 600, .level = -12}, 50)), 600, 1);
    EXPECT_EQ(line.server.statistics().refused, 0U);
}

TEST(TrackFormats, EachDirectionHasItsOwnNumbers) {
    Line line;
    auto caller = settings(kServer, "L16");
    caller.format.payload_type = 97;
    caller.format.telephone_event = 98;
    auto server = settings(kCaller, "L16");
    server.format.payload_type = 111;
    server.format.telephone_event = 97;  // theirs for keys is ours for audio
    server.receive_formats = ReceiveFormats{
        .codecs = {{server.format.codec, 97}}, .telephone_event = 98, .comfort_noise = {}};
    caller.receive_formats = ReceiveFormats{
        .codecs = {{caller.format.codec, 111}}, .telephone_event = 97, .comfort_noise = {}};
    line.configure(caller, server);
    EXPECT_NEAR(heard_frequency(line.play({.frequency = 500, .level = -12}, 50)), 500, 1);
    ASSERT_TRUE(line.caller.send_digits("6"));
    ASSERT_TRUE(line.server.send_digits("8"));
    line.pass(20);
    EXPECT_EQ(line.digits(), "6");
    ASSERT_EQ(line.out_of_caller.events.size(), 1U);
    EXPECT_EQ(std::get<DigitReceived>(line.out_of_caller.events[0]).digit, '8');
}

}  // namespace
}  // namespace patchbay::media
