// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/terminal/command_line.hpp"

namespace patchbay::app {

// The demonstration call: starts a server and a phone as processes of their own, calls the one
// through the other, shows what happens and checks it. 0 only if every step happened.
int run_demo(const DemoOptions& options);

}  // namespace patchbay::app
