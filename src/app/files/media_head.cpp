// SPDX-License-Identifier: Apache-2.0
#include "app/files/media_head.hpp"

#include "app/limits.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace patchbay::app {
namespace {

Result<void> check_status(int status) {
    switch (status) {
        case 200: return {};
        case 401:
        case 403: return fail(Errc::Unauthorized, "HTTP status", status);
        case 404:
        case 410: return fail(Errc::NotFound, "HTTP status", status);
        default: return fail(Errc::Unavailable, "HTTP status", status);
    }
}

// Servers that know no better call a file "application/octet-stream", and some say nothing.
bool may_be_sound(std::string_view content_type) {
    const std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
    constexpr std::array<std::string_view, 4> kOthers{"", "application/octet-stream",
                                                      "binary/octet-stream", "application/ogg"};
    return type.starts_with("audio/") || type.starts_with("video/") ||
           std::ranges::find(kOthers, type) != kOthers.end();
}

std::optional<Nanoseconds> freshness(std::string_view cache_control) {
    Nanoseconds fresh = kMediaFresh;
    while (!cache_control.empty()) {
        const auto [part, rest] = split_once(cache_control, ',');
        cache_control = rest;
        const std::string directive = to_lower(trim(part));
        if (directive == "no-store" || directive == "no-cache" || directive == "private") {
            return std::nullopt;
        }
        if (directive.starts_with("max-age=")) {
            const auto seconds = parse_number<std::uint32_t>(std::string_view(directive).substr(8));
            fresh = std::min<Nanoseconds>(Seconds(seconds.value_or(0)), kMostMediaFresh);
        }
    }
    return fresh > Nanoseconds(0) ? std::optional(fresh) : std::nullopt;
}

}  // namespace

Result<MediaHead> judge_media_head(const net::HttpResponse& head) {
    PB_CHECK(check_status(head.status));
    if (!may_be_sound(head.fields.find("Content-Type").value_or(""))) {
        return fail(Errc::Unsupported, "content type that is no sound");
    }
    MediaHead out;
    out.length = parse_number<std::uint64_t>(head.fields.find("Content-Length").value_or(""));
    out.fresh_for = freshness(head.fields.find("Cache-Control").value_or(""));
    return out;
}

}  // namespace patchbay::app
