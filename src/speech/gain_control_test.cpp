// SPDX-License-Identifier: Apache-2.0
// What is done to a caller's audio before anybody listens: noise out, voice to one level.
#include "speech/gain_control.hpp"

#include "media/level.hpp"
#include "speech/noise_suppressor.hpp"
#include "support/voice_audio.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace patchbay::speech {
namespace {

using test::Samples;

template <class Stage>
Samples passed(Stage& stage, const Samples& in) {
    Samples out;
    for (std::size_t at = 0; at + media::kFrameSamples <= in.size(); at += media::kFrameSamples) {
        media::Frame frame;
        std::copy_n(in.begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
        stage.process(frame);
        out.insert(out.end(), frame.begin(), frame.end());
    }
    return out;
}

Samples talk(double gain) {
    Samples out;
    for (int i = 0; i < 5; ++i) {
        for (const std::int16_t sample :
             test::spoken("The birch canoe slid on the smooth planks.")) {
            out.push_back(static_cast<std::int16_t>(std::clamp(gain * sample, -32768.0, 32767.0)));
        }
        out.resize(out.size() + 8000);
    }
    return out;
}

double peak_of(std::span<const std::int16_t> samples) {
    return 20 * std::log10(std::max(media::peak(samples), 1) / 32768.0);
}

TEST(GainControl, AQuietAndALoudCallerComeOutAlike) {
    for (const double gain : {0.05, 0.3, 1.0}) {
        GainControl control;
        const Samples out = passed(control, talk(gain));
        EXPECT_NEAR(peak_of(std::span(out).last(out.size() / 5)), -5, 3) << gain;
    }
}

TEST(GainControl, NothingIsEverClipped) {
    GainControl control;
    Samples both = talk(0.03);
    const Samples loud = talk(1.0);
    both.insert(both.end(), loud.begin(), loud.end());
    EXPECT_LE(media::peak(passed(control, both)), 32000);
}

TEST(GainControl, TheGainChangesSlowly) {
    GainControl control;
    const Samples quiet = talk(0.03);
    double before = control.gain();
    for (std::size_t at = 0; at + 320 <= quiet.size(); at += 320) {
        media::Frame frame;
        std::copy_n(quiet.begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
        control.process(frame);
        EXPECT_LE(std::abs(control.gain() - before), 6 * 0.02 + 1e-9);
        before = control.gain();
    }
    EXPECT_GT(before, 20);
}

TEST(GainControl, NoiseAloneIsNotRaisedAboveItsLimit) {
    GainControl control;
    const Samples out = passed(control, test::pink_noise(16000 * 30, -60));
    EXPECT_LE(media::rms_level(std::span(out).last(16000)), -48);
}

TEST(NoiseSuppressor, NoiseFallsAndTheVoiceStays) {
    NoiseSuppressor suppressor;
    const Samples noise = test::pink_noise(16000 * 6, -45);
    Samples in = noise;
    const Samples voice = test::spoken("Four hours of steady work faced us.");
    const std::size_t at = std::size_t{3} * 16000;
    for (std::size_t i = 0; i < voice.size() && at + i < in.size(); ++i) {
        in[at + i] = static_cast<std::int16_t>(std::clamp(in[at + i] + voice[i], -32768, 32767));
    }
    const Samples out = passed(suppressor, in);
    const auto quiet = [&](const Samples& all) { return std::span(all).subspan(32000, 14000); };
    EXPECT_LE(media::rms_level(quiet(out)), media::rms_level(quiet(in)) - 9);
    const auto loud = [&](const Samples& all) { return std::span(all).subspan(at, voice.size()); };
    EXPECT_NEAR(media::rms_level(loud(out)), media::rms_level(loud(in)), 1.5);
}

// Pins the prototypes of the library's core: a wrong one would not be late by exactly this.
TEST(NoiseSuppressor, IsAsLateAsItSays) {
    NoiseSuppressor suppressor;
    const Samples voice = test::spoken("Rice is often served in round bowls.");
    const Samples out = passed(suppressor, voice);
    const auto likeness = [&](std::size_t late) {
        double sum = 0;
        for (std::size_t i = 8000; i + 8000 < out.size(); ++i) {
            sum += static_cast<double>(out[i]) * voice[i - late];
        }
        return sum;
    };
    std::size_t best = 0;
    for (std::size_t late = 1; late < 400; ++late) {
        best = likeness(late) > likeness(best) ? late : best;
    }
    EXPECT_NEAR(static_cast<double>(best),
                static_cast<double>(media::samples_in(NoiseSuppressor::kDelay)), 100);
}

}  // namespace
}  // namespace patchbay::speech
