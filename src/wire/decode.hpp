// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "wire/json_reader.hpp"
#include "wire/shapes.hpp"
#include "wire/spelling.hpp"

#include <boost/json/array.hpp>

#include <limits>
#include <type_traits>
#include <utility>

// JSON to described structs. Heavy to compile: included by the .cpp files of api/messages and by
// tests only, and never by a header that others include.
//
// A member that may be absent (std::optional, Defaulted, lists, maps) may also be null; every other
// member is required. Unknown keys are tolerated, so that an application written for a later
// version keeps working.
namespace patchbay::wire {

template <class T>
Decoded<T> decode(const boost::json::value& json);

namespace detail {

template <class T>
constexpr bool may_be_missing() {
    return MayBeAbsent<T> || IsList<T> || IsMap<T>;
}

template <class T>
Decoded<T> decode_list(const boost::json::value& json) {
    PB_TRY(const boost::json::array* array, read_array(json));
    T out;
    out.reserve(array->size());
    for (const boost::json::value& element : *array) {
        auto value = decode<typename T::value_type>(element);
        if (!value) {
            return tl::unexpected(std::move(value).error().inside_element(out.size()));
        }
        out.push_back(std::move(*value));
    }
    return out;
}

// A value that is null is absent, as everywhere else.
template <class T>
Decoded<T> decode_map(const boost::json::value& json) {
    using Value = typename T::mapped_type;
    PB_TRY(const boost::json::object* object, read_object(json));
    T out;
    for (const auto& member : *object) {
        const std::string_view key = member.key();
        if constexpr (std::is_same_v<Value, JsonText>) {
            out.emplace(key, read_json_text(member.value()));
        } else if (!member.value().is_null()) {
            Decoded<Value> value = [&] {
                if constexpr (std::is_same_v<Value, std::string>) {
                    return read_lenient_text(member.value());
                } else {
                    return decode<Value>(member.value());
                }
            }();
            if (!value) {
                return tl::unexpected(std::move(value).error().inside_member(key));
            }
            out.emplace(key, std::move(*value));
        }
    }
    return out;
}

template <class E>
Decoded<E> decode_enumerator(const boost::json::value& json) {
    PB_TRY(const std::string text, read_text(json));
    std::optional<E> found;
    boost::mp11::mp_for_each<boost::describe::describe_enumerators<E>>([&](auto descriptor) {
        if (text == enumerator_name<E, decltype(descriptor)>()) {
            found = descriptor.value;
        }
    });
    if (!found) {
        return undecodable("unknown word " + quote_for_error(text), Errc::Unsupported);
    }
    return *found;
}

template <class Member>
Decoded<Member> decode_member(const boost::json::value* json) {
    if (json == nullptr) {
        if constexpr (may_be_missing<Member>()) {
            return Member{};
        } else {
            return undecodable("required");
        }
    } else if constexpr (MayBeAbsent<Member>) {
        PB_TRY(auto value, decode<typename Optional<Member>::Value>(*json));
        return Member(std::move(value));
    } else {
        return decode<Member>(*json);
    }
}

// The only required member for which null is a value and not an absence.
inline Decoded<JsonText> decode_required_json(const boost::json::object& object,
                                              std::string_view key) {
    const boost::json::value* json = object.if_contains(key);
    if (json == nullptr) {
        return undecodable("required");
    }
    return read_json_text(*json);
}

template <class T>
Decoded<T> decode_struct(const boost::json::value& json) {
    PB_TRY(const boost::json::object* object, read_object(json));
    T out{};
    std::optional<DecodeError> first_error;
    boost::mp11::mp_for_each<Members<T>>([&](auto descriptor) {
        if (first_error) {
            return;
        }
        using Descriptor = decltype(descriptor);
        using Member = std::remove_reference_t<decltype(out.*Descriptor::pointer)>;
        constexpr std::string_view kKey = key_of<T, Descriptor>();
        Decoded<Member> value = [&] {
            if constexpr (std::is_same_v<Member, JsonText>) {
                return decode_required_json(*object, kKey);
            } else {
                return decode_member<Member>(
                    find_member(*object, kKey, Descriptor::name, aliases_of<T>()));
            }
        }();
        if (value) {
            out.*Descriptor::pointer = std::move(*value);
        } else {
            first_error = std::move(value).error().inside_member(kKey);
        }
    });
    if (first_error) {
        return tl::unexpected(std::move(*first_error));
    }
    return out;
}

template <class Variant, std::size_t kIndex = 0>
Decoded<Variant> decode_alternative(const boost::json::value& json, std::string_view tag) {
    if constexpr (kIndex == std::variant_size_v<Variant>) {
        return undecodable("unknown word " + quote_for_error(tag), Errc::Unsupported);
    } else {
        using Alternative = std::variant_alternative_t<kIndex, Variant>;
        if (tag != Alternative::kWireTag) {
            return decode_alternative<Variant, kIndex + 1>(json, tag);
        }
        PB_TRY(auto value, decode<Alternative>(json));
        return Variant(std::move(value));
    }
}

}  // namespace detail

template <class T>
Decoded<T> decode(const boost::json::value& json) {
    if constexpr (HasFormat<T>) {
        return Format<T>::read(json);
    } else if constexpr (std::is_same_v<T, bool>) {
        return read_boolean(json);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return read_text(json);
    } else if constexpr (std::is_same_v<T, Milliseconds>) {
        return read_milliseconds(json);
    } else if constexpr (std::is_same_v<T, Seconds>) {
        return read_seconds(json);
    } else if constexpr (std::is_same_v<T, WallTime>) {
        return read_wall_time(json);
    } else if constexpr (std::is_same_v<T, DateTime>) {
        return read_date_time(json);
    } else if constexpr (std::is_same_v<T, Bytes>) {
        return read_bytes(json);
    } else if constexpr (std::is_same_v<T, JsonText>) {
        return read_json_text(json);
    } else if constexpr (std::is_integral_v<T>) {
        static_assert(sizeof(T) < 8 || std::is_signed_v<T>, "JSON has no such integers");
        PB_TRY(const std::int64_t value,
               read_integer(json, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
        return static_cast<T>(value);
    } else if constexpr (std::is_floating_point_v<T>) {
        PB_TRY(const double value, read_number(json));
        return static_cast<T>(value);
    } else if constexpr (std::is_enum_v<T>) {
        return detail::decode_enumerator<T>(json);
    } else if constexpr (IsStrong<T>) {
        PB_TRY(auto value, decode<typename T::Underlying>(json));
        return T(std::move(value));
    } else if constexpr (IsSecret<T>) {
        PB_TRY(auto value, decode<std::remove_cvref_t<decltype(T{}.reveal())>>(json));
        return T(std::move(value));
    } else if constexpr (IsList<T>) {
        return detail::decode_list<T>(json);
    } else if constexpr (IsMap<T>) {
        return detail::decode_map<T>(json);
    } else {
        static_assert(Described<T>, "describe the type, or give it a Format");
        return detail::decode_struct<T>(json);
    }
}

// The alternative whose kWireTag stands under `tag_key`: "command", "event".
template <class Variant>
Decoded<Variant> decode_tagged(const boost::json::value& json, std::string_view tag_key) {
    PB_TRY(const boost::json::object* object, read_object(json));
    auto tag = detail::decode_member<std::string>(find_member(*object, tag_key, tag_key, {}));
    if (!tag) {
        return tl::unexpected(std::move(tag).error().inside_member(tag_key));
    }
    auto value = detail::decode_alternative<Variant>(json, *tag);
    if (!value && value.error().path.empty()) {
        return tl::unexpected(std::move(value).error().inside_member(tag_key));
    }
    return value;
}

// A whole document.
template <class T>
Decoded<T> decode_document(std::string_view text) {
    PB_TRY(const boost::json::value json, parse_json(text));
    return decode<T>(json);
}

}  // namespace patchbay::wire
