// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"

#include <string>
#include <string_view>

namespace patchbay::webrtc {

// a=ice-ufrag and a=ice-pwd of one side and one generation (RFC 8445 5.3).
struct IceCredentials {
    std::string ufrag;
    std::string password;

    // `prefix` stands at the start of the fragment: a server finds its shard by it.
    static IceCredentials make(Random& random, std::string_view prefix = {});

    friend bool operator==(const IceCredentials&, const IceCredentials&) = default;
};

// Lengths and characters of RFC 8839 5.4.
Result<void> check(const IceCredentials& credentials);

}  // namespace patchbay::webrtc
