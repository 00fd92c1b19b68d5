// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/settings.hpp"
#include "bridge/settings_check.hpp"

#include <string_view>

namespace patchbay::api::bridge {

// What could be read of a request, and what could not.
struct ReadChange {
    patchbay::bridge::SettingsChange change;
    patchbay::bridge::FieldProblems problems;
    bool is_object = true;  // false: nothing could be read
};
ReadChange read_change(std::string_view json);

}  // namespace patchbay::api::bridge
