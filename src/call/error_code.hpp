// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

namespace patchbay::call {

// The `code` of an `error` event: the HTTP status whose meaning is nearest.
constexpr int error_code(Errc code) {
    switch (code) {
        case Errc::Malformed:
        case Errc::OutOfRange: return 400;
        case Errc::Unauthorized: return 401;
        case Errc::Forbidden: return 403;
        case Errc::NotFound: return 404;
        case Errc::Timeout: return 408;
        case Errc::Duplicate:
        case Errc::WrongState: return 409;
        case Errc::TooLarge: return 413;
        case Errc::Unsupported: return 501;
        case Errc::Unavailable: return 503;
        case Errc::Refused:
        case Errc::System:
        case Errc::Closed: return 500;
    }
    return 500;
}

}  // namespace patchbay::call
