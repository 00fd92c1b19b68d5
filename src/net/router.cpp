// SPDX-License-Identifier: Apache-2.0
#include "net/router.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace patchbay::net {

void Router::add(HttpMethod method, std::string_view pattern, std::size_t route) {
    pattern_of(pattern).routes.emplace_back(method, route);
}

void Router::add_upgrade(std::string_view pattern, std::size_t route) {
    pattern_of(pattern).upgrade = route;
}

Router::Outcome Router::find(HttpMethod method,
                             std::span<const std::string> segments,
                             bool upgrade) const {
    for (const Pattern& pattern : patterns_) {
        auto parameters = match(pattern, segments);
        if (!parameters) {
            continue;
        }
        if (upgrade && method == HttpMethod::Get && pattern.upgrade) {
            return Found{*pattern.upgrade, std::move(*parameters), true};
        }
        if (const auto route = route_of(pattern, method)) {
            return Found{*route, std::move(*parameters), false};
        }
        if (method == HttpMethod::Get && pattern.upgrade) {
            return UpgradeOnly{};
        }
        return WrongMethod{allowed(pattern)};
    }
    return NotFound{};
}

Router::Pattern& Router::pattern_of(std::string_view text) {
    std::vector<Segment> segments;
    text.remove_prefix(text.starts_with('/') ? 1 : 0);
    while (!text.empty()) {
        const auto [segment, rest] = split_once(text, '/');
        text = rest;
        const bool is_name = segment.starts_with('{') && segment.ends_with('}');
        segments.push_back(
            {is_name, std::string(is_name ? segment.substr(1, segment.size() - 2) : segment)});
    }
    const auto known = std::ranges::find(patterns_, segments, &Pattern::segments);
    if (known != patterns_.end()) {
        return *known;
    }
    const auto less_particular = [&](const Pattern& other) {
        return std::ranges::lexicographical_compare(segments, other.segments, {}, &Segment::is_name,
                                                    &Segment::is_name);
    };
    const auto place = std::ranges::find_if(patterns_, less_particular);
    return *patterns_.insert(place, Pattern{std::move(segments), {}, {}});
}

std::optional<NamedValues> Router::match(const Pattern& pattern,
                                         std::span<const std::string> segments) {
    if (pattern.segments.size() != segments.size()) {
        return std::nullopt;
    }
    NamedValues parameters;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const Segment& wanted = pattern.segments[i];
        if (wanted.is_name && !segments[i].empty()) {
            parameters.emplace_back(wanted.text, segments[i]);
        } else if (wanted.is_name || wanted.text != segments[i]) {
            return std::nullopt;
        }
    }
    return parameters;
}

std::optional<std::size_t> Router::route_of(const Pattern& pattern, HttpMethod method) {
    const auto find = [&](HttpMethod wanted) {
        return std::ranges::find(pattern.routes, wanted,
                                 &std::pair<HttpMethod, std::size_t>::first);
    };
    auto found = find(method);
    if (found == pattern.routes.end() && method == HttpMethod::Head) {
        found = find(HttpMethod::Get);
    }
    if (found == pattern.routes.end()) {
        return std::nullopt;
    }
    return found->second;
}

std::string Router::allowed(const Pattern& pattern) {
    std::string allow;
    for (const HttpMethod method : {HttpMethod::Get, HttpMethod::Head, HttpMethod::Post,
                                    HttpMethod::Put, HttpMethod::Patch, HttpMethod::Delete}) {
        if (route_of(pattern, method) || (method == HttpMethod::Get && pattern.upgrade)) {
            allow += to_string(method);
            allow += ", ";
        }
    }
    return allow + "OPTIONS";
}

}  // namespace patchbay::net
