// SPDX-License-Identifier: Apache-2.0
#include "api/messages/duration_formats.hpp"

#include "base/text.hpp"
#include "wire/json_reader.hpp"
#include "wire/limits.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace patchbay::wire {
namespace {

// Input timeouts of this many units and more are milliseconds, smaller ones seconds.
constexpr double kFirstMilliseconds = 1000;

struct Unit {
    std::string_view name;
    double milliseconds;
};
constexpr std::array kUnits{Unit{"", 1000}, Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000},
                            Unit{"h", 3'600'000}};

Decoded<Milliseconds> bounded(double milliseconds) {
    if (!(milliseconds >= 0) ||
        milliseconds > static_cast<double>(Milliseconds(kMaxDuration).count())) {
        return undecodable("out of range", Errc::OutOfRange);
    }
    return Milliseconds(std::llround(milliseconds));
}

// "30s", "1500ms", "1.5m", "30"
Decoded<Milliseconds> parse_duration(std::string_view text) {
    double count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    const std::string_view unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Unit& unit : kUnits) {
        if (error == std::errc{} && trim(unit_name) == unit.name) {
            return bounded(count * unit.milliseconds);
        }
    }
    return undecodable("expected a duration such as \"30s\"");
}

}  // namespace

Decoded<call::InputTimeout> Format<call::InputTimeout>::read(const boost::json::value& json) {
    PB_TRY(const double number, read_number(json));
    PB_TRY(const Milliseconds timeout,
           bounded(number < kFirstMilliseconds ? number * 1000 : number));
    return call::InputTimeout(timeout);
}

void Format<call::InputTimeout>::write(JsonWriter& writer, const call::InputTimeout& timeout) {
    const std::int64_t milliseconds = timeout.value().count();
    const bool whole_seconds = milliseconds % 1000 == 0;
    if (whole_seconds && milliseconds / 1000 < static_cast<std::int64_t>(kFirstMilliseconds)) {
        writer.number(milliseconds / 1000);
    } else if (milliseconds < static_cast<std::int64_t>(kFirstMilliseconds)) {
        writer.number(static_cast<double>(milliseconds) / 1000);
    } else {
        writer.number(milliseconds);
    }
}

Decoded<call::HandshakeTimeout> Format<call::HandshakeTimeout>::read(
    const boost::json::value& json) {
    if (json.is_number()) {
        PB_TRY(const double seconds, read_number(json));
        PB_TRY(const Milliseconds timeout, bounded(seconds * 1000));
        return call::HandshakeTimeout(timeout);
    }
    PB_TRY(const std::string text, read_text(json));
    PB_TRY(const Milliseconds timeout, parse_duration(text));
    return call::HandshakeTimeout(timeout);
}

void Format<call::HandshakeTimeout>::write(JsonWriter& writer,
                                           const call::HandshakeTimeout& timeout) {
    const std::int64_t milliseconds = timeout.value().count();
    writer.text(milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + "s"
                                         : std::to_string(milliseconds) + "ms");
}

}  // namespace patchbay::wire
