// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace patchbay::sip {

// How many values a field may carry (RFC 3261 7.3.1). A typed header is a struct with
//   static constexpr HeaderId kId;  static constexpr HeaderForm kForm;
//   static Result<H> parse(std::string_view value);  void write(std::string& out) const;
enum class HeaderForm : std::uint8_t {
    Single,   // one value per field; fields that repeat are separate values
    List,     // a comma list, which may go on in further fields of the name
    Combined  // a comma list whose elements form one value together: Require, Allow
};

template <class H>
std::string to_string(const H& header) {
    std::string out;
    header.write(out);
    return out;
}

}  // namespace patchbay::sip
