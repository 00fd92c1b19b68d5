// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/rtp_track.hpp"
#include "sdp/offer_answer.hpp"

// From what two descriptions settled to what the RTP stream is to do.
namespace patchbay::call {

// A codec that nothing here can decode becomes an opaque one: its packets can be passed on. `ours`
// says how much the encoder may cost; what the peer asks for in a=fmtp limits it.
media::TrackSettings track_settings(const sdp::NegotiatedAudio& audio,
                                    const media::EncoderOptions& ours);

// Which packets of one party may be handed to another party as they are; empty when it can send
// something that the other one would not understand, or when the two do not begin with the same
// codec.
media::RelayFormats relay_formats(const sdp::NegotiatedAudio& from, const sdp::NegotiatedAudio& to);

}  // namespace patchbay::call
