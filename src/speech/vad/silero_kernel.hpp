// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

// The arithmetic of the network, once per instruction set. The sources that define the kernels are
// compiled for more than every machine can do, so they include nothing but this and silero_ops.hpp:
// a library function that they shared with the rest could be the copy that the linker keeps.
namespace patchbay::speech {

// Outputs of a layer are computed in blocks; weights are stored as [block][input][kSileroBlock].
inline constexpr std::size_t kSileroBlock = 16;

inline constexpr std::size_t kSileroWindow = 512;  // samples at 16 kHz: 32 ms
inline constexpr std::size_t kSileroContext = 64;  // samples of the previous window
inline constexpr std::size_t kSileroPadding = 64;  // samples mirrored at the end
inline constexpr std::size_t kSileroSignal = kSileroContext + kSileroWindow + kSileroPadding;
inline constexpr std::size_t kSileroTransform = 256;  // samples of one spectrum
inline constexpr std::size_t kSileroHop = 128;
inline constexpr std::size_t kSileroSteps = 4;  // spectra of one window
inline constexpr std::size_t kSileroBins = 129;
inline constexpr std::size_t kSileroHidden = 128;

// What the Fourier transform needs to know.
struct SileroTransform {
    float window[kSileroTransform];
    float cosine[kSileroTransform];  // of 2 pi i / 256
    float sine[kSileroTransform];
};

// One layer for several columns at once: outputs[c] = bias + weights * inputs[c], and not below 0
// if `relu`. Of `inputs` numbers of a column only [begin, end) count; the others are zero.
struct SileroLayer {
    const float* weights;
    const float* bias;
    std::size_t outputs;  // a multiple of 4 * kSileroBlock
    std::size_t inputs;
    bool relu;
};

struct SileroKernel {
    const char* name;
    // Columns that one pass over the weights serves.
    std::size_t columns;
    // Magnitudes of the four spectra of each signal (kSileroSignal samples); spectrum s of signal i
    // goes to spectra[i] + s * kSileroBins.
    void (*transform)(const SileroTransform& tables,
                      const float* const* signals,
                      float* const* spectra,
                      std::size_t count);
    void (*layer)(const SileroLayer& layer,
                  std::size_t begin,
                  std::size_t end,
                  const float* const* inputs,
                  float* const* outputs,
                  std::size_t columns);
    // The gates i, f, g, o (kSileroHidden each) to the new cell and hidden state.
    void (*gates)(const float* gates, float* cell, float* hidden);
    // sigmoid(bias + weights * relu(hidden))
    float (*probability)(const float* weights, float bias, const float* hidden);
};

// The fastest that this machine can run.
const SileroKernel& silero_kernel();

extern const SileroKernel kSileroGeneric;
#if defined(__x86_64__)
extern const SileroKernel kSileroAvx2;
extern const SileroKernel kSileroAvx512;
#endif

}  // namespace patchbay::speech
