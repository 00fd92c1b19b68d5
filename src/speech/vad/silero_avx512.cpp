// SPDX-License-Identifier: Apache-2.0
// Compiled for AVX512F alone (src/speech/CMakeLists.txt) and called only where the machine has it.
#include "speech/vad/silero_ops.hpp"

#if defined(__AVX512F__)

namespace patchbay::speech {

const SileroKernel kSileroAvx512 = make_kernel<16>("avx512");

}  // namespace patchbay::speech

#endif
