// SPDX-License-Identifier: Apache-2.0
#include "sip/digest.hpp"

#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"

#include <openssl/evp.h>

#include <array>

namespace patchbay::sip {
namespace {

struct NamedVariant {
    std::string_view name;
    DigestVariant variant;
};
constexpr std::array<NamedVariant, 6> kVariants{{
    {"MD5", {DigestAlgorithm::Md5, false}},
    {"MD5-sess", {DigestAlgorithm::Md5, true}},
    {"SHA-256", {DigestAlgorithm::Sha256, false}},
    {"SHA-256-sess", {DigestAlgorithm::Sha256, true}},
    {"SHA-512-256", {DigestAlgorithm::Sha512_256, false}},
    {"SHA-512-256-sess", {DigestAlgorithm::Sha512_256, true}},
}};

const EVP_MD* evp(DigestAlgorithm algorithm) {
    switch (algorithm) {
        case DigestAlgorithm::Md5: return EVP_md5();
        case DigestAlgorithm::Sha256: return EVP_sha256();
        case DigestAlgorithm::Sha512_256: return EVP_sha512_256();
    }
    return nullptr;
}

// Parts with colons between them, as RFC 7616 writes its formulas.
template <class... Parts>
std::string colons(std::string_view first, const Parts&... parts) {
    std::string out(first);
    ((out += ':', out.append(parts)), ...);
    return out;
}

// nc-value is eight hexadecimal digits (RFC 7616 3.4).
std::string count_text(std::uint32_t count) {
    std::array<std::uint8_t, 4> raw{};
    store_be32(raw.data(), count);
    return to_hex(raw);
}

// RFC 7616 3.4.1, from H(username:realm:password) on.
std::string response_from_secret(const DigestInput& in, std::string_view hashed_secret) {
    const DigestAlgorithm algorithm = in.variant.algorithm;
    std::string a1(hashed_secret);
    if (in.variant.session) {
        a1 = digest_hash(algorithm, colons(a1, in.nonce, in.client_nonce));
    }
    const std::string a2 = digest_hash(algorithm, colons(in.method, in.uri));
    if (in.qop.empty()) {
        return digest_hash(algorithm, colons(a1, in.nonce, a2));
    }
    return digest_hash(
        algorithm, colons(a1, in.nonce, count_text(in.nonce_count), in.client_nonce, in.qop, a2));
}

}  // namespace

std::optional<DigestVariant> DigestVariant::parse(std::string_view name) {
    for (const NamedVariant& known : kVariants) {
        if (equals_ignoring_case(known.name, name)) {
            return known.variant;
        }
    }
    return std::nullopt;
}

std::string_view DigestVariant::name() const {
    for (const NamedVariant& known : kVariants) {
        if (known.variant == *this) {
            return known.name;
        }
    }
    return {};
}

std::string digest_hash(DigestAlgorithm algorithm, std::string_view text) {
    std::array<std::uint8_t, EVP_MAX_MD_SIZE> raw{};
    unsigned size = 0;
    PB_ENSURE(EVP_Digest(text.data(), text.size(), raw.data(), &size, evp(algorithm), nullptr) ==
              1);
    return to_hex({raw.data(), size});
}

std::string digest_response(const DigestInput& in) {
    return response_from_secret(
        in, digest_hash(in.variant.algorithm, colons(in.username, in.realm, in.password)));
}

bool digest_proves(const AuthParameters& credentials,
                   std::string_view method,
                   std::string_view hashed_secret) {
    const auto text = [&](std::string_view name) { return credentials.get(name).value_or(""); };
    const auto variant = DigestVariant::parse(credentials.get("algorithm").value_or("MD5"));
    if (!credentials.is_digest() || !variant) {
        return false;
    }
    std::uint32_t count = 0;
    if (const auto raw = from_hex(text("nc")); raw && raw->size() == 4) {
        count = load_be32(raw->data());
    }
    const DigestInput input{.variant = *variant,
                            .username = text("username"),
                            .realm = text("realm"),
                            .password = {},
                            .method = method,
                            .uri = text("uri"),
                            .nonce = text("nonce"),
                            .qop = text("qop"),
                            .client_nonce = text("cnonce"),
                            .nonce_count = count};
    return equals_in_constant_time(response_from_secret(input, hashed_secret), text("response"));
}

}  // namespace patchbay::sip
