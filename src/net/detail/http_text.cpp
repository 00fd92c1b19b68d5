// SPDX-License-Identifier: Apache-2.0
#include "net/detail/http_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace patchbay::net::detail {
namespace {

// The length and the life of the connection are the server's to say.
bool is_framing(std::string_view name) {
    constexpr std::array<std::string_view, 3> kFraming{"Content-Length", "Transfer-Encoding",
                                                       "Connection"};
    return std::ranges::any_of(
        kFraming, [&](std::string_view framing) { return equals_ignoring_case(name, framing); });
}

// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7).
std::string http_date() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    std::array<char, 40> text{};
    const std::size_t length =
        std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return {text.data(), length};
}

}  // namespace

void append_field(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    out += ": ";
    const auto begin = static_cast<std::ptrdiff_t>(out.size());
    out += value;
    std::replace_if(
        out.begin() + begin, out.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; },
        ' ');
    out += "\r\n";
}

std::string response_head(const HttpResponse& response, std::string_view server_name) {
    std::string head = "HTTP/1.1 " + std::to_string(response.status) + ' ';
    head += http_reason(response.status);
    head += "\r\n";
    append_field(head, "Date", http_date());
    append_field(head, "Server", server_name);
    for (const auto& [name, value] : response.fields) {
        if (!is_framing(name)) {
            append_field(head, name, value);
        }
    }
    return head;
}

}  // namespace patchbay::net::detail
