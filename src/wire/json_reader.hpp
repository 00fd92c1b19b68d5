// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/json_text.hpp"
#include "base/time.hpp"
#include "wire/decode_error.hpp"
#include "wire/spelling.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

// What reading needs that does not depend on the type read, so that it is compiled once.
namespace patchbay::wire {

// One JSON document within the limits. Of duplicate keys the last wins.
Decoded<boost::json::value> parse_json(std::string_view text);

Decoded<bool> read_boolean(const boost::json::value& json);
Decoded<std::string> read_text(const boost::json::value& json);
// A value of a map of texts: numbers and booleans give their text, objects and arrays their JSON.
Decoded<std::string> read_lenient_text(const boost::json::value& json);
// A whole number in [min, max], whether it is spelt 30 or 30.0.
Decoded<std::int64_t> read_integer(const boost::json::value& json,
                                   std::int64_t min,
                                   std::int64_t max);
Decoded<double> read_number(const boost::json::value& json);
// Whole, not negative, at most kMaxDuration.
Decoded<Milliseconds> read_milliseconds(const boost::json::value& json);
Decoded<Seconds> read_seconds(const boost::json::value& json);
Decoded<WallTime> read_wall_time(const boost::json::value& json);
Decoded<DateTime> read_date_time(const boost::json::value& json);
Decoded<Bytes> read_bytes(const boost::json::value& json);  // an array of 0..255
JsonText read_json_text(const boost::json::value& json);

Decoded<const boost::json::object*> read_object(const boost::json::value& json);
Decoded<const boost::json::array*> read_array(const boost::json::value& json);

// The value of `key`, or of the first alias of `member` that is there. Null when none is, and when
// the value is null: both mean absent.
const boost::json::value* find_member(const boost::json::object& object,
                                      std::string_view key,
                                      std::string_view member,
                                      std::span<const Alias> aliases);

}  // namespace patchbay::wire
