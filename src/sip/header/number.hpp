// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sip/header/form.hpp"
#include "sip/header_name.hpp"
#include "sip/limits.hpp"
#include "sip/parameters.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::sip {

// 1*DIGIT up to `maximum`. Malformed when it is no number, OutOfRange beyond the maximum, however
// many digits there are.
Result<std::uint32_t> parse_decimal(std::string_view value,
                                    std::uint32_t maximum,
                                    std::string_view where);
void write_decimal(std::uint32_t value, std::string& out);

template <HeaderId Id, std::uint32_t Maximum>
struct NumberHeader {
    static constexpr HeaderId kId = Id;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    std::uint32_t value = 0;

    static Result<NumberHeader> parse(std::string_view text) {
        PB_TRY(const std::uint32_t number, parse_decimal(text, Maximum, header_name(Id)));
        return NumberHeader{number};
    }
    void write(std::string& out) const { write_decimal(value, out); }

    friend bool operator==(const NumberHeader&, const NumberHeader&) = default;
};

inline constexpr std::uint32_t kAnyNumber = std::numeric_limits<std::uint32_t>::max();

using MaxForwards = NumberHeader<HeaderId::MaxForwards, kMaxMaxForwards>;
using ContentLength = NumberHeader<HeaderId::ContentLength, kAnyNumber>;
using Expires = NumberHeader<HeaderId::Expires, kAnyNumber>;        // seconds
using MinExpires = NumberHeader<HeaderId::MinExpires, kAnyNumber>;  // seconds
using RSeq = NumberHeader<HeaderId::RSeq, kAnyNumber>;

// RFC 3261 20.33: seconds, an optional comment, and parameters such as duration.
struct RetryAfter {
    static constexpr HeaderId kId = HeaderId::RetryAfter;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    std::uint32_t seconds = 0;
    std::string comment;  // without its parentheses
    Parameters parameters;

    static Result<RetryAfter> parse(std::string_view value);
    void write(std::string& out) const;

    friend bool operator==(const RetryAfter&, const RetryAfter&) = default;
};

// Seconds and parameters: Session-Expires and Min-SE (RFC 4028 4, 5).
template <HeaderId Id>
struct SessionInterval {
    static constexpr HeaderId kId = Id;
    static constexpr HeaderForm kForm = HeaderForm::Single;

    std::uint32_t seconds = 0;
    Parameters parameters;

    static Result<SessionInterval> parse(std::string_view value);
    void write(std::string& out) const;

    // "uac" or "uas".
    std::optional<std::string_view> refresher() const { return parameters.get("refresher"); }

    friend bool operator==(const SessionInterval&, const SessionInterval&) = default;
};

using SessionExpires = SessionInterval<HeaderId::SessionExpires>;
using MinSe = SessionInterval<HeaderId::MinSe>;

}  // namespace patchbay::sip
