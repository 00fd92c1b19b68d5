// SPDX-License-Identifier: Apache-2.0
// The arithmetic against the formulas, over drawn weights; tests/compat holds it against the
// original's, where those can be fetched.
#include "speech/vad/silero_network.hpp"

#include "support/silero_reference.hpp"
#include "support/voice_audio.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace patchbay::speech {
namespace {

constexpr std::uint32_t kSeed = 7;
constexpr std::size_t kWindows = 20;

std::vector<const SileroKernel*> kernels() {
    std::vector<const SileroKernel*> all{&kSileroGeneric};
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        all.push_back(&kSileroAvx2);
    }
    if (__builtin_cpu_supports("avx512f")) {
        all.push_back(&kSileroAvx512);
    }
#endif
    return all;
}

std::shared_ptr<const SileroNetwork> network(const SileroKernel& kernel) {
    return *SileroNetwork::load(test::SileroReference(kSeed).file(), kernel);
}

std::span<const std::int16_t, kSileroWindow> window_of(const test::Samples& samples,
                                                       std::size_t index) {
    return std::span(samples).subspan(index * kSileroWindow).first<kSileroWindow>();
}

test::Samples audio(std::uint32_t seed) {
    return test::pink_noise(kWindows * kSileroWindow, -20, seed);
}

TEST(SileroNetwork, EveryKernelFollowsTheFormulas) {
    const test::Samples samples = audio(1);
    test::SileroReference reference(kSeed);
    std::vector<double> expected;
    for (std::size_t i = 0; i < kWindows; ++i) {
        expected.push_back(reference.judge(window_of(samples, i)));
    }
    const auto [least, most] = std::ranges::minmax(expected);
    ASSERT_GT(most - least, 0.02) << "the drawn weights see no difference: draw others";
    for (const SileroKernel* kernel : kernels()) {
        const auto net = network(*kernel);
        SileroNetwork::Workspace workspace;
        SileroStream stream;
        for (std::size_t i = 0; i < kWindows; ++i) {
            SileroJob job{&stream, window_of(samples, i)};
            net->judge({&job, 1}, workspace);
            EXPECT_NEAR(static_cast<double>(job.probability), expected[i], 1e-4)
                << kernel->name << " window " << i;
        }
    }
}

TEST(SileroNetwork, StreamsJudgedTogetherAreJudgedAsAlone) {
    constexpr std::size_t kStreams = 41;  // full passes of every kernel, and every kind of rest
    std::vector<test::Samples> samples;
    for (std::uint32_t i = 0; i < kStreams; ++i) {
        samples.push_back(audio(100 + i));
    }
    for (const SileroKernel* kernel : kernels()) {
        const auto net = network(*kernel);
        SileroNetwork::Workspace workspace;
        std::vector<SileroStream> together(kStreams);
        std::vector<SileroStream> alone(kStreams);
        for (std::size_t w = 0; w < 3; ++w) {
            std::vector<SileroJob> jobs;
            for (std::size_t i = 0; i < kStreams; ++i) {
                jobs.push_back({&together[i], window_of(samples[i], w)});
            }
            net->judge(jobs, workspace);
            for (std::size_t i = 0; i < kStreams; ++i) {
                SileroJob job{&alone[i], window_of(samples[i], w)};
                net->judge({&job, 1}, workspace);
                EXPECT_NEAR(job.probability, jobs[i].probability, 1e-5F)
                    << kernel->name << " stream " << i;
            }
        }
    }
}

TEST(SileroNetwork, AFileOfAnotherModelIsRefused) {
    Bytes file = test::SileroReference(kSeed).file();
    const auto at =
        std::search(file.begin(), file.end(), std::begin("conv3"), std::end("conv3") - 1);
    ASSERT_NE(at, file.end());
    *at = 'k';
    EXPECT_EQ(SileroNetwork::load(file).error().code, Errc::NotFound);
}

TEST(SileroNetwork, AFileWithAnotherTransformIsRefused) {
    Bytes file = test::SileroReference(kSeed).file();
    // The last tensor by name is the transform's: its last number is not a zero any more.
    const float wrong = 0.5F;
    std::memcpy(file.data() + file.size() - sizeof wrong, &wrong, sizeof wrong);
    EXPECT_EQ(SileroNetwork::load(file).error().code, Errc::Unsupported);
}

}  // namespace
}  // namespace patchbay::speech
