// SPDX-License-Identifier: Apache-2.0
#include "net/detail/http_reply.hpp"

#include "net/detail/endpoint.hpp"

#include <boost/beast/http/error.hpp>

namespace patchbay::net::detail {

namespace http = boost::beast::http;

Error response_error(const boost::system::error_code& error) {
    if (error == http::error::body_limit || error == http::error::header_limit) {
        return {Errc::TooLarge, "HTTP response"};
    }
    if (error == http::error::end_of_stream || error == http::error::partial_message) {
        return {Errc::Closed, "HTTP response"};
    }
    if (error.category() == http::make_error_code(http::error::bad_method).category()) {
        return {Errc::Malformed, "HTTP response", error.value()};
    }
    return to_error(error, "HTTP response");
}

}  // namespace patchbay::net::detail
