// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

// How a described type is spelt in JSON. The rule is: the member's name, snake_case turned into
// camelCase, at compile time. A type that differs says so in constants of its own
//
//   static constexpr wire::Case kWireCase = wire::Case::Snake;
//   static constexpr std::array kWireNames{wire::Rename{"option", "cs.option"}};
//   static constexpr std::array kWireAliases{wire::Alias{"text", "body"}};
//   static constexpr std::array<std::string_view, 1> kWireAlways{"calls"};
//
// or, when its module must not know wire, in a specialisation of Spelling with the same constants.
namespace patchbay::wire {

enum class Case { Camel, Snake };

// The key of one member, or the name of one enumerator, where the rule does not give it.
struct Rename {
    std::string_view member;
    std::string_view key;
};

// A second key that is accepted for a member, and never written. The main key wins.
struct Alias {
    std::string_view key;
    std::string_view member;
};

template <class T>
struct Spelling {};

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

template <class T>
concept Described = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

namespace detail {

template <class T>
constexpr Case case_of() {
    if constexpr (requires { Spelling<T>::kWireCase; }) {
        return Spelling<T>::kWireCase;
    } else if constexpr (requires { T::kWireCase; }) {
        return T::kWireCase;
    } else {
        return Case::Camel;
    }
}

template <class T>
constexpr std::span<const Rename> renames_of() {
    if constexpr (requires { Spelling<T>::kWireNames; }) {
        return Spelling<T>::kWireNames;
    } else if constexpr (requires { T::kWireNames; }) {
        return T::kWireNames;
    } else {
        return {};
    }
}

template <class T>
constexpr std::span<const Alias> aliases_of() {
    if constexpr (requires { Spelling<T>::kWireAliases; }) {
        return Spelling<T>::kWireAliases;
    } else if constexpr (requires { T::kWireAliases; }) {
        return T::kWireAliases;
    } else {
        return {};
    }
}

// Lists and maps that are written even when they are empty.
template <class T>
constexpr std::span<const std::string_view> always_written_of() {
    if constexpr (requires { Spelling<T>::kWireAlways; }) {
        return Spelling<T>::kWireAlways;
    } else if constexpr (requires { T::kWireAlways; }) {
        return T::kWireAlways;
    } else {
        return {};
    }
}

constexpr std::string_view renamed(std::span<const Rename> renames, std::string_view member) {
    for (const Rename& rename : renames) {
        if (rename.member == member) {
            return rename.key;
        }
    }
    return {};
}

constexpr char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Text of at most N characters that a constant expression can build.
template <std::size_t N>
struct FixedText {
    std::array<char, N> characters{};
    std::size_t length = 0;

    constexpr void append(char c) { characters[length++] = c; }
    constexpr std::string_view view() const { return {characters.data(), length}; }
};

// "wait_input_timeout" -> "waitInputTimeout"
template <std::size_t N>
constexpr FixedText<N> camel_case(std::string_view snake) {
    FixedText<N> out;
    bool raise = false;
    for (const char c : snake) {
        if (c == '_') {
            raise = out.length != 0;
            continue;
        }
        out.append(raise ? upper(c) : c);
        raise = false;
    }
    return out;
}

// "NotFound" -> "notFound"
template <std::size_t N>
constexpr FixedText<N> lower_first(std::string_view pascal) {
    FixedText<N> out;
    for (const char c : pascal) {
        out.append(out.length == 0 ? lower(c) : c);
    }
    return out;
}

template <class Descriptor>
inline constexpr std::size_t kNameLength = std::string_view(Descriptor::name).size();

template <class Descriptor>
inline constexpr auto kCamelName = camel_case<kNameLength<Descriptor>>(Descriptor::name);

template <class Descriptor>
inline constexpr auto kEnumeratorName = lower_first<kNameLength<Descriptor>>(Descriptor::name);

}  // namespace detail

// The JSON key of a member of T, given its descriptor.
template <class T, class Descriptor>
constexpr std::string_view key_of() {
    constexpr std::string_view kRenamed =
        detail::renamed(detail::renames_of<T>(), Descriptor::name);
    if constexpr (!kRenamed.empty()) {
        return kRenamed;
    } else if constexpr (detail::case_of<T>() == Case::Snake) {
        return Descriptor::name;
    } else {
        return detail::kCamelName<Descriptor>.view();
    }
}

// The JSON text of an enumerator of E, given its descriptor.
template <class E, class Descriptor>
constexpr std::string_view enumerator_name() {
    constexpr std::string_view kRenamed =
        detail::renamed(detail::renames_of<E>(), Descriptor::name);
    if constexpr (!kRenamed.empty()) {
        return kRenamed;
    } else {
        return detail::kEnumeratorName<Descriptor>.view();
    }
}

template <class T, class Descriptor>
constexpr bool is_always_written() {
    for (const std::string_view member : detail::always_written_of<T>()) {
        if (member == Descriptor::name) {
            return true;
        }
    }
    return false;
}

}  // namespace patchbay::wire
