// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/event.hpp"
#include "wire/decode_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::api {

// {"event":"dtmf","trackId":"...","timestamp":1640995200000,"digit":"5"}
std::string encode_event(const call::Event& event);

// What goes with an event where the client may come back and ask for what it missed.
struct EventEnvelope {
    std::optional<std::uint64_t> sequence;    // "seq"
    std::optional<std::string> resume_token;  // "resumeToken", with the first message
};
std::string encode_event(const call::Event& event, const EventEnvelope& envelope);

// For clients of ours.
wire::Decoded<call::Event> decode_event(std::string_view json);

}  // namespace patchbay::api
