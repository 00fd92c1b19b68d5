// SPDX-License-Identifier: Apache-2.0
// What cleans a caller's audio: microseconds per frame of 20 ms.
#include "media/frame.hpp"
#include "speech/asr/high_band_fill.hpp"
#include "speech/echo_canceller.hpp"
#include "speech/gain_control.hpp"
#include "speech/noise_suppressor.hpp"
#include "support/voice_audio.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstddef>
#include <string>

namespace {

using namespace patchbay;

// Speech over a street, 16 kHz.
const test::Samples& audio() {
    static const test::Samples samples = [] {
        test::Samples noise = test::street_noise(8 * 16000, -40);
        const test::Samples voice = test::spoken("The birch canoe slid on the smooth planks.");
        for (std::size_t i = 0; i < noise.size(); ++i) {
            const int sum = noise[i] + voice[i % voice.size()];
            noise[i] = static_cast<std::int16_t>(std::clamp(sum, -32768, 32767));
        }
        return noise;
    }();
    return samples;
}

template <class Stage>
void per_frame(benchmark::State& state) {
    Stage stage;
    std::size_t at = 0;
    for (auto _ : state) {
        media::Frame frame;
        std::copy_n(audio().begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
        stage.process(frame);
        benchmark::DoNotOptimize(frame);
        at = (at + frame.size()) % (audio().size() - frame.size());
    }
}
BENCHMARK_TEMPLATE(per_frame, speech::NoiseSuppressor)->Name("denoise");
BENCHMARK_TEMPLATE(per_frame, speech::GainControl)->Name("agc");
BENCHMARK_TEMPLATE(per_frame, speech::HighBandFill)->Name("high_band_fill");

// A frame each way; what is played comes back at once.
void echo_cancel(benchmark::State& state) {
    speech::EchoCanceller canceller;
    std::size_t at = 0;
    for (auto _ : state) {
        media::Frame frame;
        std::copy_n(audio().begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
        canceller.play(frame);
        canceller.process(frame, Nanoseconds(0));
        benchmark::DoNotOptimize(frame);
        at = (at + frame.size()) % (audio().size() - frame.size());
    }
}
BENCHMARK(echo_cancel);

}  // namespace
