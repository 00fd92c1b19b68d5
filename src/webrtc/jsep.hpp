// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "sdp/session_description.hpp"
#include "webrtc/description.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

// The part of JSEP (RFC 8829) that a voice gateway needs: one audio section, bundled with itself.
// The codecs are negotiated by `sdp`, which knows plain RTP; these functions take the transport out
// of an offer before and put ours into the answer after.
namespace patchbay::webrtc {

// Where plain RTP would go: nowhere, as ICE decides that. The dummy address of RFC 7600 4.8.
inline constexpr SocketAddress kNoAddress{IpAddress::v4(192, 0, 0, 8), 9};

// A browser's offer or answer, or one of ours, seen as a description of plain RTP.
struct TransportOffer {
    sdp::SessionDescription plain;
    std::size_t section = 0;  // the audio section that is served
    PeerDescription peer;
};

// Unsupported: no audio over DTLS-SRTP, or without rtcp-mux (RFC 8834 4.5 lets us insist).
Result<TransportOffer> take_transport(const sdp::SessionDescription& offer);

// Whether a description is one for DTLS-SRTP: a softphone over SIP may send it as well.
bool has_dtls_transport(const sdp::SessionDescription& description);

// The one stream that we send (RFC 5576): some stacks give what arrives to nobody without it.
struct OwnStream {
    std::uint32_t ssrc = 0;
    std::string cname;
};

// Our side of a transport. `role` is our part in DTLS, once it is decided.
struct TransportSide {
    const IceAgent& agent;
    bool lite = false;
    const Fingerprint& fingerprint;
    std::optional<DtlsRole> role = std::nullopt;
    std::optional<OwnStream> stream = std::nullopt;
};

// Completes the answer that `sdp` has made of TransportOffer::plain. Port and address of the
// section are those of our first candidate (RFC 8839 4.2.1.2).
void put_transport(const sdp::SessionDescription& offer,
                   std::size_t section,
                   const TransportSide& side,
                   sdp::SessionDescription& answer);

// Completes an offer of ours that `sdp` has made. `current` is our last description in the same
// session, null for the first one: a section keeps its identification (RFC 8829 5.2.2). Who is to
// begin with DTLS is the other side's choice, each time (RFC 8842 5.2).
void put_offered_transport(const sdp::SessionDescription* current,
                           const TransportSide& side,
                           sdp::SessionDescription& offer);

}  // namespace patchbay::webrtc
