// SPDX-License-Identifier: Apache-2.0
#include "api/activecall/call_query.hpp"

#include "api/limits.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace patchbay::api::activecall {
namespace {

struct Given {
    std::string_view name;
    std::string_view value;
};

std::optional<Given> first_of(const net::HttpRequest& request,
                              std::initializer_list<std::string_view> spellings) {
    for (const std::string_view name : spellings) {
        if (const auto value = request.query_value(name)) {
            return Given{name, *value};
        }
    }
    return std::nullopt;
}

// Words that are, or will be, segments after /call/: an id of that name could not be addressed.
bool is_reserved(std::string_view id) {
    constexpr std::array<std::string_view, 14> kReserved{
        "sip",    "webrtc", "lists",  "list",    "kill",   "bridge", "start",
        "accept", "reject", "status", "history", "stream", "trace",  "quality"};
    return std::find(kReserved.begin(), kReserved.end(), id) != kReserved.end();
}

std::optional<std::string> refuse_text(const Given& given, std::size_t limit) {
    if (given.value.empty()) {
        return fmt::format("parameter '{}' must not be empty", given.name);
    }
    if (given.value.size() > limit) {
        return fmt::format("parameter '{}' is longer than {} bytes", given.name, limit);
    }
    const auto is_control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    };
    if (std::any_of(given.value.begin(), given.value.end(), is_control)) {
        return fmt::format("parameter '{}' holds control characters", given.name);
    }
    return std::nullopt;
}

tl::expected<bool, std::string> parse_boolean(const Given& given) {
    if (given.value != "true" && given.value != "false") {
        return tl::unexpected(fmt::format("parameter '{}' must be true or false", given.name));
    }
    return given.value == "true";
}

tl::expected<Seconds, std::string> parse_seconds(const Given& given, Seconds most) {
    const auto seconds = parse_number<std::uint32_t>(given.value);
    if (!seconds || Seconds(*seconds) > most) {
        return tl::unexpected(fmt::format("parameter '{}' must be a number of seconds from 0 to {}",
                                          given.name, most.count()));
    }
    return Seconds(*seconds);
}

// Of a client that comes back.
tl::expected<void, std::string> parse_resumption(const net::HttpRequest& request,
                                                 CallQuery& query) {
    if (const auto hold = first_of(request, {"resume"})) {
        PB_TRY(query.resume, parse_seconds(*hold, kMaxResume));
    }
    if (const auto token = first_of(request, {"resumeToken", "resume_token"})) {
        if (auto refusal = refuse_text(*token, kMaxSessionId)) {
            return tl::unexpected(std::move(*refusal));
        }
        query.resume_token = std::string(token->value);
    }
    if (const auto last = first_of(request, {"lastSeq", "last_seq"})) {
        const auto number = parse_number<std::uint64_t>(last->value);
        if (!number) {
            return tl::unexpected(fmt::format("parameter '{}' must be a number", last->name));
        }
        query.last_sequence = *number;
    }
    if (query.resume_token && !query.id) {
        return tl::unexpected(std::string("parameter 'resumeToken' needs the call's 'id'"));
    }
    return {};
}

}  // namespace

tl::expected<CallQuery, std::string> parse_call_query(const net::HttpRequest& request) {
    CallQuery query;
    if (const auto id = first_of(request, {"id"})) {
        if (auto refusal = refuse_text(*id, kMaxSessionId)) {
            return tl::unexpected(std::move(*refusal));
        }
        if (is_reserved(id->value)) {
            return tl::unexpected(
                fmt::format("'{}' is a reserved word and no session id", id->value));
        }
        query.id = call::SessionId(std::string(id->value));
    }
    if (const auto dump = first_of(request, {"dump", "dump_events"})) {
        PB_TRY(query.dump, parse_boolean(*dump));
    }
    if (const auto ping = first_of(request, {"pingInterval", "ping", "ping_interval"})) {
        PB_TRY(query.ping_interval, parse_seconds(*ping, kMaxPingInterval));
    }
    if (const auto binary = first_of(request, {"binaryEvents"})) {
        if (binary->value != "json" && binary->value != "raw") {
            return tl::unexpected(fmt::format("parameter '{}' must be json or raw", binary->name));
        }
        query.binary_as_json = binary->value == "json";
    }
    if (const auto track = first_of(request, {"serverSideTrack", "server_side_track"})) {
        if (auto refusal = refuse_text(*track, kMaxTrackId)) {
            return tl::unexpected(std::move(*refusal));
        }
        query.server_track = std::string(track->value);
    }
    PB_CHECK(parse_resumption(request, query));
    return query;
}

}  // namespace patchbay::api::activecall
