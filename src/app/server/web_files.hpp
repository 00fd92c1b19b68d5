// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_server.hpp"

#include <span>
#include <string_view>

namespace patchbay::app {

// A file for web pages that the program carries within: patchbay.js, the console, the API's schema.
struct WebFile {
    std::string_view path;  // "/console/talk.js"
    std::string_view text;
};

// Written by cmake/PatchbayWeb.cmake.
std::span<const WebFile> web_files();

// Adds a GET route for each. They are the same for everybody, so they need no token (api/access).
void add_web_files(net::HttpServer& server);

}  // namespace patchbay::app
