// SPDX-License-Identifier: Apache-2.0
// Voice detection: milliseconds of one core per stream and second of audio, the counter
// `ms_per_stream_s`. Weights are drawn by lot: the arithmetic does not know the difference.
#include "speech/vad/gmm_detector.hpp"
#include "speech/vad/silero_network.hpp"
#include "support/silero_reference.hpp"
#include "support/voice_audio.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace patchbay;
using namespace patchbay::speech;

constexpr std::size_t kSeconds = 8;

// All streams hear the same audio from different places on.
const test::Samples& audio() {
    static const test::Samples samples = test::street_noise(kSeconds * 16000, -30);
    return samples;
}

// `windows` of the whole run, of which a second has so many.
void report(benchmark::State& state, double windows, double windows_per_second) {
    state.counters["ms_per_stream_s"] =
        benchmark::Counter(windows / windows_per_second / 1000,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void silero(benchmark::State& state) {
    static const auto network = *SileroNetwork::load(test::SileroReference(1).file());
    const auto count = static_cast<std::size_t>(state.range(0));
    state.SetLabel(network->kernel().name);
    std::vector<SileroStream> streams(count);
    SileroNetwork::Workspace workspace;
    std::vector<SileroJob> jobs;
    std::size_t at = 0;
    for (auto _ : state) {
        jobs.clear();
        for (SileroStream& stream : streams) {
            at = (at + kSileroWindow) % (audio().size() - kSileroWindow);
            jobs.push_back({&stream, std::span(audio()).subspan(at).first<kSileroWindow>()});
        }
        network->judge(jobs, workspace);
        benchmark::DoNotOptimize(jobs.back().probability);
    }
    report(state, static_cast<double>(state.iterations() * state.range(0)),
           16000.0 / kSileroWindow);
}
BENCHMARK(silero)->Arg(1)->Arg(50)->Arg(200);

void gmm(benchmark::State& state) {
    const auto detector = *make_gmm_detector(16000, 0.5);
    const std::size_t length = detector->window_samples();
    std::size_t at = 0;
    for (auto _ : state) {
        at = (at + length) % (audio().size() - length);
        benchmark::DoNotOptimize(detector->judge(std::span(audio()).subspan(at, length)));
    }
    report(state, static_cast<double>(state.iterations()), 50);
}
BENCHMARK(gmm);

}  // namespace
