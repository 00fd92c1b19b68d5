// SPDX-License-Identifier: Apache-2.0
#include "speech/provider_text.hpp"

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdint>

namespace patchbay::speech {

std::string plain_query(const Query& query) {
    std::string out;
    for (const auto& [name, value] : query) {
        out += (out.empty() ? "" : "&") + name + "=" + value;
    }
    return out;
}

std::string escaped_query(const Query& query) {
    std::string out;
    for (const auto& [name, value] : query) {
        out += (out.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
    }
    return out;
}

std::string with_query(std::string_view url, const std::string& query) {
    if (query.empty()) {
        return std::string(url);
    }
    const char join = url.find('?') == std::string_view::npos ? '?' : '&';
    return std::string(url) + join + query;
}

std::string_view without_scheme(std::string_view url) {
    const std::size_t at = url.find("://");
    return at == std::string_view::npos ? url : url.substr(at + 3);
}

std::string hmac_sha1_base64(std::string_view key, std::string_view text) {
    std::array<std::uint8_t, 20> digest{};
    unsigned int size = 0;
    const ByteView bytes = as_bytes(text);
    const auto* written = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes.data(),
                               bytes.size(), digest.data(), &size);
    PB_ENSURE(written != nullptr && size == digest.size());
    return to_base64(digest);
}

}  // namespace patchbay::speech
