// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace patchbay::speech {

// Names and values of a query, in the order of the names, as signatures want them.
using Query = std::map<std::string, std::string, std::less<>>;

// "a=1&b=2" as it is signed: nothing is escaped.
std::string plain_query(const Query& query);
// The same as it is sent (RFC 3986 2.1).
std::string escaped_query(const Query& query);
// Appends a query to a URL that may have one already.
std::string with_query(std::string_view url, const std::string& query);
// "wss://host/path" -> "host/path": what Tencent signs is the address without its scheme.
std::string_view without_scheme(std::string_view url);

// RFC 2104 with SHA-1, as base64.
std::string hmac_sha1_base64(std::string_view key, std::string_view text);

}  // namespace patchbay::speech
