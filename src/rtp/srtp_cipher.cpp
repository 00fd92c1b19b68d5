// SPDX-License-Identifier: Apache-2.0
#include "rtp/srtp_cipher.hpp"

namespace patchbay::rtp {

std::unique_ptr<SrtpCipher> make_srtp_cipher(SrtpProfile profile,
                                             const SrtpSessionKeys& keys,
                                             SrtpDirection direction) {
    return lengths_of(profile).aead ? make_gcm(keys, direction) : make_counter_mode(keys);
}

}  // namespace patchbay::rtp
