// SPDX-License-Identifier: Apache-2.0
#include "sdp/crypto.hpp"

#include "base/text.hpp"
#include "sdp/limits.hpp"

#include <algorithm>
#include <array>

namespace patchbay::sdp {
namespace {

struct SuiteName {
    CryptoSuite suite;
    std::string_view name;
    std::size_t key_size;
};

// In the order of preference: GCM costs less than HMAC and is stronger.
constexpr std::array kSuites{
    SuiteName{CryptoSuite::AeadAes256Gcm, "AEAD_AES_256_GCM", 32 + 12},
    SuiteName{CryptoSuite::AeadAes128Gcm, "AEAD_AES_128_GCM", 16 + 12},
    SuiteName{CryptoSuite::AesCm128HmacSha1Tag80, "AES_CM_128_HMAC_SHA1_80", 16 + 14},
    SuiteName{CryptoSuite::AesCm128HmacSha1Tag32, "AES_CM_128_HMAC_SHA1_32", 16 + 14},
};

const SuiteName& named(CryptoSuite suite) {
    return *std::ranges::find(kSuites, suite, &SuiteName::suite);
}

std::string_view next_word(std::string_view& rest) {
    rest = trim(rest);
    const std::size_t end = std::min(rest.find_first_of(" \t"), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(end);
    return word;
}

// RFC 4568 9.1: one to nine digits.
Result<std::uint32_t> parse_tag(std::string_view text) {
    constexpr std::size_t kDigits = 9;
    const auto tag = parse_number<std::uint32_t>(text);
    if (!tag || text.size() > kDigits) {
        return fail(Errc::Malformed, "tag of a=crypto");
    }
    return *tag;
}

// RFC 4568 6.1: "inline:KEY||SALT|lifetime|MKI:length", several of them parted by ';'.
Result<Bytes> parse_key(std::string_view text, CryptoSuite suite) {
    constexpr std::string_view kMethod = "inline:";
    if (!starts_with_ignoring_case(text, kMethod)) {
        return fail(Errc::Unsupported, "key method of a=crypto");
    }
    text.remove_prefix(kMethod.size());
    // Several keys need identifiers to tell them apart, and an identifier rides in every packet.
    if (text.find(';') != std::string_view::npos) {
        return fail(Errc::Unsupported, "several keys in a=crypto");
    }
    const auto [key_text, parameters] = split_once(text, '|');
    if (parameters.find(':') != std::string_view::npos) {
        return fail(Errc::Unsupported, "key identifier in a=crypto");
    }
    if (key_text.size() > limits::kCryptoKeyText) {
        return fail(Errc::Malformed, "key of a=crypto", static_cast<std::int64_t>(key_text.size()));
    }
    auto key = from_base64(key_text);
    if (!key || key->size() != key_size(suite)) {
        return fail(Errc::Malformed, "key of a=crypto");
    }
    return std::move(*key);
}

// RFC 4568 6.3: a parameter we do not know ends the use of this line, unless it begins with '-'.
// WSH is advice to the receiver, and KDR=0 says what is so anyway.
bool is_harmless(std::string_view parameter) {
    return parameter.front() == '-' || parameter.starts_with("WSH=") || parameter == "KDR=0";
}

}  // namespace

std::string_view to_string(CryptoSuite suite) {
    return named(suite).name;
}

std::optional<CryptoSuite> crypto_suite(std::string_view name) {
    const auto* const found = std::ranges::find(kSuites, name, &SuiteName::name);
    return found == kSuites.end() ? std::nullopt : std::optional(found->suite);
}

std::size_t key_size(CryptoSuite suite) {
    return named(suite).key_size;
}

Result<CryptoAttribute> CryptoAttribute::parse(std::string_view value) {
    CryptoAttribute attribute;
    PB_TRY(attribute.tag, parse_tag(next_word(value)));
    const std::string_view suite_name = next_word(value);
    const std::string_view key_text = next_word(value);
    if (suite_name.empty() || key_text.empty()) {
        return fail(Errc::Malformed, "a=crypto");
    }
    const auto suite = crypto_suite(suite_name);
    if (!suite) {
        return fail(Errc::Unsupported, "suite of a=crypto");
    }
    attribute.suite = *suite;
    PB_TRY(Bytes key, parse_key(key_text, *suite));
    attribute.key = Secret(std::move(key));
    for (auto parameter = next_word(value); !parameter.empty(); parameter = next_word(value)) {
        if (!is_harmless(parameter)) {
            return fail(Errc::Unsupported, "session parameter of a=crypto");
        }
    }
    return attribute;
}

std::string CryptoAttribute::to_string() const {
    return std::to_string(tag) + ' ' + std::string(sdp::to_string(suite)) +
           " inline:" + to_base64(key.reveal());
}

std::vector<CryptoAttribute> crypto_of(const MediaDescription& section) {
    std::vector<CryptoAttribute> usable;
    std::size_t seen = 0;
    for (const Attribute& line : section.attributes) {
        if (line.name != "crypto" || !line.value) {
            continue;
        }
        if (++seen > limits::kCryptoLines) {
            break;
        }
        auto attribute = CryptoAttribute::parse(*line.value);
        const bool is_new = attribute && std::ranges::find(usable, attribute->tag,
                                                           &CryptoAttribute::tag) == usable.end();
        if (is_new) {
            usable.push_back(std::move(*attribute));
        }
    }
    return usable;
}

std::vector<CryptoAttribute> make_crypto_keys(Random& random) {
    std::vector<CryptoAttribute> keys;
    for (const SuiteName& suite : kSuites) {
        Bytes key(suite.key_size);
        random.fill(key);
        keys.push_back({.tag = static_cast<std::uint32_t>(keys.size() + 1),
                        .suite = suite.suite,
                        .key = Secret(std::move(key))});
    }
    return keys;
}

}  // namespace patchbay::sdp
