// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "sdp/session_description.hpp"
#include "webrtc/dtls/fingerprint.hpp"
#include "webrtc/dtls/transport.hpp"
#include "webrtc/ice/agent.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::webrtc {

// a=setup (RFC 4145 4): who sends the first DTLS packet.
enum class DtlsSetup : std::uint8_t { Active, Passive, ActPass };

std::string_view to_string(DtlsSetup setup);

// What the attributes of a description say about one transport: its ICE and its DTLS.
struct PeerDescription {
    IceDescription ice;
    std::vector<Fingerprint> fingerprints;
    DtlsSetup setup = DtlsSetup::ActPass;
};

// Of a section, where an attribute may stand in the section or for the whole session (RFC 8839 5.4,
// RFC 8122 5). Candidates of the sections that it is bundled with count as its own. Lines of
// candidates or hashes that we do not know are skipped; Malformed and NotFound name what is wrong.
Result<PeerDescription> read_peer_description(const sdp::SessionDescription& description,
                                              const sdp::MediaDescription& section);

// Adds ours to a section. `role` is our part in DTLS, once it is decided.
void write_peer_description(const IceAgent& agent,
                            bool lite,
                            const Fingerprint& fingerprint,
                            std::optional<DtlsRole> role,
                            sdp::MediaDescription& section);

// a=mid (RFC 5888 4).
std::optional<std::string_view> mid_of(const sdp::MediaDescription& section);
// The mids of a=group:BUNDLE, or none (RFC 9143).
std::vector<std::string_view> bundle_of(const sdp::SessionDescription& description);

}  // namespace patchbay::webrtc
