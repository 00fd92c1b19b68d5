// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "base/time.hpp"

#include <string>
#include <string_view>

namespace patchbay::webrtc {

struct TurnCredentials {
    std::string username;
    std::string password;

    friend bool operator==(const TurnCredentials&, const TurnCredentials&) = default;
};

// Credentials that a TURN server accepts until `expires`, without having been told of them: both
// share a secret, the user name is "unix time:user", the password its HMAC-SHA1 in base64 (the
// TURN REST API of draft-uberti-behave-turn-rest; coturn's use-auth-secret).
TurnCredentials make_rest_credentials(const Secret<std::string>& secret,
                                      std::string_view user,
                                      WallTime expires);

}  // namespace patchbay::webrtc
