// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.hpp"

#include <fmt/format.h>

namespace patchbay {

BrokenInvariant::BrokenInvariant(const char* condition, std::source_location where)
    : std::logic_error(fmt::format("{}:{}: {}", where.file_name(), where.line(), condition)),
      where_(where) {}

void broken_invariant(const char* condition, std::source_location where) {
    throw BrokenInvariant(condition, where);
}

}  // namespace patchbay
