// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address_range.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "call/call_quota.hpp"
#include "sdp/codec.hpp"
#include "sdp/crypto_negotiation.hpp"
#include "sip/flow.hpp"
#include "sip/request.hpp"
#include "sip/uri.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// Where a trunk's calls go.
struct TrunkAddress {
    std::string host;        // an address or a name, without brackets
    std::uint16_t port = 0;  // 0: by DNS, or the transport's own
    sip::Transport transport = sip::Transport::Udp;

    friend bool operator==(const TrunkAddress&, const TrunkAddress&) = default;
};

// A way to the telephone network or to another PBX, as the operator describes it. Plain data, never
// changed after the start.
struct Trunk {
    std::string name;
    std::vector<TrunkAddress> addresses;  // the next one when one does not answer or is in trouble
    std::optional<sip::Credentials> credentials;
    // What From says of calls that leave: empty: the caller's own user part; our own host.
    std::string from_user;
    std::string from_domain;
    // RFC 3325, in our trust domain: it is told who calls by P-Asserted-Identity, and believed.
    bool assert_identity = false;
    bool trust_identity = false;
    sip::ExtraHeaders headers;        // on every INVITE
    std::vector<std::string> codecs;  // empty: the server's
    sdp::CryptoPolicy crypto = sdp::CryptoPolicy::Off;
    bool dtls = false;      // audio by ICE and DTLS-SRTP (RFC 5763), which brings the keys
    bool rtcp_mux = false;  // RTCP on the port of RTP is offered (RFC 5761)
    // The only telephone-event that is offered; absent: as the codecs want.
    std::optional<sdp::Codec> telephone_event;
    // The one offer and its answer describe a call to its end: the peer is sent no re-INVITE, no
    // UPDATE, no REFER, no early media and no session timer (RFC 4028), and hears a packet every
    // 20 ms, held or not. What others need, hold and transfer included, is done on our side.
    bool one_description = false;
    // Headers of its INVITE and BYE that the record keeps, by how their names begin; lower-case.
    std::string recorded_headers;
    CallLimit limit;  // of calls in both directions
    // How often each address is asked whether it is there; absent: never. One that does not answer
    // gets no calls until it does.
    std::optional<Seconds> ping;
    bool keep_alive = false;            // the NATs on the way are kept open, where no ping does
    std::vector<AddressRange> sources;  // calls from there come by this trunk
    // A neighbour inside this process: its calls leave by this flow, and it has no addresses.
    std::optional<sip::Flow> flow;
    // Its callers with WebRTC media get our answer while it rings, so that ICE and DTLS are done
    // when somebody answers. They hear nothing before.
    bool early_transport = false;

    friend bool operator==(const Trunk& a, const Trunk& b) { return a.name == b.name; }
};
using Trunks = std::vector<Trunk>;

// As a URI without user. Malformed: the host is none.
Result<sip::Uri> uri_of(const TrunkAddress& address);

const Trunk* find_trunk(const Trunks& trunks, std::string_view name);
// The first that has the address among its sources.
const Trunk* trunk_of(const Trunks& trunks, const IpAddress& source);

}  // namespace patchbay::call
