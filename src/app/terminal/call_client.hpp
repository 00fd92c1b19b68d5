// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/terminal/command_line.hpp"

namespace patchbay::app {

// Places a call through a running server and shows it until it ends. 0: it was answered; 1: not, or
// there was no server.
int run_call(const CallOptions& options);

}  // namespace patchbay::app
