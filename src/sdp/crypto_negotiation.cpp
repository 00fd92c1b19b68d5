// SPDX-License-Identifier: Apache-2.0
#include "sdp/crypto_negotiation.hpp"

#include "base/text.hpp"
#include "sdp/audio_section.hpp"

#include <algorithm>

namespace patchbay::sdp {
namespace {

const CryptoAttribute* find_suite(const std::vector<CryptoAttribute>& keys, CryptoSuite suite) {
    const auto found = std::ranges::find(keys, suite, &CryptoAttribute::suite);
    return found == keys.end() ? nullptr : &*found;
}

}  // namespace

bool is_secure_rtp(std::string_view protocol) {
    return equals_ignoring_case(protocol, "RTP/SAVP") ||
           equals_ignoring_case(protocol, "RTP/SAVPF");
}

std::string_view offered_protocol(const LocalCrypto& local) {
    return local.policy == CryptoPolicy::Mandatory ? "RTP/SAVP" : "RTP/AVP";
}

void add_crypto(MediaDescription& section, const std::vector<CryptoAttribute>& keys) {
    for (const CryptoAttribute& key : keys) {
        section.attributes.push_back({"crypto", key.to_string()});
    }
}

Result<std::optional<CryptoAnswer>> answer_crypto(const MediaDescription& offered,
                                                  const LocalCrypto& local) {
    const bool secure = is_secure_rtp(offered.protocol);
    const bool off = local.policy == CryptoPolicy::Off;
    if ((!secure && !is_plain_rtp(offered.protocol)) || (secure && off)) {
        return fail(Errc::Unsupported, "protocol of the offered audio");
    }
    if (off) {
        return std::nullopt;
    }
    for (const CryptoAttribute& theirs : crypto_of(offered)) {
        if (const CryptoAttribute* own = find_suite(local.keys, theirs.suite)) {
            return CryptoAnswer{{theirs.tag, own->suite, own->key},
                                {own->suite, own->key, theirs.key}};
        }
    }
    if (secure || local.policy == CryptoPolicy::Mandatory) {
        return fail(Errc::Unsupported, "encryption of the offered audio");
    }
    return std::nullopt;
}

Result<std::optional<NegotiatedCrypto>> agree_on_crypto(const MediaDescription& ours,
                                                        const MediaDescription& theirs) {
    const std::vector<CryptoAttribute> offered = crypto_of(ours);
    const bool secure = is_secure_rtp(theirs.protocol);
    if ((!secure && !is_plain_rtp(theirs.protocol)) || (secure && offered.empty())) {
        return fail(Errc::Unsupported, "protocol of the answer");
    }
    if (offered.empty()) {
        return std::nullopt;
    }
    for (const CryptoAttribute& line : crypto_of(theirs)) {
        const auto own = std::ranges::find(offered, line.tag, &CryptoAttribute::tag);
        if (own != offered.end() && own->suite == line.suite) {
            return NegotiatedCrypto{own->suite, own->key, line.key};
        }
    }
    if (secure || is_secure_rtp(ours.protocol) || find(theirs.attributes, "crypto") != nullptr) {
        return fail(Errc::Unsupported, "encryption of the answer");
    }
    return std::nullopt;
}

}  // namespace patchbay::sdp
