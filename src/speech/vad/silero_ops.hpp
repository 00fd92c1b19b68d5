// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "speech/vad/silero_kernel.hpp"

// The body of every kernel, over vectors of `Lanes` floats. In an unnamed namespace on purpose:
// each source that includes this has its own copy, compiled for its own instruction set.
namespace patchbay::speech {
namespace {

template <int Lanes>
struct Vectors {
    typedef float Float __attribute__((vector_size(Lanes * 4)));
    typedef int Int __attribute__((vector_size(Lanes * 4)));
};

template <int Lanes>
using Float = typename Vectors<Lanes>::Float;

template <class V>
inline V load(const float* from) {
    V out;
    __builtin_memcpy(&out, from, sizeof out);
    return out;
}
template <class V>
inline void store(float* to, const V& value) {
    __builtin_memcpy(to, &value, sizeof value);
}

// --- layers --------------------------------------------------------------------------------------

// `Blocks` blocks of outputs for `Columns` columns: as many sums as there are registers.
template <int Lanes, int Blocks, int Columns>
inline void tile(const SileroLayer& layer,
                 std::size_t block,
                 std::size_t begin,
                 std::size_t end,
                 const float* const* inputs,
                 float* const* outputs) {
    using V = Float<Lanes>;
    constexpr int kVectors = static_cast<int>(kSileroBlock) / Lanes;
    const float* weights = layer.weights + block * layer.inputs * kSileroBlock;
    const float* bias = layer.bias + block * kSileroBlock;
    const std::size_t apart = layer.inputs * kSileroBlock;
    V sums[Blocks * kVectors][Columns];
#pragma GCC unroll 32
    for (int v = 0; v < Blocks * kVectors; ++v) {
#pragma GCC unroll 32
        for (int c = 0; c < Columns; ++c) {
            sums[v][c] = load<V>(bias + v * Lanes);
        }
    }
    const float* in[Columns];
#pragma GCC unroll 32
    for (int c = 0; c < Columns; ++c) {
        in[c] = inputs[c];
    }
    for (std::size_t k = begin; k < end; ++k) {
#pragma GCC unroll 32
        for (int v = 0; v < Blocks * kVectors; ++v) {
            const V weight =
                load<V>(weights + static_cast<std::size_t>(v / kVectors) * apart +
                        k * kSileroBlock + static_cast<std::size_t>(v % kVectors * Lanes));
#pragma GCC unroll 32
            for (int c = 0; c < Columns; ++c) {
                sums[v][c] += weight * in[c][k];
            }
        }
    }
#pragma GCC unroll 32
    for (int v = 0; v < Blocks * kVectors; ++v) {
#pragma GCC unroll 32
        for (int c = 0; c < Columns; ++c) {
            V sum = sums[v][c];
            if (layer.relu) {
                sum = sum > 0 ? sum : V{};
            }
            store(outputs[c] + block * kSileroBlock + static_cast<std::size_t>(v * Lanes), sum);
        }
    }
}

// The shapes that fill the registers of an instruction set: 16 of SSE and AVX, 32 of AVX-512.
template <int Lanes>
struct Shape;
template <>
struct Shape<4> {
    static constexpr int kColumns = 2, kBlocks = 1, kBlocksOfOne = 2, kBlocksOfTwo = 1;
};
template <>
struct Shape<8> {
    static constexpr int kColumns = 4, kBlocks = 1, kBlocksOfOne = 4, kBlocksOfTwo = 2;
};
template <>
struct Shape<16> {
    static constexpr int kColumns = 12, kBlocks = 2, kBlocksOfOne = 4, kBlocksOfTwo = 4;
};

// The columns of a layer: as many at once as `Columns`, the rest by halves. Blocks of outputs are
// the outer loop, so that their weights come from far away once and serve the other columns from
// near.
template <int Lanes, int Blocks, int Columns>
inline std::size_t some_columns(const SileroLayer& layer,
                                std::size_t begin,
                                std::size_t end,
                                const float* const* inputs,
                                float* const* outputs,
                                std::size_t columns) {
    const std::size_t served = columns / Columns * Columns;
    for (std::size_t block = 0; served > 0 && block < layer.outputs / kSileroBlock;
         block += Blocks) {
        for (std::size_t c = 0; c < served; c += Columns) {
            tile<Lanes, Blocks, Columns>(layer, block, begin, end, inputs + c, outputs + c);
        }
    }
    return served;
}

template <int Lanes>
void run_layer(const SileroLayer& layer,
               std::size_t begin,
               std::size_t end,
               const float* const* inputs,
               float* const* outputs,
               std::size_t columns) {
    using S = Shape<Lanes>;
    std::size_t c =
        some_columns<Lanes, S::kBlocks, S::kColumns>(layer, begin, end, inputs, outputs, columns);
    if constexpr (S::kColumns > 4) {
        c += some_columns<Lanes, S::kBlocks, 4>(layer, begin, end, inputs + c, outputs + c,
                                                columns - c);
    }
    c += some_columns<Lanes, S::kBlocksOfTwo, 2>(layer, begin, end, inputs + c, outputs + c,
                                                 columns - c);
    some_columns<Lanes, S::kBlocksOfOne, 1>(layer, begin, end, inputs + c, outputs + c,
                                            columns - c);
}

// --- spectra -------------------------------------------------------------------------------------

constexpr int kHalf = static_cast<int>(kSileroTransform) / 2;

constexpr int bit_reversed(int i) {
    int out = 0;
    for (int bit = 1; bit < kHalf; bit *= 2) {
        out = out * 2 + (i & bit ? 1 : 0);
    }
    return out;
}

// Decimation in frequency, radix 2, 128 complex points; each lane is a transform of its own. The
// result stands in bit-reversed order.
template <class V>
inline void complex_transform(const SileroTransform& tables, V* re, V* im) {
    for (int half = kHalf / 2; half >= 1; half /= 2) {
        const int turn = kHalf / half;  // in 256ths: twiddle j is exp(-2 pi i j / (2 half))
        for (int j = 0; j < half; ++j) {
            const float c = tables.cosine[j * turn];
            const float s = tables.sine[j * turn];
            for (int i = j; i < kHalf; i += 2 * half) {
                const V dre = re[i] - re[i + half];
                const V dim = im[i] - im[i + half];
                re[i] += re[i + half];
                im[i] += im[i + half];
                re[i + half] = dre * c + dim * s;
                im[i + half] = dim * c - dre * s;
            }
        }
    }
}

template <class V>
inline V magnitude(const V& re, const V& im) {
    V out = re * re + im * im;
    for (unsigned lane = 0; lane < sizeof(V) / sizeof(float); ++lane) {
        out[lane] = __builtin_sqrtf(out[lane]);
    }
    return out;
}

// The spectra of Lanes / 4 signals: even samples are the real parts of a transform of half the
// length, odd ones the imaginary parts, and the two spectra are taken apart at the end.
template <int Lanes>
inline void transform_some(const SileroTransform& tables,
                           const float* const* signals,
                           float* const* spectra) {
    using V = Float<Lanes>;
    constexpr int kSteps = static_cast<int>(kSileroSteps);
    constexpr int kHop = static_cast<int>(kSileroHop);
    constexpr int kBins = static_cast<int>(kSileroBins);
    alignas(64) V re[kHalf];
    alignas(64) V im[kHalf];
    for (int n = 0; n < kHalf; ++n) {
        for (int lane = 0; lane < Lanes; ++lane) {
            const float* from = signals[lane / kSteps] + lane % kSteps * kHop + 2 * n;
            re[n][lane] = from[0];
            im[n][lane] = from[1];
        }
        re[n] *= tables.window[2 * n];
        im[n] *= tables.window[2 * n + 1];
    }
    complex_transform(tables, re, im);
    for (int bin = 0; bin <= kHalf; ++bin) {
        const int at = bit_reversed(bin % kHalf);
        const int mirror = bit_reversed((kHalf - bin) % kHalf);
        const V even_re = (re[at] + re[mirror]) * 0.5F;
        const V even_im = (im[at] - im[mirror]) * 0.5F;
        const V odd_re = (im[at] + im[mirror]) * 0.5F;
        const V odd_im = (re[mirror] - re[at]) * 0.5F;
        const float c = tables.cosine[bin];
        const float s = tables.sine[bin];
        const V found =
            magnitude<V>(even_re + odd_re * c + odd_im * s, even_im + odd_im * c - odd_re * s);
        for (int lane = 0; lane < Lanes; ++lane) {
            spectra[lane / kSteps][lane % kSteps * kBins + bin] = found[lane];
        }
    }
}

template <int Lanes>
void run_transform(const SileroTransform& tables,
                   const float* const* signals,
                   float* const* spectra,
                   std::size_t count) {
    constexpr std::size_t kAtOnce = Lanes / kSileroSteps;
    std::size_t i = 0;
    for (; i + kAtOnce <= count; i += kAtOnce) {
        transform_some<Lanes>(tables, signals + i, spectra + i);
    }
    for (; i < count; ++i) {
        transform_some<4>(tables, signals + i, spectra + i);
    }
}

// --- the recurrent cell --------------------------------------------------------------------------

// e to the power of x to 1e-7: x = n ln 2 + r, a polynomial for r (Cephes, expf), n by exponent.
template <int Lanes>
inline Float<Lanes> exponential(Float<Lanes> x) {
    using V = Float<Lanes>;
    using I = typename Vectors<Lanes>::Int;
    constexpr float kShift = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
    constexpr int kShiftBits = 0x4B400000;
    x = x < -87.0F ? V{} - 87.0F : x;
    x = x > 87.0F ? V{} + 87.0F : x;
    const V shifted = x * 1.44269504088896341F + kShift;
    const I n = reinterpret_cast<I>(shifted) - kShiftBits;
    const V whole = shifted - kShift;
    const V r = x - whole * 0.693359375F + whole * 2.12194440e-4F;
    V sum = r * 1.9875691500e-4F + 1.3981999507e-3F;
    sum = sum * r + 8.3334519073e-3F;
    sum = sum * r + 4.1665795894e-2F;
    sum = sum * r + 1.6666665459e-1F;
    sum = sum * r + 5.0000001201e-1F;
    sum = sum * r * r + r + 1.0F;
    const I power = (n + 127) << 23;
    return sum * reinterpret_cast<V>(power);
}

template <int Lanes>
inline Float<Lanes> sigmoid(const Float<Lanes>& x) {
    return 1.0F / (exponential<Lanes>(-x) + 1.0F);
}
template <int Lanes>
inline Float<Lanes> hyperbolic_tangent(const Float<Lanes>& x) {
    return 2.0F * sigmoid<Lanes>(x * 2.0F) - 1.0F;
}

template <int Lanes>
void run_gates(const float* gates, float* cell, float* hidden) {
    using V = Float<Lanes>;
    for (std::size_t i = 0; i < kSileroHidden; i += Lanes) {
        const V in = sigmoid<Lanes>(load<V>(gates + i));
        const V forget = sigmoid<Lanes>(load<V>(gates + kSileroHidden + i));
        const V fresh = hyperbolic_tangent<Lanes>(load<V>(gates + 2 * kSileroHidden + i));
        const V out = sigmoid<Lanes>(load<V>(gates + 3 * kSileroHidden + i));
        const V next = forget * load<V>(cell + i) + in * fresh;
        store<V>(cell + i, next);
        store<V>(hidden + i, out * hyperbolic_tangent<Lanes>(next));
    }
}

template <int Lanes>
float run_probability(const float* weights, float bias, const float* hidden) {
    using V = Float<Lanes>;
    V sums{};
    for (std::size_t i = 0; i < kSileroHidden; i += Lanes) {
        const V h = load<V>(hidden + i);
        sums += load<V>(weights + i) * (h > 0 ? h : V{});
    }
    float sum = bias;
    for (int lane = 0; lane < Lanes; ++lane) {
        sum += sums[lane];
    }
    const V all = sigmoid<Lanes>(V{} + sum);
    return all[0];
}

template <int Lanes>
constexpr SileroKernel make_kernel(const char* name) {
    return {.name = name,
            .columns = Shape<Lanes>::kColumns,
            .transform = run_transform<Lanes>,
            .layer = run_layer<Lanes>,
            .gates = run_gates<Lanes>,
            .probability = run_probability<Lanes>};
}

}  // namespace
}  // namespace patchbay::speech
