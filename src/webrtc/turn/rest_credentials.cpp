// SPDX-License-Identifier: Apache-2.0
#include "webrtc/turn/rest_credentials.hpp"

#include "base/ensure.hpp"
#include "base/text.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace patchbay::webrtc {

TurnCredentials make_rest_credentials(const Secret<std::string>& secret,
                                      std::string_view user,
                                      WallTime expires) {
    TurnCredentials credentials;
    credentials.username = std::to_string(expires.milliseconds / 1000) + ':' + std::string(user);
    std::array<std::uint8_t, 20> digest{};
    unsigned int size = 0;
    const ByteView text = as_bytes(credentials.username);
    const auto* written =
        HMAC(EVP_sha1(), secret.reveal().data(), static_cast<int>(secret.reveal().size()),
             text.data(), text.size(), digest.data(), &size);
    PB_ENSURE(written != nullptr && size == digest.size());
    credentials.password = to_base64(digest);
    return credentials;
}

}  // namespace patchbay::webrtc
