// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/parameters.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sip {

// RFC 3326 2: why a request was sent, "Q.850;cause=16;text="Terminated"".
struct Reason {
    static constexpr HeaderId kId = HeaderId::Reason;
    static constexpr HeaderForm kForm = HeaderForm::List;

    std::string protocol;  // "SIP", "Q.850"
    Parameters parameters;

    static Result<Reason> parse(std::string_view value);
    void write(std::string& out) const;

    std::optional<std::uint32_t> cause() const;
    std::optional<std::string_view> text() const { return parameters.get("text"); }

    friend bool operator==(const Reason&, const Reason&) = default;
};

// RFC 3261 20.43.
struct Warning {
    static constexpr HeaderId kId = HeaderId::Warning;
    static constexpr HeaderForm kForm = HeaderForm::List;

    std::uint16_t code = 0;  // 3 digits
    std::string agent;       // host:port or pseudonym
    std::string text;        // unquoted

    static Result<Warning> parse(std::string_view value);
    void write(std::string& out) const;

    friend bool operator==(const Warning&, const Warning&) = default;
};

}  // namespace patchbay::sip
