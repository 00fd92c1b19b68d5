// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_message.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace patchbay::net {

// Cross-origin resource sharing (Fetch standard, 3.2): pages of the listed origins, whole ones such
// as "https://console.example", may read what we answer and send what is no simple request. A page
// of any other origin gets no such field, and its browser keeps our answers from it.

// The request's Origin, where it is a listed one.
std::optional<std::string> shared_origin(const HttpRequest& request,
                                         std::span<const std::string> listed_origins);

// A browser asks, without any token, whether a page may send its request.
bool is_preflight(const HttpRequest& request);
// `allow`: the methods of the path, as in an Allow field.
HttpResponse answer_preflight(std::string_view allow);

// Goes on every response to a page of that origin.
void share_with(std::string_view origin, HttpFields& fields);

}  // namespace patchbay::net
