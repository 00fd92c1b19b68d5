// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

namespace patchbay {

// A value that never shows itself: writers, dumps, records and logs print "***" for it. Reading it
// is a deliberate act, reveal(), which a reviewer can search for.
template <class T>
class Secret {
  public:
    Secret() = default;
    explicit Secret(T value) : value_(std::move(value)) {}

    const T& reveal() const { return value_; }

    friend bool operator==(const Secret&, const Secret&) = default;

  private:
    T value_{};
};

}  // namespace patchbay
