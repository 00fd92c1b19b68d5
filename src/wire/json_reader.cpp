// SPDX-License-Identifier: Apache-2.0
#include "wire/json_reader.hpp"

#include "wire/json_writer.hpp"
#include "wire/limits.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parser.hpp>

#include <cmath>

namespace patchbay::wire {
namespace json = boost::json;

Decoded<json::value> parse_json(std::string_view text) {
    if (text.size() > kMaxJsonBytes) {
        return undecodable("larger than " + std::to_string(kMaxJsonBytes) + " bytes",
                           Errc::TooLarge);
    }
    json::parse_options options;
    options.max_depth = kMaxDepth;
    json::parser parser({}, options);
    json::error_code error;
    const std::size_t consumed = parser.write_some(text.data(), text.size(), error);
    if (error == json::error::too_deep) {
        return undecodable("nested deeper than " + std::to_string(kMaxDepth) + " levels",
                           Errc::TooLarge);
    }
    // write_some() leaves what follows the first value to the caller.
    const bool trailing = text.find_first_not_of(" \t\r\n", consumed) != std::string_view::npos;
    if (error || trailing) {
        return undecodable("not JSON (at byte " + std::to_string(consumed) + ")");
    }
    return parser.release();
}

Decoded<bool> read_boolean(const json::value& json) {
    if (!json.is_bool()) {
        return undecodable("expected true or false");
    }
    return json.get_bool();
}

Decoded<std::string> read_text(const json::value& json) {
    if (!json.is_string()) {
        return undecodable("expected text");
    }
    return std::string(json.get_string());
}

Decoded<std::string> read_lenient_text(const json::value& json) {
    if (json.is_string()) {
        return std::string(json.get_string());
    }
    return read_json_text(json).json();
}

Decoded<std::int64_t> read_integer(const json::value& json, std::int64_t min, std::int64_t max) {
    std::int64_t value = 0;
    if (json.is_int64()) {
        value = json.get_int64();
    } else if (json.is_uint64()) {
        return undecodable("out of range", Errc::OutOfRange);
    } else if (json.is_double()) {
        const double number = json.get_double();
        if (!(std::abs(number) <= static_cast<double>(kMaxExactInteger))) {
            return undecodable("out of range", Errc::OutOfRange);
        }
        if (number != std::trunc(number)) {
            return undecodable("expected whole number");
        }
        value = static_cast<std::int64_t>(number);
    } else {
        return undecodable("expected number");
    }
    if (value < min || value > max) {
        return undecodable("out of range", Errc::OutOfRange);
    }
    return value;
}

Decoded<double> read_number(const json::value& json) {
    if (!json.is_number()) {
        return undecodable("expected number");
    }
    const double value = json.is_double()  ? json.get_double()
                         : json.is_int64() ? static_cast<double>(json.get_int64())
                                           : static_cast<double>(json.get_uint64());
    if (!std::isfinite(value)) {
        return undecodable("out of range", Errc::OutOfRange);
    }
    return value;
}

Decoded<Milliseconds> read_milliseconds(const json::value& json) {
    PB_TRY(const std::int64_t count, read_integer(json, 0, Milliseconds(kMaxDuration).count()));
    return Milliseconds(count);
}

Decoded<Seconds> read_seconds(const json::value& json) {
    PB_TRY(const std::int64_t count, read_integer(json, 0, kMaxDuration.count()));
    return Seconds(count);
}

Decoded<WallTime> read_wall_time(const json::value& json) {
    PB_TRY(const std::int64_t count, read_integer(json, -kMaxExactInteger, kMaxExactInteger));
    return WallTime{count};
}

Decoded<DateTime> read_date_time(const json::value& json) {
    PB_TRY(const std::string text, read_text(json));
    const auto time = parse_rfc3339(text);
    if (!time) {
        return undecodable("expected date and time (RFC 3339)");
    }
    return DateTime{*time};
}

Decoded<Bytes> read_bytes(const json::value& json) {
    PB_TRY(const json::array* array, read_array(json));
    Bytes out;
    out.reserve(array->size());
    for (const json::value& element : *array) {
        auto byte = read_integer(element, 0, 255);
        if (!byte) {
            return tl::unexpected(std::move(byte).error().inside_element(out.size()));
        }
        out.push_back(static_cast<std::uint8_t>(*byte));
    }
    return out;
}

JsonText read_json_text(const json::value& json) {
    JsonWriter writer;
    writer.value(json);
    return JsonText::verbatim(writer.take());
}

Decoded<const json::object*> read_object(const json::value& json) {
    if (!json.is_object()) {
        return undecodable("expected object");
    }
    return &json.get_object();
}

Decoded<const json::array*> read_array(const json::value& json) {
    if (!json.is_array()) {
        return undecodable("expected array");
    }
    return &json.get_array();
}

const json::value* find_member(const json::object& object,
                               std::string_view key,
                               std::string_view member,
                               std::span<const Alias> aliases) {
    const auto present = [&](std::string_view name) -> const json::value* {
        const json::value* value = object.if_contains(name);
        return value != nullptr && !value->is_null() ? value : nullptr;
    };
    if (const json::value* value = present(key)) {
        return value;
    }
    for (const Alias& alias : aliases) {
        if (alias.member != member) {
            continue;
        }
        if (const json::value* value = present(alias.key)) {
            return value;
        }
    }
    return nullptr;
}

}  // namespace patchbay::wire
