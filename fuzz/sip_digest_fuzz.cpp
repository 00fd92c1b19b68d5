// SPDX-License-Identifier: Apache-2.0
// Credentials and challenges of anybody: they prove nothing without the secret, and are answered or
// not.
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/text.hpp"
#include "sip/digest.hpp"
#include "sip/header.hpp"

#include <cstddef>
#include <cstdint>

namespace patchbay::sip {
namespace {

// Never written by a fuzzer: it has no way to learn it.
const std::string kHashedSecret = digest_hash(DigestAlgorithm::Sha256, "what nobody guesses");

void run(std::string_view text) {
    const auto credentials = AuthParameters::parse(text);
    if (!credentials) {
        return;
    }
    PB_ENSURE(!digest_proves(*credentials, "INVITE", kHashedSecret));
    for (const bool proxy : {false, true}) {
        const auto challenge = DigestChallenge::parse(*credentials, proxy);
        if (!challenge) {
            continue;
        }
        const std::string answer = digest_response({.variant = challenge->variant,
                                                    .username = "alice",
                                                    .realm = challenge->realm,
                                                    .password = "secret",
                                                    .method = "INVITE",
                                                    .uri = "sip:bob@biloxi.com",
                                                    .nonce = challenge->nonce,
                                                    .qop = challenge->with_qop ? "auth" : "",
                                                    .client_nonce = "c"});
        PB_ENSURE(answer.size() == 32 || answer.size() == 64);
    }
}

}  // namespace
}  // namespace patchbay::sip

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    patchbay::sip::run(patchbay::as_text({data, size}));
    return 0;
}
