// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/silero_network.hpp"

#include "speech/vad/tensor_file.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>

namespace patchbay::speech {
namespace {

constexpr std::size_t kTaps = 3;
constexpr std::size_t kWide = 128;   // channels after the first and the last convolution
constexpr std::size_t kNarrow = 64;  // channels between them
constexpr std::size_t kGates = 4 * kSileroHidden;

// Streams that pass through the layers together: as many as the widest kernel takes in one pass.
constexpr std::size_t kTogether = 12;

// Where the numbers of one stream stand in the workspace. A step of zeros stands before and after
// the steps of a convolution's input: its padding.
constexpr std::size_t kSignalAt = 0;
constexpr std::size_t kSpectraAt = kSignalAt + kSileroSignal;
constexpr std::size_t kFirstAt = kSpectraAt + (kSileroSteps + 2) * kSileroBins + 10;
constexpr std::size_t kSecondAt = kFirstAt + (kSileroSteps + 1) * kWide;
constexpr std::size_t kThirdAt = kSecondAt + 2 * kNarrow;
constexpr std::size_t kCellInputAt = kThirdAt + kNarrow;
constexpr std::size_t kGatesAt = kCellInputAt + kWide + kSileroHidden;
constexpr std::size_t kPerStream = kGatesAt + kGates;
static_assert(kFirstAt % kSileroBlock == 0, "layers write whole cache lines");

// 16 bits to floats of -1 to 1, after the end of the last window and before its own mirror image.
void make_signal(const SileroJob& job, float* signal) {
    std::ranges::copy(job.stream->context, signal);
    float* window = signal + kSileroContext;
    for (std::size_t i = 0; i < kSileroWindow; ++i) {
        window[i] = static_cast<float>(job.window[i]) / 32768.0F;
    }
    float* end = window + kSileroWindow;
    for (std::size_t i = 0; i < kSileroPadding; ++i) {
        end[i] = end[-2 - static_cast<std::ptrdiff_t>(i)];
    }
    std::copy(end - kSileroContext, end, job.stream->context.begin());
}

}  // namespace

// --- loading -------------------------------------------------------------------------------------

namespace {

// The names of the tensors: as in the model that was trained, and as in its short export.
struct Names {
    std::string_view transform;
    std::array<std::string_view, 4> convolutions;
    std::string_view cell;
    std::string_view last;
};
constexpr Names kOriginalNames{"model.stft.forward_basis_buffer",
                               {"model.encoder.0.reparam_conv", "model.encoder.1.reparam_conv",
                                "model.encoder.2.reparam_conv", "model.encoder.3.reparam_conv"},
                               "model.decoder.rnn",
                               "model.decoder.decoder.2"};
constexpr Names kShortNames{
    "stft_conv.weight", {"conv1", "conv2", "conv3", "conv4"}, "lstm_cell", "final_conv"};

}  // namespace

struct SileroNetwork::Loader {
    const TensorFile& file;
    const Names& names;

    Result<std::vector<float>> floats(std::string_view name,
                                      std::string_view part,
                                      std::initializer_list<std::uint64_t> shape) const {
        return file.floats(std::string(name) + std::string(part),
                           std::span(shape.begin(), shape.size()));
    }

    // The taps [first_tap, last_tap] of a convolution as one layer over consecutive steps. The
    // others would only ever meet padding.
    Result<Layer> convolution(std::size_t index,
                              std::size_t outputs,
                              std::size_t inputs,
                              std::size_t first_tap,
                              std::size_t last_tap) const {
        const std::string_view name = names.convolutions[index];
        PB_TRY(const std::vector<float> weights, floats(name, ".weight", {outputs, inputs, kTaps}));
        PB_TRY(std::vector<float> bias, floats(name, ".bias", {outputs}));
        Layer layer{.weights = {}, .bias = std::move(bias), .relu = true};
        layer.inputs = (last_tap - first_tap + 1) * inputs;
        layer.weights.resize(outputs * layer.inputs);
        for (std::size_t out = 0; out < outputs; ++out) {
            for (std::size_t k = 0; k < layer.inputs; ++k) {
                const std::size_t tap = first_tap + k / inputs;
                place(layer, out, k, weights[(out * inputs + k % inputs) * kTaps + tap]);
            }
        }
        return layer;
    }

    Result<Layer> cell() const {
        PB_TRY(const std::vector<float> from_input,
               floats(names.cell, ".weight_ih", {kGates, kSileroHidden}));
        PB_TRY(const std::vector<float> from_hidden,
               floats(names.cell, ".weight_hh", {kGates, kSileroHidden}));
        PB_TRY(std::vector<float> bias, floats(names.cell, ".bias_ih", {kGates}));
        PB_TRY(const std::vector<float> more, floats(names.cell, ".bias_hh", {kGates}));
        std::transform(bias.begin(), bias.end(), more.begin(), bias.begin(), std::plus<>());
        Layer layer{.weights = {}, .bias = std::move(bias), .relu = false};
        layer.inputs = 2 * kSileroHidden;
        layer.weights.resize(kGates * layer.inputs);
        for (std::size_t gate = 0; gate < kGates; ++gate) {
            for (std::size_t k = 0; k < kSileroHidden; ++k) {
                const std::size_t from = gate * kSileroHidden + k;
                place(layer, gate, k, from_input[from]);
                place(layer, gate, kSileroHidden + k, from_hidden[from]);
            }
        }
        return layer;
    }

    static void place(Layer& layer, std::size_t output, std::size_t input, float weight) {
        const std::size_t block = output / kSileroBlock;
        layer.weights[(block * layer.inputs + input) * kSileroBlock + output % kSileroBlock] =
            weight;
    }

    // The file holds the transform as a convolution with windowed cosines and sines. Its window is
    // taken from there; that the rest is a Fourier transform is checked, because we compute one.
    Result<SileroTransform> transform() const {
        constexpr std::size_t kLength = kSileroTransform;
        PB_TRY(const std::vector<float> basis,
               floats(names.transform, "", {2 * kSileroBins, 1, kLength}));
        SileroTransform out{};
        for (std::size_t i = 0; i < kLength; ++i) {
            const double angle = 2 * std::numbers::pi * static_cast<double>(i) / kLength;
            out.window[i] = basis[i];  // the cosine of frequency 0 is 1
            out.cosine[i] = static_cast<float>(std::cos(angle));
            out.sine[i] = static_cast<float>(std::sin(angle));
        }
        for (std::size_t bin = 0; bin < kSileroBins; ++bin) {
            for (std::size_t i = 0; i < kLength; ++i) {
                const std::size_t turn = bin * i % kLength;
                const float real = basis[bin * kLength + i];
                const float imaginary = basis[(kSileroBins + bin) * kLength + i];
                if (std::abs(real - out.window[i] * out.cosine[turn]) > 1e-5F ||
                    std::abs(imaginary + out.window[i] * out.sine[turn]) > 1e-5F) {
                    return fail(Errc::Unsupported, "transform of the VAD weights");
                }
            }
        }
        return out;
    }
};

Result<std::shared_ptr<const SileroNetwork>> SileroNetwork::load(ByteView file,
                                                                 const SileroKernel& kernel) {
    PB_TRY(const TensorFile tensors, TensorFile::parse(file));
    const bool is_original = tensors.contains(kOriginalNames.transform);
    const Loader loader{tensors, is_original ? kOriginalNames : kShortNames};
    std::shared_ptr<SileroNetwork> network(new SileroNetwork(kernel));
    PB_TRY(network->transform_, loader.transform());
    PB_TRY(network->first_, loader.convolution(0, kWide, kSileroBins, 0, 2));
    PB_TRY(network->second_, loader.convolution(1, kNarrow, kWide, 0, 2));
    PB_TRY(network->third_, loader.convolution(2, kNarrow, kNarrow, 1, 2));
    PB_TRY(network->fourth_, loader.convolution(3, kWide, kNarrow, 1, 1));
    PB_TRY(network->gates_, loader.cell());
    PB_TRY(network->last_, loader.floats(loader.names.last, ".weight", {1, kSileroHidden, 1}));
    PB_TRY(const std::vector<float> bias, loader.floats(loader.names.last, ".bias", {1}));
    network->last_bias_ = bias.front();
    return std::shared_ptr<const SileroNetwork>(std::move(network));
}

// --- running -------------------------------------------------------------------------------------

SileroNetwork::Workspace::Workspace() : numbers_(kTogether * kPerStream) {}

void SileroNetwork::judge(std::span<SileroJob> jobs, Workspace& workspace) const {
    while (!jobs.empty()) {
        const std::size_t count = std::min(jobs.size(), kTogether);
        judge_some(jobs.first(count), workspace);
        jobs = jobs.subspan(count);
    }
}

void SileroNetwork::judge_some(std::span<SileroJob> jobs, Workspace& workspace) const {
    std::array<float*, kTogether> streams{};
    std::array<const float*, kTogether> from{};
    std::array<float*, kTogether> to{};
    const std::size_t count = jobs.size();
    for (std::size_t i = 0; i < count; ++i) {
        streams[i] = workspace.numbers_.data() + i * kPerStream;
        make_signal(jobs[i], streams[i] + kSignalAt);
        from[i] = streams[i] + kSignalAt;
        to[i] = streams[i] + kSpectraAt + kSileroBins;
    }
    kernel_.transform(transform_, from.data(), to.data(), count);
    convolve(streams.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
        std::ranges::copy(jobs[i].stream->hidden, streams[i] + kCellInputAt + kWide);
        from[i] = streams[i] + kCellInputAt;
        to[i] = streams[i] + kGatesAt;
    }
    kernel_.layer(gates_.view(), 0, gates_.inputs, from.data(), to.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
        SileroStream& stream = *jobs[i].stream;
        kernel_.gates(streams[i] + kGatesAt, stream.cell.data(), stream.hidden.data());
        jobs[i].probability = kernel_.probability(last_.data(), last_bias_, stream.hidden.data());
    }
}

// From four spectra to the input of the cell.
void SileroNetwork::convolve(float* const* streams, std::size_t count) const {
    std::array<const float*, kSileroSteps * kTogether> from{};
    std::array<float*, kSileroSteps * kTogether> to{};
    // Steps of one stream share a pass over the weights when there are few streams; otherwise the
    // streams do, step by step, which spares the multiplications with padding at the ends.
    const auto layer = [&](const Layer& one, std::size_t in, std::size_t step_in, std::size_t out,
                           std::size_t steps, std::size_t channels) {
        for (std::size_t step = 0; step < steps; ++step) {
            for (std::size_t i = 0; i < count; ++i) {
                from[step * count + i] = streams[i] + in + step * step_in;
                to[step * count + i] = streams[i] + out + step * one.bias.size();
            }
        }
        if (count < kernel_.columns) {
            kernel_.layer(one.view(), 0, one.inputs, from.data(), to.data(), steps * count);
            return;
        }
        for (std::size_t step = 0; step < steps; ++step) {
            const bool starts = steps > 1 && step == 0;
            const bool ends = steps == kSileroSteps && step + 1 == steps;
            kernel_.layer(one.view(), starts ? channels : 0, one.inputs - (ends ? channels : 0),
                          from.data() + step * count, to.data() + step * count, count);
        }
    };
    layer(first_, kSpectraAt, kSileroBins, kFirstAt + kWide, kSileroSteps, kSileroBins);
    layer(second_, kFirstAt, 2 * kWide, kSecondAt, 2, kWide);
    layer(third_, kSecondAt, 0, kThirdAt, 1, kNarrow);
    layer(fourth_, kThirdAt, 0, kCellInputAt, 1, kNarrow);
}

}  // namespace patchbay::speech
