// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/terminal/command_line.hpp"

namespace patchbay::app {

// The three programs of the original Call API: the same flags and exit codes.

// patchbay call-api: the server with this API alone.
int run_call_api(const CallApiOptions& options);
// patchbay call-cmd Command key=value ...: one command, without a server.
int run_call_command(const CallCommandOptions& options);
// patchbay call-api-client: one request to a running server.
int run_call_api_client(const CallApiClientOptions& options);

}  // namespace patchbay::app
