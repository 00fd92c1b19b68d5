// SPDX-License-Identifier: Apache-2.0
#include "media/codec.hpp"

#include "media/g711.hpp"
#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace patchbay::media {
namespace {

// G.711 section 3, as arithmetic: segment s of mu-law holds 16 steps of 2^(s+3) above a bias of
// 132 (all in 16-bit units).
int ulaw_by_formula(int byte) {
    const int code = 255 - byte;
    const int value =
        static_cast<int>(std::ldexp((code & 15) * 2 + 33, ((code >> 4) & 7) + 2)) - 132;
    return code >= 128 ? -value : value;
}

// Segments 0 and 1 of A-law share a step of 16; the decoded value is the middle of the step.
int alaw_by_formula(int byte) {
    const int code = byte ^ 0x55;
    const int segment = (code >> 4) & 7;
    const double middle = (code & 15) + 0.5 + (segment > 0 ? 16 : 0);
    const int value = static_cast<int>(std::ldexp(middle, (segment > 1 ? segment - 1 : 0) + 4));
    return code >= 128 ? value : -value;
}

TEST(G711, EveryByteDecodesByTheFormula) {
    for (int byte = 0; byte < 256; ++byte) {
        EXPECT_EQ(decode_ulaw(static_cast<std::uint8_t>(byte)), ulaw_by_formula(byte)) << byte;
        EXPECT_EQ(decode_alaw(static_cast<std::uint8_t>(byte)), alaw_by_formula(byte)) << byte;
    }
}

// G.711 tables 1a and 2a: decision values are the ends of equal steps within a segment, so the
// decoded value, their middle, is at most half a step away. At the ends of segments that is not
// the nearest value there is.
TEST(G711, EverySampleIsEncodedAsTheStepThatHoldsIt) {
    constexpr int kUlawClip = 32635;  // 8159 in the standard's 14 bits
    for (int sample = -32768; sample <= 32767; ++sample) {
        const int alaw = encode_alaw(static_cast<std::int16_t>(sample));
        const int alaw_segment = ((alaw ^ 0x55) >> 4) & 7;
        ASSERT_LE(std::abs(sample - alaw_by_formula(alaw)), 8 << std::max(alaw_segment - 1, 0))
            << sample;
        const int ulaw = encode_ulaw(static_cast<std::int16_t>(sample));
        const int ulaw_segment = (~ulaw >> 4) & 7;
        const int clipped = std::clamp(sample, -kUlawClip, kUlawClip);
        ASSERT_LE(std::abs(clipped - ulaw_by_formula(ulaw)), 4 << ulaw_segment) << sample;
    }
}

TEST(G711, EncodingWhatWasDecodedGivesTheSameByte) {
    for (int byte = 0; byte < 256; ++byte) {
        const auto code = static_cast<std::uint8_t>(byte);
        EXPECT_EQ(encode_alaw(decode_alaw(code)), code);
        // mu-law has two zeros; the negative one comes back as the positive one.
        EXPECT_EQ(encode_ulaw(decode_ulaw(code)), code == 0x7F ? 0xFF : code);
    }
}

TEST(G711, APayloadIsItsSamplesOneByOne) {
    std::vector<std::int16_t> samples(65536);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        samples[i] = static_cast<std::int16_t>(i);
    }
    std::vector<std::uint8_t> ulaw(samples.size());
    std::vector<std::uint8_t> alaw(samples.size());
    encode_ulaw(samples, ulaw);
    encode_alaw(samples, alaw);
    for (std::size_t i = 0; i < samples.size(); ++i) {
        ASSERT_EQ(ulaw[i], encode_ulaw(samples[i]));
        ASSERT_EQ(alaw[i], encode_alaw(samples[i]));
    }
}

TEST(G711, KnownCodesOfTheStandard) {
    EXPECT_EQ(encode_ulaw(0), 0xFF);
    EXPECT_EQ(encode_alaw(0), 0xD5);
    EXPECT_EQ(encode_ulaw(32767), 0x80);
    EXPECT_EQ(encode_ulaw(-32768), 0x00);
    EXPECT_EQ(encode_alaw(32767), 0xAA);
    EXPECT_EQ(encode_alaw(-32768), 0x2A);
    EXPECT_EQ(decode_ulaw(0x80), 32124);
    EXPECT_EQ(decode_alaw(0xAA), 32256);
}

struct Named {
    std::string_view name;
    int clock_rate;
    int sample_rate;
    std::size_t bytes_per_20_ms;
};

TEST(Codec, ShapesAreThoseOfRfc3551) {
    for (const Named& row : {Named{"pcmu", 8000, 8000, 160}, Named{"PCMA", 8000, 8000, 160},
                             Named{"G722", 8000, 16000, 160},  // 4.5.2: the clock says 8000
                             Named{"L16", 16000, 16000, 640}, Named{"L16", 44100, 44100, 1764}}) {
        const auto shape = find_codec(row.name, row.clock_rate);
        ASSERT_TRUE(shape) << row.name;
        EXPECT_EQ(shape->sample_rate, row.sample_rate) << row.name;
        const auto samples = static_cast<std::size_t>(row.sample_rate) / 50;
        EXPECT_EQ((*make_encoder(*shape))->encoded_size(samples), row.bytes_per_20_ms) << row.name;
        const Bytes payload(row.bytes_per_20_ms);
        EXPECT_EQ((*make_decoder(*shape))->decoded_size(payload), samples) << row.name;
    }
}

TEST(Codec, WhatWeCannotCarryIsUnsupported) {
    for (const auto& [name, rate] : std::vector<std::pair<std::string_view, int>>{{"PCMU", 16000},
                                                                                  {"G722", 16000},
                                                                                  {"G729", 8000},
                                                                                  {"L16", 11025},
                                                                                  {"L16", 96000},
                                                                                  {"", 8000}}) {
        const auto shape = find_codec(name, rate);
        ASSERT_FALSE(shape) << name << rate;
        EXPECT_EQ(shape.error().code, Errc::Unsupported);
    }
}

// Signal to noise in dB of a 1 kHz tone at -16 dBFS through a codec, after the codec's own delay.
double signal_to_noise(const CodecShape& shape) {
    const auto encoder = *make_encoder(shape);
    const auto decoder = *make_decoder(shape);
    ToneGenerator tone({.frequency = 1000, .level = -16}, shape.sample_rate);
    const auto frame = static_cast<std::size_t>(shape.sample_rate) / 50;
    std::vector<std::int16_t> in(frame * 50);
    std::vector<std::int16_t> out(in.size());
    tone.generate(in);
    std::vector<std::uint8_t> payload(encoder->encoded_size(frame));
    for (std::size_t at = 0; at < in.size(); at += frame) {
        encoder->encode(std::span(in).subspan(at, frame), payload);
        decoder->decode(payload, std::span(out).subspan(at, frame));
    }
    double best = -100;
    for (std::size_t delay = 0; delay < 40; ++delay) {
        double signal = 0;
        double noise = 0;
        for (std::size_t i = frame; i + delay < out.size(); ++i) {
            const double error = out[i + delay] - in[i];
            signal += static_cast<double>(in[i]) * in[i];
            noise += error * error;
        }
        best = std::max(best, 10 * std::log10(signal / std::max(noise, 1.0)));
    }
    return best;
}

TEST(Codec, AToneSurvivesEachCodecWithTheNoiseItsKindAllows) {
    EXPECT_GT(signal_to_noise(*find_codec("PCMU", 8000)), 35);  // G.711 promises about 38 dB
    EXPECT_GT(signal_to_noise(*find_codec("PCMA", 8000)), 35);
    EXPECT_GT(signal_to_noise(*find_codec("G722", 8000)), 25);
    EXPECT_GT(signal_to_noise(*find_codec("L16", 16000)), 80);
}

TEST(Codec, LinearSixteenIsBigEndian) {
    const auto encoder = *make_encoder(*find_codec("L16", 8000));
    std::array<std::uint8_t, 4> payload{};
    EXPECT_EQ(encoder->encode(std::array<std::int16_t, 2>{0x1234, -2}, payload), 4U);
    EXPECT_THAT(payload, testing::ElementsAre(0x12, 0x34, 0xFF, 0xFE));
    const auto decoder = *make_decoder(*find_codec("L16", 8000));
    std::array<std::int16_t, 2> samples{};
    EXPECT_EQ(decoder->decode(payload, samples), 2U);
    EXPECT_THAT(samples, testing::ElementsAre(0x1234, -2));
}

}  // namespace
}  // namespace patchbay::media
