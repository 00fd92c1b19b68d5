// SPDX-License-Identifier: Apache-2.0
#include "webrtc/dtls/fingerprint.hpp"

#include "base/text.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

namespace patchbay::webrtc {
namespace {

struct Hash {
    std::string_view name;
    std::size_t size;
    const EVP_MD* (*function)();
};
// The best one first.
constexpr std::array kHashes = {Hash{"sha-512", 64, EVP_sha512}, Hash{"sha-384", 48, EVP_sha384},
                                Hash{"sha-256", 32, EVP_sha256}};

const Hash* hash_of(std::string_view name) {
    const auto* const found = std::ranges::find(kHashes, name, &Hash::name);
    return found == kHashes.end() ? nullptr : found;
}

// "4A:AD:B9": two digits for each byte, a colon between two.
std::optional<Bytes> read_digest(std::string_view text) {
    if (text.size() % 3 != 2) {
        return std::nullopt;
    }
    std::string digits;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool separator = i % 3 == 2;
        if (separator != (text[i] == ':')) {
            return std::nullopt;
        }
        if (!separator) {
            digits.push_back(text[i]);
        }
    }
    return from_hex(digits);
}

}  // namespace

Result<Fingerprint> Fingerprint::parse(std::string_view text) {
    const auto [algorithm, digits] = split_once(trim(text), ' ');
    const std::string name = to_lower(algorithm);
    const Hash* hash = hash_of(name);
    if (hash == nullptr) {
        return fail(Errc::Unsupported, "a=fingerprint");
    }
    auto digest = read_digest(trim(digits));
    if (!digest || digest->size() != hash->size) {
        return fail(Errc::Malformed, "a=fingerprint");
    }
    return Fingerprint{name, *std::move(digest)};
}

std::string Fingerprint::to_string() const {
    std::string text = algorithm + ' ';
    for (std::size_t i = 0; i < digest.size(); ++i) {
        std::string byte = to_hex(ByteView(digest).subspan(i, 1));
        std::ranges::transform(byte, byte.begin(), [](char c) {
            return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
        });
        text += (i == 0 ? "" : ":") + byte;
    }
    return text;
}

Result<Fingerprint> make_fingerprint(std::string_view algorithm, ByteView certificate) {
    const Hash* hash = hash_of(algorithm);
    if (hash == nullptr) {
        return fail(Errc::Unsupported, "hash");
    }
    Fingerprint fingerprint{std::string(algorithm), Bytes(hash->size)};
    if (EVP_Digest(certificate.data(), certificate.size(), fingerprint.digest.data(), nullptr,
                   hash->function(), nullptr) != 1) {
        return fail(Errc::Unavailable, "hash");
    }
    return fingerprint;
}

bool matches_any(const std::vector<Fingerprint>& expected, ByteView certificate) {
    for (const Hash& hash : kHashes) {
        const auto is_of_hash = [&](const Fingerprint& f) { return f.algorithm == hash.name; };
        if (std::ranges::any_of(expected, is_of_hash)) {
            const auto actual = make_fingerprint(hash.name, certificate);
            return actual && std::ranges::find(expected, *actual) != expected.end();
        }
    }
    return false;
}

}  // namespace patchbay::webrtc
