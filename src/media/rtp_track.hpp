// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/codec.hpp"
#include "media/frame.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::media {

// What offer and answer settled for one audio stream.
struct TrackSettings {
    CodecShape codec;
    std::uint8_t payload_type = 0;                // of the codec, both ways
    std::optional<std::uint8_t> telephone_event;  // payload type of RFC 4733, when both know it
    int telephone_event_rate = 8000;
    Milliseconds packet_time{20};  // of what we send; what we receive may differ
    SocketAddress remote_rtp;
    SocketAddress remote_rtcp;  // equal to remote_rtp: multiplexed (RFC 5761)
    bool send = true;           // false while held: recvonly or inactive
    bool receive = true;        // false: sendonly or inactive
};

// One key, once per press, when its first packet arrives.
struct DigitReceived {
    char digit = '0';
};
// The party said RTCP BYE for its stream.
struct StreamEnded {};
using TrackEvent = std::variant<DigitReceived, StreamEnded>;

struct TrackOutputs {
    std::vector<TrackEvent> events;
};

enum class FrameOrigin : std::uint8_t {
    Received,   // decoded from the network
    Concealed,  // made up for a lost packet
    Silence,    // nothing was there, the stream is muted or not to be received
};

struct TrackStatistics {
    std::uint64_t packets_received = 0;
    std::uint64_t packets_sent = 0;
    std::uint64_t packets_lost = 0;         // by sequence number
    std::uint64_t packets_refused = 0;      // wrong source, payload type, or no RTP at all
    std::uint64_t frames_concealed = 0;     // by us, 20 ms each
    Nanoseconds jitter{};                   // RFC 3550 6.4.1
    std::optional<Nanoseconds> round_trip;  // from the party's receiver reports
};

// One RTP audio stream both ways, between the packets of a port and 20 ms frames at 16 kHz:
//
//   in:  source guard, telephone events, jitter buffer, decoder, concealment, resampler
//   out: resampler, encoder, packets of the negotiated time, telephone events, RTCP
//
// Belongs to a shard. Knows no SDP, no socket and no other track; time is an argument. Nothing is
// allocated per packet or frame once both directions have run for a second.
class RtpTrack {
  public:
    // Draws SSRC, first sequence number and first timestamp. `cname` is for RTCP (RFC 7022).
    RtpTrack(Random& random, std::string cname);
    ~RtpTrack();

    std::uint32_t ssrc() const;  // of what we send

    // At first and after each re-INVITE. What did not change goes on without a gap.
    Result<void> configure(const TrackSettings& settings);
    bool configured() const;

    // A datagram of the RTP port: RTP, or RTCP when multiplexed. Anything else is counted.
    void handle_packet(Instant now, const SocketAddress& from, ByteView packet, TrackOutputs& out);
    // A datagram of the RTCP port.
    void handle_rtcp(Instant now, const SocketAddress& from, ByteView packet, TrackOutputs& out);

    // Every 20 ms one of these two: the next frame, or, when nobody listens, the same step without
    // decoding.
    FrameOrigin read(Instant now, Frame& out);
    void skip(Instant now);

    // Every 20 ms while configured, whatever the direction is: what goes out now, RTCP included.
    void write(Instant now, const Frame& frame, PacketSink& sink);

    // Keys 0-9 * # A-D, one after the other, as RFC 4733 events in place of the audio. Unsupported
    // when the party knows no telephone events, Malformed for another key, TooLarge when too many
    // wait.
    Result<void> send_digits(std::string_view digits,
                             Milliseconds tone = Milliseconds{100},
                             Milliseconds gap = Milliseconds{80});
    bool sending_digits() const;

    // RTCP BYE, when the session ends.
    void send_bye(Instant now, PacketSink& sink);

    void mute_received(bool muted);  // read() gives silence; keys are still heard
    void mute_sent(bool muted);      // write() sends silence

    // Where packets go now: the SDP's address, or the one learned from a NAT.
    SocketAddress remote() const;
    TrackStatistics statistics() const;
};

}  // namespace patchbay::media
