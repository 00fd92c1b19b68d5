// SPDX-License-Identifier: Apache-2.0
#include "call/trunk.hpp"

#include <algorithm>

namespace patchbay::call {

Result<sip::Uri> uri_of(const TrunkAddress& address) {
    std::string text = "sip:";
    text += address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
    if (address.port != 0) {
        text += ":" + std::to_string(address.port);
    }
    if (address.transport != sip::Transport::Udp) {
        text += ";transport=";
        text += sip::uri_transport(address.transport);
    }
    return sip::Uri::parse(text);
}

const Trunk* find_trunk(const Trunks& trunks, std::string_view name) {
    const auto found = std::find_if(trunks.begin(), trunks.end(),
                                    [&](const Trunk& trunk) { return trunk.name == name; });
    return found == trunks.end() ? nullptr : &*found;
}

const Trunk* trunk_of(const Trunks& trunks, const IpAddress& source) {
    const auto found = std::find_if(trunks.begin(), trunks.end(), [&](const Trunk& trunk) {
        return contains(trunk.sources, source);
    });
    return found == trunks.end() ? nullptr : &*found;
}

}  // namespace patchbay::call
