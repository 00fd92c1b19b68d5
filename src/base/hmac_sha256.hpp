// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace patchbay {

// RFC 2104 with SHA-256, in lower-case hex: how webhooks are signed.
std::string hmac_sha256_hex(std::string_view key, std::string_view text);

}  // namespace patchbay
