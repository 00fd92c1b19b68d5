// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>
#include <string_view>

// Signed addresses, read and signed without the code under test.
namespace patchbay::test {

// What clients of the doubles have to show.
inline constexpr std::string_view kAppId = "1250000000";
inline constexpr std::string_view kSecretId = "example-id";
inline constexpr std::string_view kSecretKey = "example-key";

inline std::string unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            int value = 0;
            std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16);
            out += static_cast<char>(value);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

// "?a=1&b=2" of a URL, escapes resolved.
inline std::map<std::string, std::string> query_of(std::string_view url) {
    std::map<std::string, std::string> out;
    std::string_view rest = url.substr(std::min(url.find('?'), url.size() - 1) + 1);
    while (!rest.empty()) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        out[unescaped(pair.substr(0, equals))] =
            unescaped(pair.substr(std::min(equals + 1, pair.size())));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    }
    return out;
}

// HMAC-SHA1 as base64.
inline std::string signed_with(const std::string& key, const std::string& text) {
    std::array<unsigned char, 20> digest{};
    unsigned int size = 0;
    HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
    std::array<unsigned char, 29> base64{};
    const int length = EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
    return {reinterpret_cast<const char*>(base64.data()), static_cast<std::size_t>(length)};
}

}  // namespace patchbay::test
