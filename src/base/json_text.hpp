// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace patchbay {

// One JSON value as the text that is sent. Engines carry an application's own JSON in it and
// compose small values without a JSON library; only `wire` reads inside. The text is always one
// whole value: the constructors make it, or `wire` checked it.
class JsonText {
  public:
    JsonText() = default;  // null
    static JsonText text(std::string_view value);
    static JsonText number(std::int64_t value);
    static JsonText number(double value);  // null when not finite
    static JsonText boolean(bool value);
    // `json` must be one valid JSON value.
    static JsonText verbatim(std::string json);

    const std::string& json() const { return json_; }

    friend bool operator==(const JsonText&, const JsonText&) = default;

  private:
    explicit JsonText(std::string json) : json_(std::move(json)) {}

    std::string json_ = "null";
};

// A JSON object with members that nobody here looks into.
using JsonObject = std::map<std::string, JsonText, std::less<>>;

// Appends `text` in quotes (RFC 8259 section 7). Bytes that are not UTF-8 become U+FFFD, because a
// SIP peer's reason phrase must not make a WebSocket text frame invalid (RFC 6455 section 8.1).
void append_json_string(std::string& out, std::string_view text);
// Shortest text that reads back as the same number; 1.0 stays "1.0"; "null" when not finite.
void append_json_number(std::string& out, double value);

}  // namespace patchbay
