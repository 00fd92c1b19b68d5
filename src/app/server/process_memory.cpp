// SPDX-License-Identifier: Apache-2.0
#include "app/server/process_memory.hpp"

#include <unistd.h>

#include <fstream>

namespace patchbay::app {

std::uint64_t resident_memory() {
    // proc(5): statm counts pages; the second number is the resident set.
    std::ifstream statm("/proc/self/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    if (!(statm >> size >> resident)) {
        return 0;
    }
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace patchbay::app
