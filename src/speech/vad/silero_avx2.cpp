// SPDX-License-Identifier: Apache-2.0
// Compiled for AVX2 alone (src/speech/CMakeLists.txt) and called only where the machine has it.
#include "speech/vad/silero_ops.hpp"

#if defined(__AVX2__)

namespace patchbay::speech {

const SileroKernel kSileroAvx2 = make_kernel<8>("avx2");

}  // namespace patchbay::speech

#endif
