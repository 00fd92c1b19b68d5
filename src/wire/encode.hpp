// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/json_text.hpp"
#include "base/time.hpp"
#include "wire/json_writer.hpp"
#include "wire/shapes.hpp"
#include "wire/spelling.hpp"

#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

// Described structs to JSON, members in the order of their description. What is absent or empty is
// left out; see spelling.hpp and nullable.hpp for the exceptions. Secrets are written as "***"
// unless the function's name says otherwise.
namespace patchbay::wire {

template <class T>
void write(JsonWriter& writer, const T& value);

// Fraction only when there is one: "2024-01-01T12:00:00Z", "2024-01-01T12:00:00.250Z".
void write_date_time(JsonWriter& writer, DateTime value);
void write_bytes(JsonWriter& writer, ByteView value);

namespace detail {

template <class T>
bool is_left_out(const T& value) {
    if constexpr (WrittenAsNull<T>) {
        return false;
    } else if constexpr (MayBeAbsent<T>) {
        return !value.has_value();
    } else if constexpr (IsList<T> || IsMap<T>) {
        return value.empty();
    } else {
        return false;
    }
}

template <class T>
void write_optional(JsonWriter& writer, const T& value) {
    if (!value.has_value()) {
        writer.null();
    } else if constexpr (requires { value.given(); }) {
        write(writer, *value.given());
    } else {
        write(writer, *value);
    }
}

template <class E>
void write_enumerator(JsonWriter& writer, E value) {
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto descriptor) {
        if (descriptor.value == value) {
            writer.text(enumerator_name<E, decltype(descriptor)>());
        }
    });
}

template <class T>
void write_list(JsonWriter& writer, const T& list) {
    writer.begin_array();
    for (const auto& element : list) {
        write(writer, element);
    }
    writer.end_array();
}

template <class T>
void write_map(JsonWriter& writer, const T& map) {
    writer.begin_object();
    for (const auto& [key, value] : map) {
        writer.key(key);
        write(writer, value);
    }
    writer.end_object();
}

}  // namespace detail

// The members of a struct into an object that the caller has opened.
template <class T>
void write_members(JsonWriter& writer, const T& value) {
    boost::mp11::mp_for_each<Members<T>>([&](auto descriptor) {
        using Descriptor = decltype(descriptor);
        const auto& member = value.*Descriptor::pointer;
        if (is_always_written<T, Descriptor>() || !detail::is_left_out(member)) {
            writer.key(key_of<T, Descriptor>());
            write(writer, member);
        }
    });
}

template <class T>
void write(JsonWriter& writer, const T& value) {
    if constexpr (HasFormat<T>) {
        Format<T>::write(writer, value);
    } else if constexpr (std::is_same_v<T, bool>) {
        writer.boolean(value);
    } else if constexpr (std::is_same_v<T, std::string>) {
        writer.text(value);
    } else if constexpr (std::is_same_v<T, Milliseconds> || std::is_same_v<T, Seconds>) {
        writer.number(std::int64_t{value.count()});
    } else if constexpr (std::is_same_v<T, WallTime>) {
        writer.number(value.milliseconds);
    } else if constexpr (std::is_same_v<T, DateTime>) {
        write_date_time(writer, value);
    } else if constexpr (std::is_same_v<T, Bytes>) {
        write_bytes(writer, value);
    } else if constexpr (std::is_same_v<T, JsonText>) {
        writer.verbatim(value.json());
    } else if constexpr (std::is_integral_v<T>) {
        writer.number(static_cast<std::int64_t>(value));
    } else if constexpr (std::is_floating_point_v<T>) {
        writer.number(static_cast<double>(value));
    } else if constexpr (std::is_enum_v<T>) {
        detail::write_enumerator(writer, value);
    } else if constexpr (MayBeAbsent<T>) {
        detail::write_optional(writer, value);
    } else if constexpr (IsStrong<T>) {
        write(writer, value.value());
    } else if constexpr (IsSecret<T>) {
        if (writer.shows_secrets()) {
            write(writer, value.reveal());
        } else {
            writer.text("***");
        }
    } else if constexpr (IsList<T>) {
        detail::write_list(writer, value);
    } else if constexpr (IsMap<T>) {
        detail::write_map(writer, value);
    } else {
        static_assert(Described<T>, "describe the type, or give it a Format");
        writer.begin_object();
        write_members(writer, value);
        writer.end_object();
    }
}

// The members of a variant's alternative, after its name under `tag_key`, into an open object.
template <class Variant>
void write_tagged_members(JsonWriter& writer, std::string_view tag_key, const Variant& value) {
    std::visit(
        [&](const auto& alternative) {
            writer.key(tag_key);
            writer.text(alternative.kWireTag);
            write_members(writer, alternative);
        },
        value);
}

template <class T>
std::string encode(const T& value) {
    JsonWriter writer;
    write(writer, value);
    return writer.take();
}

// For clients of ours, who must send what they were given.
template <class T>
std::string encode_with_secrets(const T& value) {
    JsonWriter writer(Secrets::Shown);
    write(writer, value);
    return writer.take();
}

template <class Variant>
std::string encode_tagged(std::string_view tag_key,
                          const Variant& value,
                          Secrets secrets = Secrets::Hidden) {
    JsonWriter writer(secrets);
    writer.begin_object();
    write_tagged_members(writer, tag_key, value);
    writer.end_object();
    return writer.take();
}

}  // namespace patchbay::wire
