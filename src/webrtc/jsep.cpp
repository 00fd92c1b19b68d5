// SPDX-License-Identifier: Apache-2.0
#include "webrtc/jsep.hpp"

#include "base/ensure.hpp"
#include "base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace patchbay::webrtc {
namespace {

// RFC 5764 8, RFC 8829 5.1.2: the last is what browsers write, the others must be understood.
bool is_dtls_srtp(std::string_view protocol) {
    return equals_ignoring_case(protocol, "UDP/TLS/RTP/SAVPF") ||
           equals_ignoring_case(protocol, "UDP/TLS/RTP/SAVP");
}

bool is_served(const sdp::MediaDescription& section) {
    return section.media == "audio" && is_dtls_srtp(section.protocol) &&
           (section.port != 0 || sdp::find(section.attributes, "bundle-only") != nullptr);
}

// ICE, DTLS and the address of one section of a description of ours.
void put_side(const TransportSide& side,
              sdp::SessionDescription& description,
              sdp::MediaDescription& audio) {
    if (side.lite) {
        description.attributes.push_back({"ice-lite", std::nullopt});
    }
    // Pages look for their sound in the stream of the track.
    audio.attributes.push_back({"msid", "patchbay audio"});
    if (side.stream) {
        audio.attributes.push_back(
            {"ssrc", fmt::format("{} cname:{}", side.stream->ssrc, side.stream->cname)});
    }
    write_peer_description(side.agent, side.lite, side.fingerprint, side.role, audio);
    if (!side.agent.local_candidates().empty()) {
        const SocketAddress& address = side.agent.local_candidates().front().candidate.address;
        audio.port = address.port;
        audio.connection = sdp::Connection::of(address.ip);
        description.connection = audio.connection;
        description.origin.address = *audio.connection;
    }
}

// Attributes that speak of the transport; `sdp` must not see a=rtcp with an address of its own.
bool is_of_transport(const sdp::Attribute& attribute) {
    return attribute.name == "rtcp" || attribute.name == "crypto";
}

}  // namespace

bool has_dtls_transport(const sdp::SessionDescription& description) {
    return std::ranges::any_of(description.media, is_served);
}

Result<TransportOffer> take_transport(const sdp::SessionDescription& offer) {
    const auto audio = std::ranges::find_if(offer.media, is_served);
    if (audio == offer.media.end()) {
        return fail(Errc::Unsupported, "offer without audio over DTLS-SRTP");
    }
    if (sdp::find(audio->attributes, "rtcp-mux") == nullptr) {
        return fail(Errc::Unsupported, "offer without rtcp-mux");
    }
    TransportOffer out;
    out.plain = offer;
    out.section = static_cast<std::size_t>(audio - offer.media.begin());
    PB_TRY(out.peer, read_peer_description(offer, *audio));
    sdp::MediaDescription& plain = out.plain.media[out.section];
    plain.protocol = "RTP/AVPF";
    plain.port = kNoAddress.port;
    plain.connection = sdp::Connection::of(kNoAddress.ip);
    std::erase_if(plain.attributes, is_of_transport);
    for (sdp::MediaDescription& section : out.plain.media) {
        if (&section != &plain) {
            section.port = 0;  // one transport serves one section
        }
    }
    return out;
}

void put_transport(const sdp::SessionDescription& offer,
                   std::size_t section,
                   const TransportSide& side,
                   sdp::SessionDescription& answer) {
    PB_ENSURE(section < answer.media.size() && answer.media.size() == offer.media.size());
    for (std::size_t i = 0; i < answer.media.size(); ++i) {
        answer.media[i].protocol = offer.media[i].protocol;
        if (const auto mid = mid_of(offer.media[i])) {
            answer.media[i].attributes.push_back({"mid", std::string(*mid)});
        }
    }
    if (const auto mid = mid_of(offer.media[section]); mid && !bundle_of(offer).empty()) {
        answer.attributes.push_back({"group", "BUNDLE " + std::string(*mid)});
    }
    put_side(side, answer, answer.media[section]);
}

void put_offered_transport(const sdp::SessionDescription* current,
                           const TransportSide& side,
                           sdp::SessionDescription& offer) {
    TransportSide offering = side;
    offering.role = std::nullopt;
    if (current != nullptr) {
        const auto served = std::ranges::find_if(current->media, is_served);
        PB_ENSURE(served != current->media.end());
        return put_transport(*current, static_cast<std::size_t>(served - current->media.begin()),
                             offering, offer);
    }
    PB_ENSURE(offer.media.size() == 1);
    sdp::MediaDescription& audio = offer.media.front();
    audio.protocol = "UDP/TLS/RTP/SAVPF";
    audio.attributes.push_back({"mid", "0"});
    offer.attributes.push_back({"group", "BUNDLE 0"});
    put_side(offering, offer, audio);
}

}  // namespace patchbay::webrtc
