// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "net/http_message.hpp"

#include <cstdint>
#include <optional>

namespace patchbay::app {

// What the head of an answer says about a media file, before a byte of it is taken.
struct MediaHead {
    std::optional<std::uint64_t> length;   // bytes
    std::optional<Nanoseconds> fresh_for;  // absent: not to be kept (RFC 9111 5.2.2)
};

// NotFound, Unauthorized or Unavailable by the status; Unsupported for a type that is no sound:
// what a client names by mistake or by malice, a page or a document, is not read at all.
Result<MediaHead> judge_media_head(const net::HttpResponse& head);

}  // namespace patchbay::app
