// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/terminal/command_line.hpp"

namespace patchbay::app {

// `patchbay trace ID`: asks a running server for the SIP messages of a call and prints them.
// Returns the exit code; what went wrong is one sentence on standard error.
int show_trace(const TraceOptions& options);

}  // namespace patchbay::app
