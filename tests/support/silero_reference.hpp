// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <numbers>
#include <random>
#include <span>
#include <string>
#include <vector>

// The silero-vad network once more, by its formulas and in double precision, over weights that are
// drawn by lot: so that its arithmetic is tested without the real ones.
namespace patchbay::test {

class SileroReference {
  public:
    explicit SileroReference(std::uint32_t seed) : random_(seed) {
        Tensor& basis = tensors_["stft_conv.weight"];
        basis = {{258, 1, 256}, std::vector<float>(std::size_t{258} * 256)};
        for (std::size_t bin = 0; bin < 129; ++bin) {
            for (std::size_t i = 0; i < 256; ++i) {
                const double turn = 2 * std::numbers::pi / 256;
                const double window = 0.5 - 0.5 * std::cos(turn * static_cast<double>(i));
                const double angle = turn * static_cast<double>(bin * i % 256);
                basis.values[bin * 256 + i] = static_cast<float>(window * std::cos(angle));
                basis.values[(129 + bin) * 256 + i] = static_cast<float>(-window * std::sin(angle));
            }
        }
        draw("conv1", {128, 129, 3}, 0.02);
        draw("conv2", {64, 128, 3}, 0.1);
        draw("conv3", {64, 64, 3}, 0.1);
        draw("conv4", {128, 64, 3}, 0.15);
        draw_one("lstm_cell.weight_ih", {512, 128}, 0.05);
        draw_one("lstm_cell.weight_hh", {512, 128}, 0.05);
        draw_one("lstm_cell.bias_ih", {512}, 0.2);
        draw_one("lstm_cell.bias_hh", {512}, 0.2);
        draw("final_conv", {1, 128, 1}, 0.5);
    }

    // As a safetensors file.
    Bytes file() const {
        std::string header;
        Bytes numbers;
        for (const auto& [name, tensor] : tensors_) {
            header += header.empty() ? "{\"" : ",\"";
            header += name + R"(":{"dtype":"F32","shape":[)";
            for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
                header += (i > 0 ? "," : "") + std::to_string(tensor.shape[i]);
            }
            const std::size_t begin = numbers.size();
            numbers.resize(begin + tensor.values.size() * sizeof(float));
            std::memcpy(numbers.data() + begin, tensor.values.data(), numbers.size() - begin);
            header += "],\"data_offsets\":[" + std::to_string(begin) + "," +
                      std::to_string(numbers.size()) + "]}";
        }
        header += "}";
        Bytes out;
        for (int i = 0; i < 8; ++i) {
            out.push_back(static_cast<std::uint8_t>(header.size() >> (8 * i)));
        }
        out.insert(out.end(), header.begin(), header.end());
        out.insert(out.end(), numbers.begin(), numbers.end());
        return out;
    }

    // The next window of the one stream.
    double judge(std::span<const std::int16_t> window) {
        std::vector<double> signal = context_;
        for (const std::int16_t sample : window) {
            signal.push_back(sample / 32768.0);
        }
        context_.assign(signal.end() - 64, signal.end());
        for (std::size_t i = 0; i < 64; ++i) {
            signal.push_back(signal[574 - i]);
        }
        Channels x = spectra(signal);
        x = convolved(x, "conv1", 1);
        x = convolved(x, "conv2", 2);
        x = convolved(x, "conv3", 2);
        x = convolved(x, "conv4", 1);
        step_cell(x);
        double sum = value("final_conv.bias", 0);
        for (std::size_t i = 0; i < 128; ++i) {
            sum += value("final_conv.weight", i) * std::max(0.0, hidden_[i]);
        }
        return sigmoid(sum);
    }

  private:
    using Channels = std::vector<std::vector<double>>;  // [channel][step]
    struct Tensor {
        std::vector<std::size_t> shape;
        std::vector<float> values;
    };

    static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
    double value(const std::string& name, std::size_t i) const {
        return static_cast<double>(tensors_.at(name).values[i]);
    }

    void draw(const std::string& name, std::vector<std::size_t> shape, double width) {
        const std::size_t outputs = shape.front();
        draw_one(name + ".weight", std::move(shape), width);
        draw_one(name + ".bias", {outputs}, width);
    }
    void draw_one(const std::string& name, std::vector<std::size_t> shape, double width) {
        std::size_t count = 1;
        for (const std::size_t dimension : shape) {
            count *= dimension;
        }
        std::normal_distribution<double> lot(0, width);
        Tensor tensor{std::move(shape), std::vector<float>(count)};
        std::ranges::generate(tensor.values, [&] { return static_cast<float>(lot(random_)); });
        tensors_[name] = std::move(tensor);
    }

    Channels spectra(const std::vector<double>& signal) const {
        Channels out(129, std::vector<double>(4));
        for (std::size_t bin = 0; bin < 129; ++bin) {
            for (std::size_t step = 0; step < 4; ++step) {
                double re = 0;
                double im = 0;
                for (std::size_t i = 0; i < 256; ++i) {
                    re += value("stft_conv.weight", bin * 256 + i) * signal[step * 128 + i];
                    im += value("stft_conv.weight", (129 + bin) * 256 + i) * signal[step * 128 + i];
                }
                out[bin][step] = std::hypot(re, im);
            }
        }
        return out;
    }

    Channels convolved(const Channels& in, const std::string& name, std::size_t stride) const {
        const std::size_t outputs = tensors_.at(name + ".bias").values.size();
        const std::size_t steps = in.front().size();
        Channels out(outputs);
        for (std::size_t o = 0; o < outputs; ++o) {
            for (std::size_t step = 0; step < steps; step += stride) {
                double sum = value(name + ".bias", o);
                for (std::size_t i = 0; i < in.size(); ++i) {
                    for (std::size_t tap = 0; tap < 3; ++tap) {
                        const std::size_t at = step + tap;  // one step of zeros stands in front
                        if (at >= 1 && at <= steps) {
                            sum += value(name + ".weight", (o * in.size() + i) * 3 + tap) *
                                   in[i][at - 1];
                        }
                    }
                }
                out[o].push_back(std::max(0.0, sum));
            }
        }
        return out;
    }

    void step_cell(const Channels& x) {
        std::vector<double> gates(512);
        for (std::size_t g = 0; g < 512; ++g) {
            gates[g] = value("lstm_cell.bias_ih", g) + value("lstm_cell.bias_hh", g);
            for (std::size_t i = 0; i < 128; ++i) {
                gates[g] += value("lstm_cell.weight_ih", g * 128 + i) * x[i][0] +
                            value("lstm_cell.weight_hh", g * 128 + i) * hidden_[i];
            }
        }
        for (std::size_t i = 0; i < 128; ++i) {
            cell_[i] =
                sigmoid(gates[128 + i]) * cell_[i] + sigmoid(gates[i]) * std::tanh(gates[256 + i]);
            hidden_[i] = sigmoid(gates[384 + i]) * std::tanh(cell_[i]);
        }
    }

    std::mt19937 random_;
    std::map<std::string, Tensor> tensors_;
    std::vector<double> context_ = std::vector<double>(64);
    std::array<double, 128> hidden_{};
    std::array<double, 128> cell_{};
};

}  // namespace patchbay::test
