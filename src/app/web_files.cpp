// SPDX-License-Identifier: Apache-2.0
#include "app/web_files.hpp"

#include <string>
#include <string_view>

namespace patchbay::app {

// The texts of web/, see cmake/PatchbayWeb.cmake.
extern const std::string_view kPatchbayJs;
extern const std::string_view kDialHtml;
extern const std::string_view kDialJs;

namespace {

void serve(net::HttpServer& server, const char* path, const char* type, std::string_view text) {
    server.route(net::HttpMethod::Get, path,
                 [type, text](const net::HttpRequest&, net::Responder responder) {
                     net::HttpResponse response;
                     response.fields.set("Content-Type", std::string(type) + "; charset=utf-8");
                     response.fields.set("Cache-Control", "no-cache");
                     response.body = text;
                     responder.send(std::move(response));
                 });
}

}  // namespace

void add_web_files(net::HttpServer& server) {
    serve(server, "/patchbay.js", "text/javascript", kPatchbayJs);
    serve(server, "/dial", "text/html", kDialHtml);
    serve(server, "/dial.js", "text/javascript", kDialJs);
}

}  // namespace patchbay::app
