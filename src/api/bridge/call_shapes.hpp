// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/bridge/whatsapp_calls.hpp"
#include "wire/decode_error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The bodies of call control: POST /call/start and its kin.
namespace patchbay::api::bridge {

struct StartCall {
    std::string phone;  // also "number", "to"
    std::optional<std::string> bridge;
};
struct NamedCall {
    std::string call_id;  // also "id"
};
struct MuteCall {
    std::optional<bool> muted;  // absent: true
};
struct SendKeys {
    std::string digits;  // also "dtmf"
};
// GET /call/status, GET /call/history
struct WhatsAppCallList {
    std::vector<WhatsAppCall> calls;
};

wire::Decoded<StartCall> read_start(std::string_view json);
wire::Decoded<NamedCall> read_named(std::string_view json);
wire::Decoded<MuteCall> read_mute(std::string_view json);
wire::Decoded<SendKeys> read_keys(std::string_view json);

std::string encode_body(const WhatsAppCall& call);
// What encode_body() has written.
wire::Decoded<WhatsAppCall> read_call(std::string_view json);
std::string encode_body(const WhatsAppCallList& list);
std::string encode_body(const WhatsAppCallChange& change);

}  // namespace patchbay::api::bridge
