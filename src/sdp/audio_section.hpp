// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sdp/offer_answer.hpp"

#include <vector>

// The pieces that offers and answers share; private to this module.
namespace patchbay::sdp {

// The telephone-event format for a clock rate. Its number is the customary 101 until assigned.
Codec telephone_event(std::uint32_t clock_rate);
// RFC 3389 4: static number 13, for codecs with a clock of 8000.
Codec comfort_noise();

bool is_telephone_event(const Codec& codec);
// Formats that accompany speech and carry none of their own: telephone-event, comfort noise, RED.
bool is_auxiliary(const Codec& codec);

// A section of ours with these formats, numbered as they are.
MediaDescription make_audio_section(const LocalMedia& local,
                                    std::string_view protocol,
                                    const std::vector<Codec>& formats,
                                    Direction direction);

// RFC 3264 6: refused, but in its place.
MediaDescription refuse(const MediaDescription& section);

// A description around sections yet to come; the origin's numbers belong to LocalSession.
SessionDescription make_description(const LocalMedia& local);

// The first audio section that is in use.
const MediaDescription* active_audio(const SessionDescription& description);

// Plain RTP, with or without early feedback; see also is_secure_rtp().
bool is_plain_rtp(std::string_view protocol);

// Where the owner of a section wants his media; `rtcp_mux`: both sides want one port.
struct RemoteAddress {
    SocketAddress rtp;
    SocketAddress rtcp;
};
Result<RemoteAddress> remote_address(const SessionDescription& description,
                                     const MediaDescription& section,
                                     bool rtcp_mux);

// The length of the packets to send: what the peer asks for, within what we can do.
Milliseconds packet_time(const MediaDescription& theirs, Milliseconds ours);

// What the owner of the section can do, where 0.0.0.0 (RFC 2543 B.5) means that he does not
// receive.
Direction effective_direction(const SessionDescription& description,
                              const MediaDescription& section);

}  // namespace patchbay::sdp
