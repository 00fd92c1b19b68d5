// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

namespace patchbay::wire {

// An optional member that is written as null when empty, where the contract does so
// ("username": null in /iceservers). A plain std::optional is left out instead.
template <class T>
struct Nullable : std::optional<T> {
    using std::optional<T>::optional;

    friend bool operator==(const Nullable& a, const Nullable& b) {
        return static_cast<const std::optional<T>&>(a) == static_cast<const std::optional<T>&>(b);
    }
};

}  // namespace patchbay::wire
