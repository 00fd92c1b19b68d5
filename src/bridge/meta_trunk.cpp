// SPDX-License-Identifier: Apache-2.0
#include "bridge/meta_trunk.hpp"

#include "base/ensure.hpp"
#include "bridge/settings_check.hpp"

#include <array>
#include <utility>

namespace patchbay::bridge {
namespace {

constexpr std::string_view kMetaServer = "wa.meta.vc:5061;transport=tls";

// Autonomous system 32934, merged: Meta calls from all of it, and tells businesses to let it in.
constexpr std::array<std::string_view, 25> kMetaNetworks{
    "31.13.24.0/21",   "31.13.64.0/18",    "45.64.40.0/22",   "57.141.0.0/16",   "57.144.0.0/14",
    "66.220.144.0/20", "69.63.176.0/20",   "69.171.224.0/19", "74.119.76.0/22",  "102.132.96.0/20",
    "103.4.96.0/22",   "129.134.0.0/16",   "147.75.208.0/20", "157.240.0.0/16",  "163.70.128.0/17",
    "163.77.128.0/17", "173.252.64.0/18",  "179.60.192.0/22", "185.60.216.0/22", "185.89.216.0/22",
    "204.15.20.0/22",  "2620:0:1c00::/40", "2a03:2880::/32",  "2a03:2887::/32",  "2c0f:ef78::/32"};

// The number as Meta takes it: in From with the plus, as the user of its digest without.
std::string number_of(const MetaSettings& settings) {
    const auto number = parse_number_e164(settings.phone_number);
    PB_ENSURE(number.has_value());  // check() has looked
    return *number;
}

}  // namespace

sdp::Codec keys_beside_opus() {
    return {.name = std::string(sdp::kTelephoneEvent),
            .payload_type = 126,
            .clock_rate = 8000,
            .channels = 1,
            .fmtp = "0-16"};
}

void use_meta_media(call::Trunk& trunk) {
    trunk.codecs = {"opus"};
    trunk.telephone_event = keys_beside_opus();
    trunk.one_description = true;
}

call::Trunk meta_trunk(std::string name, const MetaSettings& settings) {
    call::Trunk trunk;
    trunk.name = std::move(name);
    auto address = parse_sip_server(
        settings.sip_server.empty() ? kMetaServer : std::string_view(settings.sip_server));
    PB_ENSURE(address.has_value());
    address->transport = sip::Transport::Tls;  // there is no other
    trunk.addresses = {*std::move(address)};
    trunk.from_user = number_of(settings);
    trunk.from_domain = settings.sip_domain;
    if (settings.sip_password) {
        trunk.credentials = sip::Credentials{
            .username = trunk.from_user.substr(1), .password = *settings.sip_password, .realm = {}};
    }
    use_meta_media(trunk);
    if (settings.srtp == kSrtpSdes) {
        trunk.crypto = sdp::CryptoPolicy::Mandatory;
        trunk.rtcp_mux = true;
    } else {
        trunk.dtls = true;
    }
    trunk.recorded_headers = "x-wa-meta-";
    return trunk;
}

MetaEntrance meta_entrance(std::string_view bridge, const MetaSettings& settings) {
    MetaEntrance entrance{.bridge = std::string(bridge),
                          .number = number_of(settings).substr(1),
                          .password = settings.sip_password,
                          .sources = {}};
    const auto add = [&](std::string_view text) {
        const auto range = parse_range(text);
        PB_ENSURE(range.has_value());
        entrance.sources.push_back(*range);
    };
    for (const std::string& source : settings.sources) {
        add(source);
    }
    if (settings.sources.empty()) {
        for (const std::string_view network : kMetaNetworks) {
            add(network);
        }
    }
    return entrance;
}

}  // namespace patchbay::bridge
