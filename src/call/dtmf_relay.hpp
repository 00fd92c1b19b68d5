// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace patchbay::call {

// The key in the body of a SIP INFO: "application/dtmf-relay" ("Signal=5\r\nDuration=160") or
// "application/dtmf" ("5"). Nothing when the body is something else.
std::optional<char> dtmf_digit(std::string_view content_type, std::string_view body);

}  // namespace patchbay::call
