// SPDX-License-Identifier: Apache-2.0
// For every machine: SSE2 or NEON.
#include "speech/vad/silero_ops.hpp"

namespace patchbay::speech {

const SileroKernel kSileroGeneric = make_kernel<4>("generic");

}  // namespace patchbay::speech
