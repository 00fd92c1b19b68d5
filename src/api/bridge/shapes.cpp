// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/shapes.hpp"

#include "api/bridge/read_change.hpp"
#include "wire/decode_members.hpp"
#include "wire/encode.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <utility>

namespace patchbay::bridge {

BOOST_DESCRIBE_STRUCT(MetaSettings,
                      (),
                      (phone_number,
                       sip_domain,
                       sip_password,
                       sip_server,
                       sources,
                       srtp,
                       phone_number_id,
                       access_token,
                       app_secret,
                       verify_token,
                       graph_url))
BOOST_DESCRIBE_STRUCT(PageElements,
                      (),
                      (number, call, accept, reject, hang_up, active, caller, keys))
BOOST_DESCRIBE_STRUCT(PageSettings, (), (url, adapter, script, audio, elements, helper_token))
BOOST_DESCRIBE_STRUCT(PageChange, (), (url, adapter, script, audio, elements, helper_token))
BOOST_DESCRIBE_STRUCT(Settings,
                      (),
                      (enabled,
                       sip_server,
                       sip_user,
                       sip_pass,
                       sip_listen_port,
                       sip_listen_user,
                       sip_listen_secret,
                       sip_extension,
                       wasm_server_port,
                       wasm_server_ip,
                       chrome_remote_url,
                       node_remote_helper,
                       sip_register,
                       sip_web_rtc,
                       provider,
                       meta,
                       page,
                       webhook_url,
                       webhook_secret))
BOOST_DESCRIBE_STRUCT(MetaChange,
                      (),
                      (phone_number,
                       sip_domain,
                       sip_password,
                       sip_server,
                       sources,
                       srtp,
                       phone_number_id,
                       access_token,
                       app_secret,
                       verify_token,
                       graph_url))
BOOST_DESCRIBE_STRUCT(SettingsChange,
                      (),
                      (enabled,
                       sip_server,
                       sip_user,
                       sip_pass,
                       sip_listen_port,
                       sip_listen_user,
                       sip_listen_secret,
                       sip_extension,
                       wasm_server_port,
                       wasm_server_ip,
                       chrome_remote_url,
                       node_remote_helper,
                       sip_register,
                       sip_web_rtc,
                       provider,
                       meta,
                       page,
                       webhook_url,
                       webhook_secret))

}  // namespace patchbay::bridge

namespace patchbay::wire {

struct BridgeSpelling {
    static constexpr std::array kWireNames{Rename{"wasm_server_ip", "wasmServerIP"},
                                           Rename{"chrome_remote_url", "chromeRemoteURL"}};
};
template <>
struct Spelling<patchbay::bridge::Settings> : BridgeSpelling {};
template <>
struct Spelling<patchbay::bridge::SettingsChange> : BridgeSpelling {};

}  // namespace patchbay::wire

namespace patchbay::api::bridge {
namespace {

struct StoredBridges {
    wire::Map<patchbay::bridge::Settings> bridges;
};
struct BridgesToRead {
    wire::Map<patchbay::bridge::SettingsChange> bridges;
};
BOOST_DESCRIBE_STRUCT(StoredBridges, (), (bridges))
BOOST_DESCRIBE_STRUCT(BridgesToRead, (), (bridges))

}  // namespace

BOOST_DESCRIBE_STRUCT(BridgeConfigured, (), (message, bridge))
BOOST_DESCRIBE_STRUCT(BridgeProblem, (), (field, problem))
BOOST_DESCRIBE_STRUCT(BridgeRefused, (), (error, fields))
BOOST_DESCRIBE_STRUCT(
    BridgeLeg,
    (),
    (configured, available, reachable, registered, last_error, calls, answered, failed))
BOOST_DESCRIBE_STRUCT(BridgeListener, (), (open, addresses, only_this_machine, last_error))
BOOST_DESCRIBE_STRUCT(BridgePart, (), (configured, available, reachable, last_error))
BOOST_DESCRIBE_STRUCT(BridgeStatus,
                      (),
                      (bridge,
                       enabled,
                       provider,
                       active_calls,
                       pbx,
                       listener,
                       whatsapp,
                       chrome,
                       node_helper,
                       audio,
                       notes,
                       bridges))

ReadChange read_change(std::string_view json) {
    auto read = wire::decode_all_members<patchbay::bridge::SettingsChange>(json);
    ReadChange out{.change = std::move(read.value), .problems = {}};
    for (wire::DecodeError& error : read.errors) {
        out.is_object = out.is_object && !error.path.empty();
        out.problems.push_back(
            {error.path.empty() ? "body" : std::move(error.path), std::move(error.problem)});
    }
    return out;
}

std::string encode_body(const BridgeConfigured& done) {
    return wire::encode(done);
}

std::string encode_body(const BridgeRefused& refused) {
    return wire::encode(refused);
}

std::string encode_body(const BridgeStatus& status) {
    return wire::encode(status);
}

std::string encode_body(const patchbay::bridge::Settings& settings) {
    return wire::encode(settings);
}

std::string write_bridges(const patchbay::bridge::Bridges& bridges) {
    return wire::encode_with_secrets(StoredBridges{bridges});
}

// As changes of nothing, so that a file of an earlier version lacks nothing.
wire::Decoded<patchbay::bridge::Bridges> read_bridges(std::string_view json) {
    PB_TRY(const BridgesToRead stored, wire::decode_document<BridgesToRead>(json));
    patchbay::bridge::Bridges bridges;
    for (const auto& [name, change] : stored.bridges) {
        bridges.emplace(name, patchbay::bridge::changed({}, change));
    }
    return bridges;
}

}  // namespace patchbay::api::bridge
