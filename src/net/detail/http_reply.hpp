// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "net/http_message.hpp"

#include <boost/beast/http/message.hpp>
#include <boost/system/error_code.hpp>

#include <string>

namespace patchbay::net::detail {

// What a client says of a response that it could not read: TooLarge, Closed in the middle,
// Malformed, or the socket's own error.
Error response_error(const boost::system::error_code& error);

// Status and fields; the body is left to those who have one.
template <class Body>
HttpResponse head_of(const boost::beast::http::response<Body>& message) {
    HttpResponse response;
    response.status = static_cast<int>(message.result_int());
    for (const auto& field : message) {
        response.fields.add(std::string(field.name_string()), std::string(field.value()));
    }
    return response;
}

}  // namespace patchbay::net::detail
