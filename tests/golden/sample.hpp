// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/json_text.hpp"
#include "base/time.hpp"
#include "wire/shapes.hpp"
#include "wire/spelling.hpp"

#include <string>
#include <string_view>
#include <type_traits>

namespace patchbay::test {

// A value of T in which every member is there, so that no field of a message can be forgotten in
// the approved files: a text holds its member's name, a map holds one entry, a list one element.
template <class T>
T sample(std::string_view name) {
    if constexpr (std::is_same_v<T, std::string>) {
        return std::string(name);
    } else if constexpr (std::is_same_v<T, bool>) {
        return true;
    } else if constexpr (std::is_same_v<T, WallTime>) {
        return WallTime{1640995200000};
    } else if constexpr (std::is_same_v<T, DateTime>) {
        return DateTime{{1704110400250}};
    } else if constexpr (std::is_same_v<T, JsonText>) {
        return JsonText::verbatim(R"({"any":["json",1,0.5,null]})");
    } else if constexpr (std::is_same_v<T, Milliseconds> || std::is_same_v<T, Seconds>) {
        return T(7);
    } else if constexpr (std::is_enum_v<T>) {
        return T{};
    } else if constexpr (std::is_floating_point_v<T>) {
        return static_cast<T>(0.25);
    } else if constexpr (std::is_arithmetic_v<T>) {
        return static_cast<T>(7);
    } else if constexpr (wire::MayBeAbsent<T>) {
        return T(sample<typename wire::detail::Optional<T>::Value>(name));
    } else if constexpr (wire::IsStrong<T>) {
        return T(sample<typename T::Underlying>(name));
    } else if constexpr (wire::IsSecret<T>) {
        return T(std::string("planted secret"));
    } else if constexpr (wire::IsList<T>) {
        return T{sample<typename T::value_type>(name)};
    } else if constexpr (wire::IsMap<T>) {
        return T{{"key", sample<typename T::mapped_type>(name)}};
    } else {
        T out{};
        boost::mp11::mp_for_each<wire::Members<T>>([&](auto descriptor) {
            auto& member = out.*decltype(descriptor)::pointer;
            member = sample<std::remove_reference_t<decltype(member)>>(descriptor.name);
        });
        return out;
    }
}

}  // namespace patchbay::test
