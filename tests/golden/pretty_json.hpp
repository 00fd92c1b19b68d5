// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "wire/json_reader.hpp"

#include <boost/json/array.hpp>

#include <string>
#include <string_view>

namespace patchbay::test {

inline std::string pretty(const boost::json::value& json, const std::string& indent = {}) {
    const std::string deeper = indent + "  ";
    std::string members;
    if (json.is_object() && !json.get_object().empty()) {
        for (const auto& member : json.get_object()) {
            members += (members.empty() ? "\n" : ",\n") + deeper;
            append_json_string(members, member.key());
            members += ": " + pretty(member.value(), deeper);
        }
        return "{" + members + "\n" + indent + "}";
    }
    if (json.is_array() && !json.get_array().empty()) {
        for (const boost::json::value& element : json.get_array()) {
            members += (members.empty() ? "\n" : ",\n") + deeper + pretty(element, deeper);
        }
        return "[" + members + "\n" + indent + "]";
    }
    return wire::read_json_text(json).json();
}

// One member per line, so that an approved file's diff names what changed.
inline std::string pretty(std::string_view text) {
    return pretty(wire::parse_json(text).value()) + "\n";
}

}  // namespace patchbay::test
