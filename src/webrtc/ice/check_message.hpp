// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "webrtc/ice/credentials.hpp"
#include "webrtc/ice/outputs.hpp"
#include "webrtc/stun/message.hpp"

#include <cstdint>

namespace patchbay::webrtc {

// What a connectivity check says beyond its name and its signature (RFC 8445 7.1).
struct CheckRequest {
    std::uint32_t priority = 0;  // of the peer-reflexive candidate that it may reveal
    IceRole role = IceRole::Controlled;
    std::uint64_t tie_breaker = 0;
    bool use_candidate = false;

    // Malformed: the answer is 400.
    static Result<CheckRequest> read(const StunMessage& message);
    // From the owner of `own` to the owner of `peer`.
    Bytes write(const TransactionId& id,
                const IceCredentials& own,
                const IceCredentials& peer) const;
};

// USERNAME of a check is "fragment of who gets it:fragment of who sends it" (RFC 8445 7.2.2).
// Malformed without one.
Result<std::string_view> addressed_ufrag(const StunMessage& message);

// The answer to a check, signed by who got it (RFC 8445 7.3.1).
Bytes write_check_success(const StunMessage& request,
                          const SocketAddress& from,
                          const IceCredentials& own);
Bytes write_check_error(const StunMessage& request, int code, const IceCredentials& own);
// RFC 8489 6.3.1: names what was not understood.
Bytes write_check_not_understood(const StunMessage& request,
                                 const std::vector<StunAttribute>& unknown,
                                 const IceCredentials& own);
// To somebody who has not proved to know us: without signature, and as short as can be.
Bytes write_unsigned_error(const StunMessage& request, int code);

}  // namespace patchbay::webrtc
