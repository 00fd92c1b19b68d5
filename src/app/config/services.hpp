// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/value.hpp"

#include <vector>

namespace patchbay::app {

// The keys of users, registrations, trunks, routes and protection.
void add_service_keys(std::vector<ConfigKey>& keys);

}  // namespace patchbay::app
