// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sdp/crypto.hpp"

#include <optional>
#include <string_view>
#include <vector>

// Who encrypts with what, between an offer and an answer; private to this module.
namespace patchbay::sdp {

// RTP/SAVP and RTP/SAVPF: encrypted with keys from the description. DTLS names itself otherwise.
bool is_secure_rtp(std::string_view protocol);

// What the first offer of a section says: "RTP/SAVP" where SRTP is a condition.
std::string_view offered_protocol(const LocalCrypto& local);

void add_crypto(MediaDescription& section, const std::vector<CryptoAttribute>& keys);

// What our answer to a section carries, if anything.
struct CryptoAnswer {
    CryptoAttribute attribute;  // ours, under the tag of the offer
    NegotiatedCrypto agreed;
};

// By the order of the offer (RFC 4568 5.1.2). Unsupported: the offer or our policy insists on SRTP,
// and there is no line that both can use.
Result<std::optional<CryptoAnswer>> answer_crypto(const MediaDescription& offered,
                                                  const LocalCrypto& local);

// RFC 4568 5.1.3: the line of the answer that takes one of ours up. An answer without any is plain
// RTP, which only an offer of RTP/AVP allows; one that cannot be used is Unsupported in any case,
// because its owner would encrypt.
Result<std::optional<NegotiatedCrypto>> agree_on_crypto(const MediaDescription& ours,
                                                        const MediaDescription& theirs);

}  // namespace patchbay::sdp
