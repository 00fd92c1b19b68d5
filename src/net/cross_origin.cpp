// SPDX-License-Identifier: Apache-2.0
#include "net/cross_origin.hpp"

#include <algorithm>

namespace patchbay::net {

std::optional<std::string> shared_origin(const HttpRequest& request,
                                         std::span<const std::string> listed_origins) {
    const auto origin = request.header("Origin");
    if (!origin || std::ranges::find(listed_origins, *origin) == listed_origins.end()) {
        return std::nullopt;
    }
    return std::string(*origin);
}

bool is_preflight(const HttpRequest& request) {
    return request.method == HttpMethod::Options &&
           request.header("Access-Control-Request-Method").has_value();
}

HttpResponse answer_preflight(std::string_view allow) {
    HttpResponse response{204, {}, {}};
    response.fields.set("Access-Control-Allow-Methods", std::string(allow));
    response.fields.set("Access-Control-Allow-Headers", "Authorization, Content-Type, Range");
    response.fields.set("Access-Control-Max-Age", "600");
    return response;
}

void share_with(std::string_view origin, HttpFields& fields) {
    fields.set("Access-Control-Allow-Origin", std::string(origin));
    fields.set("Access-Control-Expose-Headers", "Content-Range, Retry-After");
    fields.set("Vary", "Origin");  // or a cache would hand it to pages of other origins
}

}  // namespace patchbay::net
