// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "wire/decode.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

// A described struct from JSON, member by member: for documents that people write, who want to be
// told everything that is wrong at once, and also what nobody knows: a misspelt setting that is
// passed over looks like one that has no effect. Heavy, as decode.hpp is.
namespace patchbay::wire {

namespace detail {

template <class T>
bool is_key(std::string_view key) {
    bool known = false;
    boost::mp11::mp_for_each<Members<T>>(
        [&](auto descriptor) { known = known || key == key_of<T, decltype(descriptor)>(); });
    return known || std::ranges::any_of(aliases_of<T>(),
                                        [&](const Alias& alias) { return alias.key == key; });
}

template <class T>
void decode_members(const boost::json::object& object, T& out, std::vector<DecodeError>& errors);

// A struct inside is looked at in the same way.
template <class Member>
void decode_member_into(const boost::json::value* json,
                        std::string_view key,
                        Member& out,
                        std::vector<DecodeError>& errors) {
    if constexpr (MayBeAbsent<Member>) {
        using Value = typename Optional<Member>::Value;
        if constexpr (Described<Value>) {
            if (json != nullptr && json->is_object()) {
                Value value{};
                std::vector<DecodeError> inner;
                decode_members(json->get_object(), value, inner);
                for (DecodeError& error : inner) {
                    errors.push_back(std::move(error).inside_member(key));
                }
                out = std::move(value);
                return;
            }
        }
    }
    if (auto value = decode_member<Member>(json)) {
        out = std::move(*value);
    } else {
        errors.push_back(std::move(value).error().inside_member(key));
    }
}

template <class T>
void decode_members(const boost::json::object& object, T& out, std::vector<DecodeError>& errors) {
    boost::mp11::mp_for_each<Members<T>>([&](auto descriptor) {
        using Descriptor = decltype(descriptor);
        constexpr std::string_view kKey = key_of<T, Descriptor>();
        decode_member_into(find_member(object, kKey, Descriptor::name, aliases_of<T>()), kKey,
                           out.*Descriptor::pointer, errors);
    });
    for (const auto& member : object) {
        if (!is_key<T>(member.key())) {
            DecodeError unknown{.code = Errc::Unsupported, .path = {}, .problem = "unknown field"};
            errors.push_back(std::move(unknown).inside_member(std::string_view(member.key())));
        }
    }
}

}  // namespace detail

// What could be read, and everything that is wrong, in the order of the description; members that
// nobody knows come last. An error without a path means that nothing could be read.
template <class T>
struct DecodedMembers {
    T value{};
    std::vector<DecodeError> errors;
};

template <class T>
DecodedMembers<T> decode_all_members(std::string_view text) {
    DecodedMembers<T> out;
    const auto json = parse_json(text);
    const auto object = json ? read_object(*json)
                             : Decoded<const boost::json::object*>(tl::unexpected(json.error()));
    if (object) {
        detail::decode_members(**object, out.value, out.errors);
    } else {
        out.errors.push_back(object.error());
    }
    return out;
}

}  // namespace patchbay::wire
