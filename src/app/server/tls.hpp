// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/config/config.hpp"
#include "app/sip/sockets.hpp"
#include "base/result.hpp"
#include "net/tls_context.hpp"

#include <optional>
#include <string>

namespace patchbay::app {

// The certificates of a server, ready for use by any shard.
struct ServerTls {
    SipTls sip;
    std::optional<net::TlsContext> http;
};

// Reads the files that the configuration names. Errors are one sentence for the operator.
Expected<ServerTls, std::string> read_tls(const Config& config);

}  // namespace patchbay::app
