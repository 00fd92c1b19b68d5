// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/dns_record.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "sip/flow.hpp"
#include "sip/uri.hpp"

#include <map>
#include <string>
#include <vector>

namespace patchbay::sip {

// A place where requests to some URI may be sent.
struct Target {
    Transport transport = Transport::Udp;
    SocketAddress address;
    std::string peer_name;  // TLS: whom the certificate must name (RFC 5922 4)

    friend auto operator<=>(const Target&, const Target&) = default;
};

// What this element can use; the first transport is preferred where the DNS has no wish.
struct LocatePolicy {
    std::vector<Transport> transports = {Transport::Udp, Transport::Tcp, Transport::Tls};
    bool ipv4 = true;
    bool ipv6 = true;
};

// What is known: an answer without records says that there are none.
using DnsAnswers = std::map<DnsQuestion, DnsAnswer>;

struct Location {
    std::vector<Target> targets;         // best first
    std::vector<DnsQuestion> questions;  // to be answered before there are targets
};

// RFC 3263 4: where requests to a sip or sips URI go. A pure function of what is known: called
// again with each answer, until no question is left. Weights (RFC 2782) are drawn from `random`.
// Unsupported: a transport or scheme that we do not use; NotFound: there is nothing there.
Result<Location> locate(const Uri& uri,
                        const DnsAnswers& known,
                        const LocatePolicy& policy,
                        Random& random);

}  // namespace patchbay::sip
