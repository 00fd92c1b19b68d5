// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/terminal/command_line.hpp"

namespace patchbay::app {

// Runs the phone in this thread until its calls are over, SIGINT or SIGTERM. 0: a call was
// answered; 1: none was, or the phone could not start.
int run_phone(const PhoneOptions& options);

}  // namespace patchbay::app
