// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/message_text.hpp"

#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::lab::meta {
namespace {

std::string_view reason_of(int status) {
    constexpr std::array<std::pair<int, std::string_view>, 13> kReasons{{
        {100, "Trying"},
        {180, "Ringing"},
        {200, "OK"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {407, "Proxy Authentication Required"},
        {480, "Temporarily Unavailable"},
        {481, "Call/Transaction Does Not Exist"},
        {486, "Busy Here"},
        {487, "Request Terminated"},
        {500, "Server Internal Error"},
    }};
    const auto* found =
        std::ranges::find(kReasons, status, [](const auto& one) { return one.first; });
    return found == kReasons.end() ? "Refused" : found->second;
}

void add_body(std::string& text, std::string_view sdp) {
    if (!sdp.empty()) {
        text += "Content-Type: application/sdp\r\n";
    }
    text += fmt::format("Content-Length: {}\r\n\r\n{}", sdp.size(), sdp);
}

}  // namespace

std::string request_text(std::string_view method,
                         std::string_view uri,
                         const Lines& headers,
                         std::string_view sdp) {
    std::string text = fmt::format("{} {} SIP/2.0\r\n", method, uri);
    for (const std::string& line : headers) {
        text += line + "\r\n";
    }
    text += "Max-Forwards: 69\r\nUser-Agent: Facebook SipGateway\r\n";
    add_body(text, sdp);
    return text;
}

std::string response_text(const sip::Message& request, const Reply& reply) {
    std::string text = fmt::format("SIP/2.0 {} {}\r\n", reply.status, reason_of(reply.status));
    for (const std::string_view name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
        for (std::size_t i = 0; i < request.field_count(); ++i) {
            const sip::Message::Field field = request.field(i);
            if (field.id != sip::header_id(name)) {
                continue;
            }
            text += fmt::format("{}: {}", name, field.value);
            if (name == "To" && tag_of(request, "To").empty() && reply.status > 100) {
                text += fmt::format(";tag={}", reply.to_tag);
            }
            text += "\r\n";
        }
    }
    for (const std::string& line : reply.headers) {
        text += line + "\r\n";
    }
    add_body(text, reply.sdp);
    return text;
}

std::string value_of(const sip::Message& message, std::string_view header) {
    return std::string(message.header(header).value_or(""));
}

std::string tag_of(const sip::Message& message, std::string_view header) {
    const std::string value = value_of(message, header);
    const std::size_t end_of_uri = value.find('>');
    const std::size_t found = value.find(";tag=", end_of_uri == std::string::npos ? 0 : end_of_uri);
    return found == std::string::npos
               ? std::string()
               : std::string(
                     trim(split_once(std::string_view(value).substr(found + 5), ';').first));
}

std::string uri_in(std::string_view name_address) {
    const std::size_t begin = name_address.find('<');
    if (begin == std::string_view::npos) {
        return std::string(trim(split_once(name_address, ';').first));
    }
    return std::string(split_once(name_address.substr(begin + 1), '>').first);
}

}  // namespace patchbay::lab::meta
