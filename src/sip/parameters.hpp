// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::sip {

class Scanner;

// One ";name", ";name=value" or ";name="quoted text"". The value of a quoted one is the text
// itself.
struct Parameter {
    std::string name;
    std::optional<std::string> value;
    bool quoted = false;

    friend bool operator==(const Parameter&, const Parameter&) = default;
};

// The parameters of a header value or of a URI, in order. Names are compared ignoring case.
class Parameters {
  public:
    // *( SEMI generic-param ), RFC 3261 25.1; stops before anything else. A name that comes twice
    // is malformed (7.3.1).
    static Result<Parameters> parse(Scanner& scanner);

    // Empty for a parameter without a value, absent when the parameter is.
    std::optional<std::string_view> get(std::string_view name) const;
    bool has(std::string_view name) const { return find(name) != nullptr; }
    const std::vector<Parameter>& all() const { return list_; }
    bool empty() const { return list_.empty(); }

    // Replaces in place, or appends. The writer of the message refuses what would break its line.
    void set(std::string_view name, std::string_view value);
    void set_quoted(std::string_view name, std::string_view value);
    void set_flag(std::string_view name);
    void remove(std::string_view name);
    // As parsed; fails on a name that is there already, and beyond the limit.
    Result<void> add(Parameter parameter);

    void write(std::string& out) const;

    friend bool operator==(const Parameters&, const Parameters&) = default;

  private:
    const Parameter* find(std::string_view name) const;
    Parameter& find_or_append(std::string_view name);

    std::vector<Parameter> list_;
};

}  // namespace patchbay::sip
