// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::wire {

// Whether a Secret<> is written as it is or as "***".
enum class Secrets : std::uint8_t { Hidden, Shown };

// Appends one JSON document to a text, in the order of the calls. Knows commas and escapes, and
// trusts the caller to pair begin and end.
class JsonWriter {
  public:
    explicit JsonWriter(Secrets secrets = Secrets::Hidden) : secrets_(secrets) {}

    void begin_object() { open('{'); }
    void end_object() { close('}'); }
    void begin_array() { open('['); }
    void end_array() { close(']'); }
    void key(std::string_view name);

    void text(std::string_view value);
    void number(std::int64_t value);
    void number(double value);
    void boolean(bool value);
    void null();
    // `json` is one JSON value.
    void verbatim(std::string_view json);
    void value(const boost::json::value& value);

    bool shows_secrets() const { return secrets_ == Secrets::Shown; }
    std::string take() { return std::move(out_); }

  private:
    void separate();
    void open(char bracket);
    void close(char bracket);

    std::string out_;
    Secrets secrets_;
    bool comma_due_ = false;
};

}  // namespace patchbay::wire
