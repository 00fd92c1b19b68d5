// SPDX-License-Identifier: Apache-2.0
// What a loudspeaker at the caller's end says is not the caller.
#include "speech/echo_canceller.hpp"

#include "media/level.hpp"
#include "support/voice_audio.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace patchbay::speech {
namespace {

using test::Samples;

constexpr std::size_t kSecond = 16000;

// About twelve seconds of our voice.
Samples played() {
    Samples all;
    for (const char* const text :
         {"The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.",
          "Rice is often served in round bowls. The juice of lemons makes fine punch.",
          "The box was thrown beside the parked truck. Four hours of steady work faced us."}) {
        const Samples part = test::spoken(text);
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

// What comes back of it: 20 dB lower, `delay` later, and once more from a wall.
Samples echo_of(const Samples& far, Milliseconds delay) {
    Samples out(far.size());
    const auto late = static_cast<std::size_t>(delay.count()) * 16;
    for (std::size_t i = late + 40; i < far.size(); ++i) {
        out[i] =
            static_cast<std::int16_t>(std::lround(0.1 * far[i - late] + 0.03 * far[i - late - 40]));
    }
    return out;
}

Samples sum(const Samples& a, const Samples& b, std::size_t at) {
    Samples out = a;
    for (std::size_t i = 0; i < b.size() && at + i < out.size(); ++i) {
        out[at + i] = static_cast<std::int16_t>(std::clamp(out[at + i] + b[i], -32768, 32767));
    }
    return out;
}

Samples passed(const Samples& far, const Samples& near, Nanoseconds waited = Nanoseconds(0)) {
    EchoCanceller canceller;
    Samples out;
    for (std::size_t at = 0; at + media::kFrameSamples <= near.size(); at += media::kFrameSamples) {
        media::Frame frame;
        std::copy_n(near.begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
        canceller.process(frame, waited);
        out.insert(out.end(), frame.begin(), frame.end());
        std::copy_n(far.begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
        canceller.play(frame);
    }
    return out;
}

double level(const Samples& all, std::size_t from, std::size_t count) {
    return media::rms_level(std::span(all).subspan(from, count));
}

TEST(EchoCanceller, AfterTwoSecondsTheEchoIs20DecibelsLower) {
    struct Row {
        Milliseconds delay;
        Milliseconds waited;  // of it, in our own buffer
    };
    const Samples far = played();
    for (const Row& row :
         {Row{Milliseconds(60), Milliseconds(0)}, Row{Milliseconds(60), Milliseconds(40)},
          Row{Milliseconds(150), Milliseconds(60)}, Row{Milliseconds(240), Milliseconds(120)}}) {
        const Samples near = echo_of(far, row.delay);
        const Samples out = passed(far, near, row.waited);
        for (std::size_t at = 2 * kSecond; at + kSecond <= out.size(); at += kSecond) {
            EXPECT_LE(level(out, at, kSecond), level(near, at, kSecond) - 20)
                << row.delay.count() << " ms, second " << at / kSecond;
        }
    }
}

TEST(EchoCanceller, ACallerWhoSpeaksOverItIsHeard) {
    const Samples far = played();
    const Samples voice = test::spoken("Hello, I would like to speak to a person.", "rms");
    const std::size_t begin = 6 * kSecond;
    const Samples near = sum(echo_of(far, Milliseconds(60)), voice, begin);
    const Samples out = passed(far, near);
    EXPECT_GE(level(out, begin, voice.size()), level(voice, 0, voice.size()) - 9);
}

TEST(EchoCanceller, WithoutAnEchoTheCallerComesOutAsHeIsALittleLater) {
    const Samples voice = test::spoken("Hello, I would like to speak to a person.", "rms");
    const Samples out = passed(Samples(voice.size()), voice);
    EXPECT_NEAR(level(out, 0, out.size()), level(voice, 0, voice.size()), 1);
    double best = 0;
    std::size_t late = 0;
    for (std::size_t lag = 0; lag < 400; ++lag) {
        double product = 0;
        for (std::size_t i = lag; i < out.size(); ++i) {
            product += static_cast<double>(out[i]) * voice[i - lag];
        }
        if (product > best) {
            best = product;
            late = lag;
        }
    }
    EXPECT_NEAR(static_cast<double>(media::duration_of(late).count()) / 1e6,
                static_cast<double>(EchoCanceller::kDelay.count()) / 1e6, 1);
}

}  // namespace
}  // namespace patchbay::speech
