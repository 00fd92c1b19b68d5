// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/settings.hpp"
#include "bridge/settings_check.hpp"
#include "wire/decode_error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The bodies of the Bridge API. The request and the answer of GET have one shape, so that what was
// read can be sent back changed.
namespace patchbay::api::bridge {

// POST /call/bridge/config, done.
struct BridgeConfigured {
    std::string message;
    std::string bridge;  // its name
};

// One field of a configuration that was refused.
struct BridgeProblem {
    std::string field;    // "meta.phoneNumber"
    std::string problem;  // "must be ...", for a person
};

// POST /call/bridge/config, refused: nothing has changed.
struct BridgeRefused {
    std::string error;
    std::vector<BridgeProblem> fields;
};

// The PBX, or the WhatsApp side, of a bridge.
struct BridgeLeg {
    bool configured = false;
    bool available = true;                  // false: this version does not have it
    std::optional<bool> reachable;          // by the latest call or registration; absent: none yet
    std::optional<bool> registered;         // absent: it was not asked for
    std::optional<std::string> last_error;  // in words; absent: none, or it is over
    std::uint64_t calls = 0;                // led there since the server's start
    std::uint64_t answered = 0;
    std::uint64_t failed = 0;
};

// Where the PBX calls.
struct BridgeListener {
    bool open = false;
    std::vector<std::string> addresses;
    bool only_this_machine = false;  // nobody else is heard, or can reach it
    std::optional<std::string> last_error;
};

// Something that a page in a browser needs.
struct BridgePart {
    bool configured = false;
    bool available = false;                 // false: the WhatsApp side does not use it
    std::optional<bool> reachable;          // absent: it was not asked yet
    std::optional<std::string> last_error;  // in words; absent: none, or it is over
};

// GET /call/bridge/status
struct BridgeStatus {
    std::string bridge;
    bool enabled = false;
    std::string provider;  // of the WhatsApp side; empty: nothing leads there
    std::uint64_t active_calls = 0;
    BridgeLeg pbx;
    BridgeListener listener;
    BridgeLeg whatsapp;
    BridgePart chrome;
    BridgePart node_helper;
    std::optional<std::string> audio;  // of a page: "webrtc", or "frames" where that fails
    std::vector<std::string> notes;    // what a person should know
    std::vector<std::string> bridges;  // the names of all
};

std::string encode_body(const BridgeConfigured& done);
std::string encode_body(const BridgeRefused& refused);
std::string encode_body(const BridgeStatus& status);
// Secrets as "***".
std::string encode_body(const patchbay::bridge::Settings& settings);

// All bridges as a document that outlives the server, secrets and all.
std::string write_bridges(const patchbay::bridge::Bridges& bridges);
wire::Decoded<patchbay::bridge::Bridges> read_bridges(std::string_view json);

}  // namespace patchbay::api::bridge
