// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace patchbay::app {

// Bytes of physical memory that the process holds; 0 where /proc does not say.
std::uint64_t resident_memory();

}  // namespace patchbay::app
