// SPDX-License-Identifier: Apache-2.0
// Makes an hour of speech and noise, and judges it window by window:
//   voice_probabilities WEIGHTS SECONDS AUDIO PROBABILITIES
// AUDIO becomes raw s16le at 16 kHz, PROBABILITIES one line of text per window of 512 samples, one
// column per kernel that this machine can run.
#include "speech/vad/silero_network.hpp"
#include "support/voice_audio.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>

namespace {

using namespace patchbay;

constexpr std::string_view kSentences[] = {
    "The birch canoe slid on the smooth planks.",
    "Glue the sheet to the dark blue background.",
    "It's easy to tell the depth of a well.",
    "Four hours of steady work faced us.",
    "Please hold the line, one of our colleagues will be with you shortly.",
    "My number is five five five, zero one four seven.",
};
constexpr std::string_view kSpeakers[] = {"slt", "rms", "kal16"};

// Sentences at many levels, with pauses, over pink noise and street noise at many levels.
test::Samples make_audio(std::size_t seconds) {
    std::vector<test::Samples> voices;
    for (const std::string_view speaker : kSpeakers) {
        for (const std::string_view sentence : kSentences) {
            voices.push_back(test::spoken(sentence, std::string(speaker)));
        }
    }
    const std::size_t minute = std::size_t{60} * 16000;
    const test::Samples noises[] = {test::pink_noise(minute, -20), test::street_noise(minute, -20),
                                    test::Samples(minute)};
    std::mt19937 random(1);
    const auto between = [&](double low, double high) {
        return std::uniform_real_distribution(low, high)(random);
    };
    test::Samples out;
    while (out.size() < seconds * 16000) {
        const test::Samples& voice = voices[random() % voices.size()];
        const test::Samples& noise = noises[random() % std::size(noises)];
        const double voice_gain = std::pow(10, between(-40, 6) / 20);
        const double noise_gain = std::pow(10, between(-40, 0) / 20);
        const std::size_t before = static_cast<std::size_t>(between(0, 32000));
        const std::size_t after = static_cast<std::size_t>(between(0, 16000));
        const std::size_t from = random() % (minute - 20 * 16000);
        for (std::size_t i = 0; i < before + voice.size() + after; ++i) {
            const bool speaks = i >= before && i < before + voice.size();
            const double sample = (speaks ? voice_gain * voice[i - before] : 0) +
                                  noise_gain * noise[(from + i) % minute];
            out.push_back(static_cast<std::int16_t>(std::clamp(sample, -32768.0, 32767.0)));
        }
    }
    out.resize(seconds * 16000);
    return out;
}

std::vector<const speech::SileroKernel*> kernels() {
    std::vector<const speech::SileroKernel*> all{&speech::kSileroGeneric};
#if defined(__x86_64__)
    if (&speech::silero_kernel() == &speech::kSileroAvx512) {
        all.push_back(&speech::kSileroAvx2);
    }
    if (&speech::silero_kernel() != all.front()) {
        all.push_back(&speech::silero_kernel());
    }
#endif
    return all;
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 5) {
        std::fputs("voice_probabilities WEIGHTS SECONDS AUDIO PROBABILITIES\n", stderr);
        return 2;
    }
    std::ifstream weights(arguments[1], std::ios::binary);
    const Bytes bytes{std::istreambuf_iterator<char>(weights), {}};
    const test::Samples audio =
        make_audio(static_cast<std::size_t>(std::strtoul(arguments[2], nullptr, 10)));
    std::ofstream(arguments[3], std::ios::binary)
        .write(reinterpret_cast<const char*>(audio.data()),
               static_cast<std::streamsize>(audio.size() * sizeof audio[0]));

    std::vector<std::vector<float>> columns;
    for (const speech::SileroKernel* kernel : kernels()) {
        const auto network = speech::SileroNetwork::load(bytes, *kernel);
        if (!network) {
            std::fprintf(stderr, "%s\n", describe(network.error()).c_str());
            return 1;
        }
        speech::SileroNetwork::Workspace workspace;
        speech::SileroStream stream;
        std::vector<float>& column = columns.emplace_back();
        for (std::size_t at = 0; at + speech::kSileroWindow <= audio.size();
             at += speech::kSileroWindow) {
            const auto window = std::span(audio).subspan(at).first<speech::kSileroWindow>();
            speech::SileroJob job{&stream, window};
            (*network)->judge({&job, 1}, workspace);
            column.push_back(job.probability);
        }
    }
    std::ofstream out(arguments[4]);
    for (std::size_t i = 0; i < columns.front().size(); ++i) {
        for (const std::vector<float>& column : columns) {
            out << column[i] << (&column == &columns.back() ? '\n' : ' ');
        }
    }
    return out.good() ? 0 : 1;
}
