// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <utility>

namespace patchbay {

// A number or text with a meaning of its own, so that two of them cannot be swapped by mistake:
//   using Ssrc = Strong<std::uint32_t, struct SsrcTag>;
template <class T, class Tag>
class Strong {
  public:
    using Underlying = T;

    constexpr Strong() = default;
    constexpr explicit Strong(T value) : value_(std::move(value)) {}

    constexpr const T& value() const { return value_; }

    friend constexpr auto operator<=>(const Strong&, const Strong&) = default;

  private:
    T value_{};
};

}  // namespace patchbay

template <class T, class Tag>
struct std::hash<patchbay::Strong<T, Tag>> {
    std::size_t operator()(const patchbay::Strong<T, Tag>& id) const noexcept {
        return std::hash<T>{}(id.value());
    }
};
