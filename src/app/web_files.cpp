// SPDX-License-Identifier: Apache-2.0
#include "app/web_files.hpp"

#include <string>
#include <string_view>

namespace patchbay::app {

// The text of web/patchbay.js, see cmake/PatchbayWeb.cmake.
extern const std::string_view kPatchbayJs;

void add_web_files(net::HttpServer& server) {
    server.route(net::HttpMethod::Get, "/patchbay.js",
                 [](const net::HttpRequest&, net::Responder responder) {
                     net::HttpResponse response;
                     response.fields.set("Content-Type", "text/javascript; charset=utf-8");
                     response.fields.set("Cache-Control", "no-cache");
                     response.body = kPatchbayJs;
                     responder.send(std::move(response));
                 });
}

}  // namespace patchbay::app
