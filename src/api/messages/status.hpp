// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

// What the server says of itself.
namespace patchbay::api {

// GET /health
struct Health {
    std::string status;  // "ok", "draining"
    std::string version;
    std::int64_t uptime = 0;  // seconds
    std::uint64_t calls = 0;
    std::uint64_t shards = 0;
};

// One line of the log in its JSON form.
struct LogLine {
    std::string time;  // RFC 3339
    std::string level;
    std::string text;
};

std::string encode_body(const Health& health);
std::string encode_body(const LogLine& line);

}  // namespace patchbay::api
