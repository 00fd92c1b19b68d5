// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "call/rtp_endpoint.hpp"
#include "webrtc/dtls/context.hpp"

namespace patchbay::lab::meta {

// What a double of a Meta service has around it.
struct Surroundings {
    const WallAnchor& wall;
    const webrtc::DtlsContext& dtls;
    Random& random;
    UniqueFunction<Result<call::RtpEndpoint>()> open_port;
};

}  // namespace patchbay::lab::meta
