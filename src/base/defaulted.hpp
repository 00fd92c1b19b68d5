// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <utility>

namespace patchbay {

// An optional setting whose default is part of its type: value() is never empty, and whether it was
// given is not lost, so that one set of options can be laid over another and documents can print
// the default.
//   Defaulted<int, 16000> samplerate;      Defaulted<Milliseconds, 200> ptime;
template <class T, auto kDefaultValue>
class Defaulted {
  public:
    using Value = T;
    static constexpr T kDefault{kDefaultValue};

    constexpr Defaulted() = default;
    // Implicit, as std::optional's is: callers write {.samplerate = 8000}.
    constexpr Defaulted(T value) : given_(std::move(value)) {}

    constexpr T value() const { return given_.value_or(kDefault); }
    constexpr bool has_value() const { return given_.has_value(); }
    constexpr const std::optional<T>& given() const { return given_; }

    friend bool operator==(const Defaulted&, const Defaulted&) = default;

  private:
    std::optional<T> given_;
};

}  // namespace patchbay
