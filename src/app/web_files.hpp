// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_server.hpp"

namespace patchbay::app {

// Adds the routes of the files for web pages, which the program carries within: GET /patchbay.js.
void add_web_files(net::HttpServer& server);

}  // namespace patchbay::app
