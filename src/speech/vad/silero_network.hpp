// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "speech/vad/silero_kernel.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace patchbay::speech {

// What the network remembers of one stream.
struct SileroStream {
    std::array<float, kSileroContext> context{};  // the end of the last window
    std::array<float, kSileroHidden> hidden{};
    std::array<float, kSileroHidden> cell{};
};

// One window of one stream to judge.
struct SileroJob {
    SileroStream* stream = nullptr;
    std::span<const std::int16_t, kSileroWindow> window;
    float probability = 0;  // the answer
};

// The silero-vad network (16 kHz, 32 ms windows): four spectra, four convolutions, one recurrent
// cell, one probability. The weights never change after loading, so one network serves all shards;
// what differs per stream is in SileroStream, and what a run needs in between in a Workspace.
//
// Several streams at once cost less each, because the weights (1 MB) pass through the cache once
// for all of them.
class SileroNetwork {
  public:
    // From the bytes of the package's `silero_vad_16k_op15.onnx`, or of its safetensors file, whose
    // weights are those of another training. NotFound or Malformed when the file holds another
    // model, Unsupported when its spectrum is not the one that we compute.
    static Result<std::shared_ptr<const SileroNetwork>> load(
        ByteView file, const SileroKernel& kernel = silero_kernel());

    // Room for the numbers between the layers. One per thread.
    class Workspace {
      public:
        Workspace();

      private:
        friend class SileroNetwork;
        std::vector<float> numbers_;
    };

    // Any number of jobs, each of another stream.
    void judge(std::span<SileroJob> jobs, Workspace& workspace) const;

    const SileroKernel& kernel() const { return kernel_; }

  private:
    struct Layer {
        std::vector<float> weights;
        std::vector<float> bias;
        std::size_t inputs = 0;
        bool relu = true;

        SileroLayer view() const {
            return {weights.data(), bias.data(), bias.size(), inputs, relu};
        }
    };
    struct Loader;

    explicit SileroNetwork(const SileroKernel& kernel) : kernel_(kernel) {}

    void judge_some(std::span<SileroJob> jobs, Workspace& workspace) const;
    void convolve(float* const* streams, std::size_t count) const;

    const SileroKernel& kernel_;
    SileroTransform transform_{};
    Layer first_;   // 129 -> 128, every step
    Layer second_;  // 128 -> 64, every second step
    Layer third_;   // 64 -> 64, one step left
    Layer fourth_;  // 64 -> 128
    Layer gates_;   // 128 and 128 hidden -> 4 * 128
    std::vector<float> last_;
    float last_bias_ = 0;
};

}  // namespace patchbay::speech
