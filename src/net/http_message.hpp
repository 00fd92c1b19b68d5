// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::net {

enum class HttpMethod : std::uint8_t { Get, Head, Post, Put, Patch, Delete, Options, Other };

std::string_view to_string(HttpMethod method);
HttpMethod parse_http_method(std::string_view name);
// "Not Found"; "Unknown" for a status without a name.
std::string_view http_reason(int status);

// Names and values in the order in which they came; a name may repeat.
using NamedValues = std::vector<std::pair<std::string, std::string>>;

// Header fields; names are compared without regard to case (RFC 9110 5.1).
class HttpFields {
  public:
    HttpFields() = default;
    HttpFields(std::initializer_list<std::pair<std::string, std::string>> fields)
        : fields_(fields) {}

    void add(std::string name, std::string value);
    // Replaces every field of that name.
    void set(std::string_view name, std::string value);
    std::optional<std::string_view> find(std::string_view name) const;
    std::size_t count(std::string_view name) const;
    // True when the comma list `name` holds `token`: Connection, Upgrade.
    bool has_token(std::string_view name, std::string_view token) const;

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }

  private:
    NamedValues fields_;
};

struct HttpRequest {
    HttpMethod method = HttpMethod::Get;
    std::string method_name;
    std::string target;      // as received: "/call/lists?x=1"
    std::string path;        // percent-decoded
    NamedValues parameters;  // what the route's {names} stood for, decoded
    NamedValues query;       // decoded; "+" is a space
    HttpFields fields;
    std::string body;
    SocketAddress peer;
    SocketAddress local;
    bool secure = false;   // came by TLS
    bool upgrade = false;  // asks to become a WebSocket

    // The first of that name; nothing when absent.
    std::optional<std::string_view> parameter(std::string_view name) const;
    std::optional<std::string_view> query_value(std::string_view name) const;
    std::optional<std::string_view> header(std::string_view name) const {
        return fields.find(name);
    }
};

struct HttpResponse {
    int status = 200;
    HttpFields fields;
    std::string body;

    static HttpResponse json(int status, std::string body);
    static HttpResponse text(int status, std::string body);
    // {"error": "message"}
    static HttpResponse error(int status, std::string_view message);
};

// The path and query of a request target in origin form ("/a/b?x=1") or absolute form.
struct HttpTarget {
    std::vector<std::string> segments;  // decoded one by one, so that an escaped "/" stays inside
    std::string path;
    NamedValues query;
};
Result<HttpTarget> parse_http_target(std::string_view target);

}  // namespace patchbay::net
