// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/bridge/words.hpp"

#include <string>
#include <string_view>

namespace patchbay::api::bridge {

// What a status says of a bridge, or an answer of a call that was steered: a sentence that has no
// translation stays as it is.
std::string status_text(std::string_view english, Language language);

}  // namespace patchbay::api::bridge
