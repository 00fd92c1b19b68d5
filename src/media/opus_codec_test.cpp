// SPDX-License-Identifier: Apache-2.0
#include "media/opus_codec.hpp"

#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "support/track_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <opus.h>

#include <vector>

namespace patchbay::media {
namespace {

const CodecShape kOpus = *find_codec("opus", 48000);

// A voice-like sound that changes all the time, so that what is made up differs from what was said.
std::vector<std::int16_t> chirps(std::size_t frames) {
    std::vector<std::int16_t> out;
    for (std::size_t i = 0; i < frames; ++i) {
        ToneGenerator tone({.frequency = 300 + 150 * static_cast<double>(i % 7),
                            .second_frequency = 900 + 130 * static_cast<double>(i % 5),
                            .level = -15});
        Frame frame;
        tone.generate(frame);
        out.insert(out.end(), frame.begin(), frame.end());
    }
    return out;
}

std::vector<Bytes> encoded(std::span<const std::int16_t> sound, const EncoderOptions& options) {
    const auto encoder = *make_encoder(kOpus, options);
    Bytes room(encoder->encoded_size(kFrameSamples));
    std::vector<Bytes> packets;
    for (std::size_t at = 0; at + kFrameSamples <= sound.size(); at += kFrameSamples) {
        const std::size_t size = encoder->encode(sound.subspan(at, kFrameSamples), room);
        packets.emplace_back(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(size));
    }
    return packets;
}

TEST(Opus, CountsAt48000AndCarriesWhatFramesHave) {
    EXPECT_EQ(kOpus.clock_rate, 48000);
    EXPECT_EQ(kOpus.sample_rate, kSampleRate);
    EXPECT_FALSE(find_codec("opus", 16000));  // RFC 7587 4.1
}

TEST(Opus, FramesLastTenTwentyFortyOrSixtyMilliseconds) {
    for (const auto& [wanted, sent] : std::vector<std::pair<int, int>>{
             {1, 10}, {10, 10}, {20, 20}, {30, 20}, {40, 40}, {60, 60}, {100, 60}}) {
        EXPECT_EQ(packet_time(kOpus, Milliseconds(wanted)), Milliseconds(sent)) << wanted;
    }
}

TEST(Opus, ALostPacketIsTakenFromTheCopyInTheNextOne) {
    const auto sound = chirps(50);
    const auto packets = encoded(sound, {.error_correction = true});
    // The same stream with one packet lost, once with and once without the copy.
    const auto error = [&](bool use_copy) {
        const auto whole = *make_decoder(kOpus);
        const auto decoder = *make_decoder(kOpus);
        double sum = 0;
        for (std::size_t i = 0; i < packets.size(); ++i) {
            Frame said{};
            Frame heard{};
            whole->decode(packets[i], said);
            if (i % 5 == 4 && i + 1 < packets.size()) {
                const ByteView next = use_copy ? ByteView(packets[i + 1]) : ByteView();
                EXPECT_TRUE(decoder->conceal(next, heard));
                for (std::size_t k = 0; k < said.size(); ++k) {
                    const double difference = said[k] - heard[k];
                    sum += difference * difference;
                }
            } else {
                decoder->decode(packets[i], heard);
            }
        }
        return sum;
    };
    EXPECT_LT(error(true), error(false) / 2);
}

TEST(Opus, WithoutErrorCorrectionPacketsAreSmaller) {
    const auto sound = chirps(50);
    const auto size = [&](bool copies) {
        std::size_t bytes = 0;
        for (const Bytes& packet :
             encoded(sound, {.bit_rate = 24'000, .error_correction = copies})) {
            bytes += packet.size();
        }
        return bytes;
    };
    EXPECT_NE(size(true), size(false));
}

TEST(Opus, SilenceIsNotSentWhereTheFarSideAllowsIt) {
    const std::vector<std::int16_t> silence(kFrameSamples * 100);
    const auto count = [&](bool discontinuous) {
        return std::ranges::count_if(encoded(silence, {.discontinuous = discontinuous}),
                                     [](const Bytes& packet) { return !packet.empty(); });
    };
    EXPECT_EQ(count(false), 100);
    EXPECT_LT(count(true), 30);
}

TEST(Opus, TheBitRateIsKept) {
    for (const int bit_rate : {12'000, 24'000, 48'000}) {
        std::size_t bytes = 0;
        const auto packets =
            encoded(chirps(100), {.bit_rate = bit_rate, .error_correction = false});
        for (const Bytes& packet : packets) {
            bytes += packet.size();
        }
        EXPECT_NEAR(static_cast<double>(bytes) * 8 / 2, bit_rate, 0.3 * bit_rate) << bit_rate;
    }
}

TEST(Opus, DamagedPayloadsAreNoSoundAndNoHarm) {
    const auto decoder = *make_decoder(kOpus);
    Frame out;
    EXPECT_EQ(decoder->decoded_size({}), 0U);
    EXPECT_EQ(decoder->decoded_size(Bytes{0xFF}), 0U);  // code 3 without its count
    EXPECT_EQ(decoder->decode(Bytes{0xFF, 0xFF, 0xFF}, out), 0U);
    EXPECT_TRUE(decoder->conceal(Bytes{0xFF}, out));
}

// RFC 7587 4.2: a stereo packet is a packet like any other to a mono receiver.
TEST(Opus, StereoIsHeardAsMono) {
    int error = 0;
    OpusEncoder* const encoder = opus_encoder_create(48000, 2, OPUS_APPLICATION_AUDIO, &error);
    ASSERT_EQ(error, OPUS_OK);
    ToneGenerator tone({.frequency = 1000, .level = -12}, 48000);
    const auto decoder = *make_decoder(kOpus);
    std::vector<std::int16_t> heard;
    for (int i = 0; i < 50; ++i) {
        std::vector<std::int16_t> mono(960);
        tone.generate(mono);
        std::vector<std::int16_t> stereo;
        for (const std::int16_t sample : mono) {
            stereo.insert(stereo.end(), {sample, sample});
        }
        Bytes packet(1275);
        const int size = opus_encode(encoder, stereo.data(), 960, packet.data(), 1275);
        ASSERT_GT(size, 0);
        Frame frame;
        ASSERT_EQ(decoder->decode(ByteView(packet).first(static_cast<std::size_t>(size)), frame),
                  kFrameSamples);
        heard.insert(heard.end(), frame.begin(), frame.end());
    }
    opus_encoder_destroy(encoder);
    const auto found = find_tone(std::span(heard).last(8000), kSampleRate);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->frequency, 1000, 1);
    EXPECT_NEAR(found->level, -12, 0.5);
}

// What the server hears of chirps when every fifth packet is lost from the second second on.
std::vector<std::int16_t> heard_over_a_line(bool copies, bool loss) {
    Line line;
    // Reports do not come back, or the encoder would not say the same in both cases.
    auto here = settings(kStranger, "opus");
    here.format.encoder.error_correction = copies;
    auto there = settings(kCaller, "opus");
    there.send = false;
    line.configure(here, there);
    const auto sound = chirps(300);
    std::vector<std::int16_t> heard;
    for (std::size_t i = 0; i < 300; ++i) {
        line.lose_every = loss && i >= 50 ? 5 : 0;
        Frame frame;
        std::copy_n(sound.begin() + static_cast<std::ptrdiff_t>(i * kFrameSamples), kFrameSamples,
                    frame.begin());
        line.tick(frame);
        heard.insert(heard.end(), line.heard.begin(), line.heard.end());
    }
    return heard;
}

TEST(OpusTrack, LossIsRepairedByTheCopiesInTheNextPackets) {
    const auto error = [](bool copies) {
        const auto whole = heard_over_a_line(copies, false);
        const auto damaged = heard_over_a_line(copies, true);
        double sum = 0;
        for (std::size_t i = 16000; i < whole.size(); ++i) {
            const double difference = whole[i] - damaged[i];
            sum += difference * difference;
        }
        return sum;
    };
    EXPECT_LT(error(true), error(false) / 2);
}

TEST(OpusTrack, KeysTravelBesideItAt48000) {
    Line line;
    auto here = settings(kServer, "opus");
    auto there = settings(kCaller, "opus");
    here.format.telephone_event_rate = there.format.telephone_event_rate = 48000;
    line.configure(here, there);
    line.play({.level = -12}, 25);
    ASSERT_TRUE(line.caller.send_digits("19#"));
    line.play({.level = -12}, 80);
    EXPECT_EQ(line.digits(), "19#");
}

TEST(OpusTrack, NothingIsSentInSilenceAndNothingCountsAsLost) {
    Line line;
    auto here = settings(kServer, "opus");
    here.format.encoder.discontinuous = true;
    line.configure(here, settings(kCaller, "opus"));
    line.play({.frequency = 500, .level = -12}, 50);
    const int before = line.sent;
    line.pass(200);
    EXPECT_LT(line.sent - before, 80);
    const auto heard = line.play({.frequency = 500, .level = -12}, 50);
    const auto tone = find_tone(std::span(heard).last(8000), kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 500, 1);
    EXPECT_EQ(line.server.statistics().session.packets_lost, 0);
}

}  // namespace
}  // namespace patchbay::media
