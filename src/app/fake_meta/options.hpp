// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "lab/meta/account.hpp"
#include "lab/meta/graph_account.hpp"

#include <string>

namespace CLI {
class App;
}

namespace patchbay::app {

// patchbay fake-meta: a double of WhatsApp Business Calling, over SIP or by the Graph API, for one
// business number. Its port is that of `listen`.
struct FakeMetaOptions {
    lab::meta::Account account{.number = "+15550001111",
                               .password = Secret<std::string>("fake-meta"),
                               .domain = "patchbay.localhost"};
    SocketAddress listen{IpAddress::v4(127, 0, 0, 1), 5062};
    SocketAddress server{IpAddress::v4(127, 0, 0, 1), 5061};  // that calls of users go to
    std::string folder = "fake-meta";                         // of the certificates
    bool by_graph = false;
    lab::meta::GraphAccount graph;                                      // its users are `account`
    std::string webhook = "http://127.0.0.1:8080/call/bridge/webhook";  // of the business

    friend bool operator==(const FakeMetaOptions&, const FakeMetaOptions&) = default;
};

void describe_fake_meta(CLI::App& command, FakeMetaOptions& options);

}  // namespace patchbay::app
