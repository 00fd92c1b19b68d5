// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/terminal/command_line.hpp"

namespace patchbay::app {

// `patchbay serve`: configuration, log, server, until a signal. Returns the exit code; what went
// wrong is one sentence on standard error.
int serve(const ServeOptions& options, Config defaults = {});

}  // namespace patchbay::app
