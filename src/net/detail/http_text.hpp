// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_message.hpp"

#include <string>
#include <string_view>

namespace patchbay::net::detail {

// Appends "Name: value\r\n". Line breaks in the value become spaces, so that no value can forge a
// field (CVE class "response splitting").
void append_field(std::string& out, std::string_view name, std::string_view value);

// The status line and the response's own fields, without the empty line that ends the head.
std::string response_head(const HttpResponse& response, std::string_view server_name);

}  // namespace patchbay::net::detail
