// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/http_message.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::net {

// Finds the route of a request: which of its user's numbered routes, and what the {names} of its
// pattern stand for. Knows paths and methods, nothing of requests or sockets.
class Router {
  public:
    struct Found {
        std::size_t route = 0;
        NamedValues parameters;
        bool upgrade = false;  // the number came from add_upgrade()

        friend bool operator==(const Found&, const Found&) = default;
    };
    struct WrongMethod {
        std::string allow;  // "GET, HEAD, OPTIONS" (RFC 9110 15.5.6)

        friend bool operator==(const WrongMethod&, const WrongMethod&) = default;
    };
    struct UpgradeOnly {
        friend bool operator==(const UpgradeOnly&, const UpgradeOnly&) = default;
    };
    struct NotFound {
        friend bool operator==(const NotFound&, const NotFound&) = default;
    };
    using Outcome = std::variant<Found, WrongMethod, UpgradeOnly, NotFound>;

    void add(HttpMethod method, std::string_view pattern, std::size_t route);
    void add_upgrade(std::string_view pattern, std::size_t route);

    // The most particular pattern decides, also when only a more general one has the method:
    // otherwise "lists" could be taken for the {id} of another route.
    Outcome find(HttpMethod method, std::span<const std::string> segments, bool upgrade) const;

  private:
    struct Segment {
        bool is_name = false;
        std::string text;

        friend bool operator==(const Segment&, const Segment&) = default;
    };
    struct Pattern {
        std::vector<Segment> segments;
        std::vector<std::pair<HttpMethod, std::size_t>> routes;
        std::optional<std::size_t> upgrade;
    };

    Pattern& pattern_of(std::string_view text);
    static std::optional<NamedValues> match(const Pattern& pattern,
                                            std::span<const std::string> segments);
    static std::optional<std::size_t> route_of(const Pattern& pattern, HttpMethod method);
    static std::string allowed(const Pattern& pattern);

    std::vector<Pattern> patterns_;  // the more particular first
};

}  // namespace patchbay::net
