// SPDX-License-Identifier: Apache-2.0
#include "net/http_message.hpp"

#include "base/text.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace patchbay::net {
namespace {

struct ErrorBody {
    std::string error;
};
BOOST_DESCRIBE_STRUCT(ErrorBody, (), (error))

constexpr std::array<std::pair<HttpMethod, std::string_view>, 7> kMethods{{
    {HttpMethod::Get, "GET"},
    {HttpMethod::Head, "HEAD"},
    {HttpMethod::Post, "POST"},
    {HttpMethod::Put, "PUT"},
    {HttpMethod::Patch, "PATCH"},
    {HttpMethod::Delete, "DELETE"},
    {HttpMethod::Options, "OPTIONS"},
}};

std::optional<std::string_view> find_value(const NamedValues& values, std::string_view name) {
    const auto found = std::ranges::find(values, name, &NamedValues::value_type::first);
    if (found == values.end()) {
        return std::nullopt;
    }
    return found->second;
}

HttpResponse with_type(int status, std::string_view type, std::string body) {
    HttpResponse response;
    response.status = status;
    response.fields.add("Content-Type", std::string(type));
    response.body = std::move(body);
    return response;
}

// application/x-www-form-urlencoded, as browsers write queries.
Result<std::string> decode_query_text(std::string_view text) {
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    auto decoded = percent_decode(spaced);
    if (!decoded) {
        return fail(Errc::Malformed, "query");
    }
    return std::move(*decoded);
}

Result<NamedValues> parse_query(std::string_view text) {
    NamedValues query;
    while (!text.empty()) {
        const auto [pair, rest] = split_once(text, '&');
        text = rest;
        if (pair.empty()) {
            continue;
        }
        const auto [raw_name, raw_value] = split_once(pair, '=');
        PB_TRY(auto name, decode_query_text(raw_name));
        PB_TRY(auto value, decode_query_text(raw_value));
        query.emplace_back(std::move(name), std::move(value));
    }
    return query;
}

// "http://host/a" -> "/a" (RFC 9112 3.2.2).
std::string_view without_authority(std::string_view target) {
    const auto scheme = target.find("://");
    if (target.starts_with('/') || scheme == std::string_view::npos) {
        return target;
    }
    const auto path = target.find('/', scheme + 3);
    return path == std::string_view::npos ? "/" : target.substr(path);
}

}  // namespace

std::string_view to_string(HttpMethod method) {
    const auto found = std::ranges::find(kMethods, method, &decltype(kMethods)::value_type::first);
    return found == kMethods.end() ? "OTHER" : found->second;
}

HttpMethod parse_http_method(std::string_view name) {
    const auto found = std::ranges::find(kMethods, name, &decltype(kMethods)::value_type::second);
    return found == kMethods.end() ? HttpMethod::Other : found->first;
}

std::string_view http_reason(int status) {
    switch (status) {
        case 100: return "Continue";
        case 101: return "Switching Protocols";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 302: return "Found";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 422: return "Unprocessable Content";
        case 426: return "Upgrade Required";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Unknown";
    }
}

void HttpFields::add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
}

void HttpFields::set(std::string_view name, std::string value) {
    std::erase_if(fields_,
                  [&](const auto& field) { return equals_ignoring_case(field.first, name); });
    add(std::string(name), std::move(value));
}

std::optional<std::string_view> HttpFields::find(std::string_view name) const {
    for (const auto& [field_name, value] : fields_) {
        if (equals_ignoring_case(field_name, name)) {
            return value;
        }
    }
    return std::nullopt;
}

std::size_t HttpFields::count(std::string_view name) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        fields_, [&](const auto& field) { return equals_ignoring_case(field.first, name); }));
}

bool HttpFields::has_token(std::string_view name, std::string_view token) const {
    for (const auto& [field_name, value] : fields_) {
        std::string_view list;
        if (equals_ignoring_case(field_name, name)) {
            list = value;
        }
        while (!list.empty()) {
            const auto [element, rest] = split_once(list, ',');
            list = rest;
            if (equals_ignoring_case(trim(element), token)) {
                return true;
            }
        }
    }
    return false;
}

std::optional<std::string_view> HttpRequest::parameter(std::string_view name) const {
    return find_value(parameters, name);
}

std::optional<std::string_view> HttpRequest::query_value(std::string_view name) const {
    return find_value(query, name);
}

HttpResponse HttpResponse::json(int status, std::string body) {
    return with_type(status, "application/json", std::move(body));
}

HttpResponse HttpResponse::text(int status, std::string body) {
    return with_type(status, "text/plain; charset=utf-8", std::move(body));
}

HttpResponse HttpResponse::error(int status, std::string_view message) {
    return json(status, wire::encode(ErrorBody{std::string(message)}));
}

Result<HttpTarget> parse_http_target(std::string_view target) {
    target = without_authority(target);
    if (!target.starts_with('/')) {
        return fail(Errc::Malformed, "request target");
    }
    auto [path, query] = split_once(target, '?');
    HttpTarget out;
    PB_TRY(out.query, parse_query(query));
    path.remove_prefix(1);
    while (!path.empty()) {
        const auto [raw, rest] = split_once(path, '/');
        path = rest;
        auto segment = percent_decode(raw);
        if (!segment) {
            return fail(Errc::Malformed, "request path");
        }
        out.path += '/';
        out.path += *segment;
        out.segments.push_back(std::move(*segment));
    }
    if (out.path.empty()) {
        out.path = "/";
    }
    return out;
}

}  // namespace patchbay::net
