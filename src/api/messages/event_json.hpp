// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "call/event.hpp"
#include "wire/decode_error.hpp"

#include <string>
#include <string_view>

namespace patchbay::api {

// {"event":"dtmf","trackId":"...","timestamp":1640995200000,"digit":"5"}
std::string encode_event(const call::Event& event);

// For clients of ours.
wire::Decoded<call::Event> decode_event(std::string_view json);

}  // namespace patchbay::api
