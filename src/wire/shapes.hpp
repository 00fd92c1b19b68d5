// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/boxed.hpp"
#include "base/defaulted.hpp"
#include "base/secret.hpp"
#include "base/strong.hpp"
#include "wire/nullable.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

// The kinds of types that decode.hpp and encode.hpp tell apart.
namespace patchbay::wire {

// Specialised for a type whose JSON form follows no rule ("30s"):
//   static Decoded<T> read(const boost::json::value&);   static void write(JsonWriter&, const T&);
template <class T>
struct Format;

template <class T>
concept HasFormat = requires { sizeof(Format<T>); };

template <class T>
using Map = std::map<std::string, T, std::less<>>;

namespace detail {

// What a member holds when it may be absent: itself, with one word for each kind.
template <class T>
struct Optional {
    static constexpr bool kIs = false;
};
template <class T>
struct Optional<std::optional<T>> {
    static constexpr bool kIs = true;
    using Value = T;
};
template <class T>
struct Optional<Boxed<T>> {
    static constexpr bool kIs = true;
    using Value = T;
};
template <class T>
struct Optional<Nullable<T>> {
    static constexpr bool kIs = true;
    using Value = T;
};
template <class T, auto kDefaultValue>
struct Optional<Defaulted<T, kDefaultValue>> {
    static constexpr bool kIs = true;
    using Value = T;
};

template <class T, template <class...> class Template>
inline constexpr bool kIsA = false;
template <class... Args, template <class...> class Template>
inline constexpr bool kIsA<Template<Args...>, Template> = true;

template <class T>
inline constexpr bool kIsMap = false;
template <class T>
inline constexpr bool kIsMap<Map<T>> = true;

}  // namespace detail

template <class T>
concept MayBeAbsent = detail::Optional<T>::kIs;
template <class T>
concept WrittenAsNull = detail::kIsA<T, Nullable>;
template <class T>
concept IsStrong = detail::kIsA<T, Strong>;
template <class T>
concept IsSecret = detail::kIsA<T, Secret>;
template <class T>
concept IsList = detail::kIsA<T, std::vector>;
template <class T>
concept IsMap = detail::kIsMap<T>;
template <class T>
concept IsVariant = detail::kIsA<T, std::variant>;

}  // namespace patchbay::wire
