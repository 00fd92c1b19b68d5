// SPDX-License-Identifier: Apache-2.0
#include "speech/vad/silero_kernel.hpp"

namespace patchbay::speech {

const SileroKernel& silero_kernel() {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
        return kSileroAvx512;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        return kSileroAvx2;
    }
#endif
    return kSileroGeneric;
}

}  // namespace patchbay::speech
