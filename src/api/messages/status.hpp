// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What the server says of itself.
namespace patchbay::api {

// An account of this server's at another one.
struct RegistrationHealth {
    std::string name;
    std::string registrar;
    std::string state;           // "registering", "registered", "failing", "idle"
    int status = 0;              // the latest final answer; 0: none yet
    std::uint64_t failures = 0;  // since the latest success
};

// An address of a trunk that is pinged.
struct TrunkHealth {
    std::string name;     // of the trunk
    std::string address;  // "sip:203.0.113.20:5060"
    std::string state;    // "up", "down", "unknown"
    int status = 0;       // the latest answer; 408: none came, 503: host not found, 0: none yet
};

// GET /health
struct Health {
    std::string status;  // "ok", "draining"
    std::string version;
    std::int64_t uptime = 0;  // seconds
    std::uint64_t calls = 0;
    std::uint64_t shards = 0;
    std::optional<std::vector<RegistrationHealth>> registrations;
    std::optional<std::vector<TrunkHealth>> trunks;
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
