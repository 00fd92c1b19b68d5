// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "sdp/codec.hpp"
#include "sdp/crypto.hpp"
#include "sdp/session_description.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::sdp {

// Whose order decides when both sides know several codecs.
enum class CodecOrder : std::uint8_t {
    Ours,    // the configuration's: the operator sees what he asked for
    Theirs,  // the offer's, as RFC 3264 6.1 recommends
};

// What we bring to a negotiation. Session id and version belong to LocalSession.
struct LocalMedia {
    SocketAddress rtp;          // as the peer must see it; RTCP is one port above
    std::vector<Codec> codecs;  // in the order of preference, see known_codec()
    CodecOrder order = CodecOrder::Ours;
    bool telephone_event = true;
    // The only telephone-event that is offered; absent: one for each clock rate of the codecs.
    std::optional<Codec> telephone_event_format = std::nullopt;
    bool comfort_noise = false;  // RFC 3389, offered and accepted with codecs of 8 kHz
    Milliseconds ptime{20};
    Direction direction = Direction::SendRecv;
    bool rtcp_mux = false;  // offered, and accepted where offered
    LocalCrypto crypto;
};

// A payload format and its two numbers, which need not be equal (RFC 3264 5.1).
struct NegotiatedTelephoneEvent {
    std::uint8_t send_payload_type = 0;
    std::uint8_t receive_payload_type = 0;
    std::uint32_t clock_rate = 8000;

    friend bool operator==(const NegotiatedTelephoneEvent&,
                           const NegotiatedTelephoneEvent&) = default;
};

struct NegotiatedComfortNoise {
    std::uint8_t send_payload_type = 0;
    std::uint8_t receive_payload_type = 0;

    friend bool operator==(const NegotiatedComfortNoise&, const NegotiatedComfortNoise&) = default;
};

// What both sides agreed on, seen from here.
struct NegotiatedAudio {
    std::size_t media_index = 0;  // which m= line
    SocketAddress remote_rtp;     // 0.0.0.0 or port 0: nowhere to send
    SocketAddress remote_rtcp;    // RFC 3605, else one port above; equal to remote_rtp with mux
    bool rtcp_mux = false;
    Codec codec;  // to send: payload_type is the number to send with, fmtp what the peer asks for
    std::uint8_t receive_payload_type = 0;  // the number under which the same codec arrives
    // All that may arrive, under the numbers it arrives with: the peer may change between them
    // without notice (RFC 3264 5.1).
    std::vector<Codec> receivable;
    // All that may be sent, under the numbers and with the parameters of the peer; `codec` first.
    std::vector<Codec> sendable;
    std::optional<NegotiatedTelephoneEvent> telephone_event;
    std::optional<NegotiatedComfortNoise> comfort_noise;
    Milliseconds ptime{20};                     // of the packets we send; 10, 20, 30, 40 or 60
    Direction direction = Direction::SendRecv;  // what we do
    std::optional<NegotiatedCrypto> crypto;     // SRTP both ways, RTCP included; absent: plain RTP

    friend bool operator==(const NegotiatedAudio&, const NegotiatedAudio&) = default;
};

struct Answer {
    SessionDescription description;
    NegotiatedAudio audio;
};

// The first offer of a session: one audio section.
SessionDescription make_offer(const LocalMedia& local);

// A later offer in the same session (RFC 3264 8): every section of `current`, our own last
// description, stays in its place, those that are not ours stay refused, and a payload type keeps
// its meaning.
SessionDescription make_reoffer(const LocalMedia& local, const SessionDescription& current);

// Answers with one codec and telephone-event, in the first audio section that can be served; all
// other sections are refused with port 0 in their places. Errc::Unsupported names why nothing can
// be served: the signalling answers 488 with that text.
Result<Answer> make_answer(const SessionDescription& offer, const LocalMedia& local);

// What an offer leaves us to do with its audio, whatever we want ourselves (RFC 3264 6.1).
// NotFound: it has none.
Result<Direction> direction_left_by(const SessionDescription& offer);

// What an answer to our offer means: its section at the place of our audio. Errc::Refused when that
// was refused.
Result<NegotiatedAudio> apply_answer(const SessionDescription& offer,
                                     const SessionDescription& answer);

}  // namespace patchbay::sdp
