// SPDX-License-Identifier: Apache-2.0
#include "app/server/web_files.hpp"

#include "app/page/files.hpp"

#include <string>

namespace patchbay::app {
namespace {

// The console runs no script but its own, and no other site may frame it: it can place calls.
constexpr std::string_view kPolicy =
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; "
    "media-src 'self' blob: mediastream:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

std::string_view content_type(std::string_view path) {
    if (path.ends_with(".js")) {
        return "text/javascript; charset=utf-8";
    }
    if (path.ends_with(".css")) {
        return "text/css; charset=utf-8";
    }
    return path.ends_with(".json") ? "application/json" : "text/html; charset=utf-8";
}

net::HttpResponse response_of(const WebFile& file) {
    net::HttpResponse response;
    response.fields.set("Content-Type", std::string(content_type(file.path)));
    response.fields.set("Cache-Control", "no-cache");
    response.fields.set("Content-Security-Policy", std::string(kPolicy));
    response.fields.set("X-Content-Type-Options", "nosniff");
    response.body = file.text;
    return response;
}

}  // namespace

void add_web_files(net::HttpServer& server) {
    for (const WebFile& file : web_files()) {
        if (is_page_file(file.path)) {
            continue;
        }
        server.route(net::HttpMethod::Get, std::string(file.path),
                     [&file](const net::HttpRequest&, net::Responder responder) {
                         responder.send(response_of(file));
                     });
    }
}

}  // namespace patchbay::app
