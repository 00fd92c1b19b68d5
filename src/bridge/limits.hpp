// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <cstddef>

namespace patchbay::bridge {

// Each has a listener of its own on every shard; more is a script that forgot what it made.
inline constexpr std::size_t kMostBridges = 16;
inline constexpr std::size_t kBridgeNameText = 64;
// Of any text of a configuration: above what a URL or a password ever needs.
inline constexpr std::size_t kSettingText = 1024;
// ITU-T E.164 6.2.1: fifteen digits at most; below seven nobody has a mobile number.
inline constexpr std::size_t kMostNumberDigits = 15;
inline constexpr std::size_t kFewestNumberDigits = 7;

// How often is looked whether the last call of a listener that closes is over, and whether a port
// that was taken is free.
inline constexpr Seconds kHouseKeeping{1};

}  // namespace patchbay::bridge
