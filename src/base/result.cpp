// SPDX-License-Identifier: Apache-2.0
#include "base/result.hpp"

#include <fmt/format.h>

namespace patchbay {

std::string_view to_string(Errc code) {
    switch (code) {
        case Errc::Malformed: return "malformed";
        case Errc::Unsupported: return "unsupported";
        case Errc::TooLarge: return "too large";
        case Errc::OutOfRange: return "out of range";
        case Errc::NotFound: return "not found";
        case Errc::Duplicate: return "already in use";
        case Errc::WrongState: return "not possible in this state";
        case Errc::Unauthorized: return "unauthorized";
        case Errc::Forbidden: return "forbidden";
        case Errc::Timeout: return "timed out";
        case Errc::Refused: return "refused";
        case Errc::Unavailable: return "unavailable";
        case Errc::System: return "system error";
        case Errc::Closed: return "closed";
    }
    return "unknown error";
}

std::string describe(const Error& error) {
    if (error.detail == 0) {
        return fmt::format("{}: {}", error.where, to_string(error.code));
    }
    return fmt::format("{}: {} ({})", error.where, to_string(error.code), error.detail);
}

}  // namespace patchbay
