// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.hpp"
#include "call/inbound_gate.hpp"
#include "call/route.hpp"
#include "call/services.hpp"
#include "call/trunk.hpp"
#include "sip/digest.hpp"
#include "sip/registrar.hpp"

#include <optional>
#include <string>
#include <vector>

namespace patchbay::app {

// What the file says of users, registrations, trunks, routes and protection.

struct UserAccount {
    std::string name;
    Secret<std::string> password;

    friend bool operator==(const UserAccount&, const UserAccount&) = default;
};

struct RegistrarSettings {
    std::string realm = "patchbay";
    std::vector<std::string> domains;  // names of ours, beside the addresses that we listen on
    std::vector<sip::DigestAlgorithm> algorithms = {sip::DigestAlgorithm::Sha256,
                                                    sip::DigestAlgorithm::Md5};
    Seconds nonce_lifetime{300};
    Seconds min_expires{60};
    Seconds max_expires{7200};
    bool built_ins = true;  // whether `echo`, `tone` and `demo` answer

    friend bool operator==(const RegistrarSettings&, const RegistrarSettings&) = default;
};

// Who is heard where; without `listen` it is meant for every listener that no other names.
struct AccessSettings {
    std::optional<SocketAddress> listen;
    call::Authentication authentication = call::Authentication::Claimed;
    std::vector<AddressRange> allow;
    bool trust_identity = false;

    friend bool operator==(const AccessSettings&, const AccessSettings&) = default;
};

struct ProtectionSettings {
    call::SourceLimits sources = {
        .exempt = {{IpAddress::v4(127, 0, 0, 0), 8}, {*IpAddress::parse("::1"), 128}}};
    RateLimit user_requests = call::InboundGateConfig{}.user_requests;
    std::vector<std::string> scanners = call::InboundGateConfig{}.scanners;
    call::CallLimit source_calls{.calls = 100, .rate = {.rate = 10, .burst = 50}};
    call::CallLimit user_calls{.calls = 10, .rate = {.rate = 1, .burst = 10}};
    call::LoadLimits load;
    std::vector<std::string> denied_prefixes;

    friend bool operator==(const ProtectionSettings&, const ProtectionSettings&) = default;
};

struct ServiceSettings {
    std::vector<UserAccount> users;
    RegistrarSettings registrar;
    std::vector<AccessSettings> access;
    std::vector<call::AccountConfig> registrations;
    std::vector<call::Trunk> trunks;
    std::vector<call::Route> routes;
    ProtectionSettings protection;

    friend bool operator==(const ServiceSettings&, const ServiceSettings&) = default;
};

// What no single value shows: a route to a trunk that is not there, two users of one name.
std::vector<std::string> contradictions(const ServiceSettings& settings);

}  // namespace patchbay::app
