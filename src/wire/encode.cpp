// SPDX-License-Identifier: Apache-2.0
#include "wire/encode.hpp"

namespace patchbay::wire {

void write_date_time(JsonWriter& writer, DateTime value) {
    constexpr std::string_view kNoFraction = ".000Z";
    std::string text = to_rfc3339(value.time);
    if (text.ends_with(kNoFraction)) {
        text.replace(text.size() - kNoFraction.size(), kNoFraction.size(), "Z");
    }
    writer.text(text);
}

void write_bytes(JsonWriter& writer, ByteView value) {
    writer.begin_array();
    for (const std::uint8_t byte : value) {
        writer.number(std::int64_t{byte});
    }
    writer.end_array();
}

}  // namespace patchbay::wire
