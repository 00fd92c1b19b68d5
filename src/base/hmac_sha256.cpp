// SPDX-License-Identifier: Apache-2.0
#include "base/hmac_sha256.hpp"

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace patchbay {

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    PB_ENSURE(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), as_bytes(text).data(),
                   text.size(), digest.data(), &size) != nullptr);
    return to_hex(ByteView(digest).first(size));
}

}  // namespace patchbay
