// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/digest.hpp"

#include "base/ensure.hpp"
#include "base/text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace patchbay::lab::meta {
namespace {

std::string hashed(Algorithm algorithm, const std::string& text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    const EVP_MD* const kind = algorithm == Algorithm::Md5 ? EVP_md5() : EVP_sha256();
    PB_ENSURE(EVP_Digest(text.data(), text.size(), digest.data(), &size, kind, nullptr) == 1);
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
        out += fmt::format("{:02x}", digest[i]);
    }
    return out;
}

}  // namespace

std::string_view to_string(Algorithm algorithm) {
    return algorithm == Algorithm::Md5 ? "MD5" : "SHA-256";
}

DigestFields read_digest(std::string_view header) {
    DigestFields fields;
    auto [scheme, rest] = split_once(trim(header), ' ');
    fields["scheme"] = std::string(scheme);
    while (!(rest = trim(rest)).empty()) {
        const auto [name, after] = split_once(rest, '=');
        std::string_view value;
        if (after.starts_with('"')) {
            value = split_once(after.substr(1), '"').first;
            rest = after.substr(std::min(after.size(), value.size() + 2));
            rest = split_once(rest, ',').second;
        } else {
            std::tie(value, rest) = split_once(after, ',');
        }
        fields[to_lower(trim(name))] = std::string(trim(value));
    }
    return fields;
}

std::string digest_response(const DigestInput& in) {
    const std::string secret =
        hashed(in.algorithm, fmt::format("{}:{}:{}", in.user, in.realm, in.password));
    const std::string request = hashed(in.algorithm, fmt::format("{}:{}", in.method, in.uri));
    return hashed(in.algorithm, fmt::format("{}:{}:{}:{}:auth:{}", secret, in.nonce, in.count,
                                            in.client_nonce, request));
}

}  // namespace patchbay::lab::meta
