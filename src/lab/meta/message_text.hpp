// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sip/message.hpp"

#include <string>
#include <string_view>
#include <vector>

// SIP messages as text, written here and not by the server's own writer.
namespace patchbay::lab::meta {

// Header lines without their ends.
using Lines = std::vector<std::string>;

std::string request_text(std::string_view method,
                         std::string_view uri,
                         const Lines& headers,
                         std::string_view sdp = {});

struct Reply {
    int status = 200;
    std::string_view to_tag = {};  // where the request's To has none
    Lines headers = {};
    std::string_view sdp = {};
};
// With Via, From, To, Call-ID and CSeq of the request, as they came.
std::string response_text(const sip::Message& request, const Reply& reply);

// The value of a header; empty where there is none.
std::string value_of(const sip::Message& message, std::string_view header);
// The tag of a From or To as it stands in the message; empty where there is none.
std::string tag_of(const sip::Message& message, std::string_view header);
// What stands between < and >, or the whole value without its parameters.
std::string uri_in(std::string_view name_address);

}  // namespace patchbay::lab::meta
