// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "lab/meta/media.hpp"
#include "lab/meta/note.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::lab::meta {

// A user and the business in one call, however it is signalled.
struct Conversation {
    std::string id = {};  // "wacid...."
    std::unique_ptr<Media> media = {};
    std::optional<Instant> answered_at = {};
    std::string digits = {};  // that the business pressed
};

// Says what the user heard, and which keys.
void tell(WallTime at, Conversation& conversation, const MediaEvents& events, Notes& out);

note::Ended ended_note(WallTime at,
                       Instant now,
                       const Conversation& conversation,
                       std::string_view by);

}  // namespace patchbay::lab::meta
