// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <source_location>
#include <stdexcept>

namespace patchbay {

// A broken invariant of ours, never wrong input. It ends one call: the shard catches it at its step
// boundary, hangs that call up with a state dump, and the other calls go on, which is sound because
// calls share nothing.
class BrokenInvariant : public std::logic_error {
  public:
    BrokenInvariant(const char* condition, std::source_location where);

    const std::source_location& where() const { return where_; }

  private:
    std::source_location where_;
};

[[noreturn]] void broken_invariant(const char* condition,
                                   std::source_location where = std::source_location::current());

}  // namespace patchbay

#define PB_ENSURE(condition)                          \
    do {                                              \
        if (!(condition)) [[unlikely]] {              \
            ::patchbay::broken_invariant(#condition); \
        }                                             \
    } while (false)
