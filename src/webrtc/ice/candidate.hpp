// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::webrtc {

enum class CandidateType : std::uint8_t { Host, ServerReflexive, PeerReflexive, Relayed };

std::string_view to_string(CandidateType type);  // "srflx"

// One address at which an agent may be reached (RFC 8445 5.1), over UDP.
struct Candidate {
    std::string foundation;
    std::uint16_t component = 1;  // 1 to 256
    std::uint32_t priority = 0;
    SocketAddress address;
    // Instead of address.ip: browsers hide theirs behind a name of mDNS ("….local").
    std::string host_name;
    CandidateType type = CandidateType::Host;
    std::optional<SocketAddress> related;  // raddr, rport
    std::string ufrag;                     // of the generation that it belongs to, when it says so

    // The value of a=candidate (RFC 8839 5.1), with or without "candidate:" in front. Unsupported:
    // not UDP, or a type that nobody knows. Malformed, OutOfRange, TooLarge: what a peer must not
    // send.
    static Result<Candidate> parse(std::string_view text);
    std::string to_string() const;  // "candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host"

    friend bool operator==(const Candidate&, const Candidate&) = default;
};

// A candidate of ours and the socket that it is reached by: its base (RFC 8445 4). They differ when
// an address translator stands in between. For a relayed candidate both are the relay's address.
struct LocalCandidate {
    Candidate candidate;
    SocketAddress base;

    friend bool operator==(const LocalCandidate&, const LocalCandidate&) = default;
};

// RFC 8445 5.1.2.1. `preference` orders addresses of one type: 65535 for the only one.
std::uint32_t candidate_priority(CandidateType type, std::uint16_t preference);

// A host candidate; `announced` is what the peer is told where a translator maps it one to one.
LocalCandidate make_host_candidate(const SocketAddress& base,
                                   std::uint16_t preference,
                                   std::optional<IpAddress> announced = {});
// `server` is what told us the address: a STUN or TURN server.
LocalCandidate make_reflexive_candidate(const SocketAddress& mapped,
                                        const SocketAddress& base,
                                        const IpAddress& server,
                                        std::uint16_t preference);
LocalCandidate make_relayed_candidate(const SocketAddress& relayed,
                                      const SocketAddress& mapped,
                                      const IpAddress& server,
                                      std::uint16_t preference);

}  // namespace patchbay::webrtc
