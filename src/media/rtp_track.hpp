// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/codec.hpp"
#include "media/frame.hpp"
#include "media/in_band_keys.hpp"
#include "media/prompt_receiver.hpp"
#include "media/track_receiver.hpp"
#include "media/track_security.hpp"
#include "media/track_sender.hpp"
#include "rtp/jitter_buffer.hpp"
#include "rtp/rtcp_session.hpp"
#include "rtp/source_guard.hpp"
#include "rtp/telephone_event_receiver.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::media {

// What may arrive, under the numbers it arrives with, which need not be ours (RFC 3264 5.1).
struct ReceiveFormats {
    std::vector<ReceiveFormat> codecs;  // the first is expected; the sender may change among them
    std::optional<std::uint8_t> telephone_event;
    std::optional<std::uint8_t> comfort_noise;

    friend bool operator==(const ReceiveFormats&, const ReceiveFormats&) = default;
};

// What offer and answer settled for one audio stream.
struct TrackSettings {
    SendFormat format;                              // codec, payload types and packet time
    std::optional<ReceiveFormats> receive_formats;  // absent: as we send; packets of any length
    rtp::SignalledAddress remote;                   // rtcp equal to rtp: multiplexed (RFC 5761)
    bool send = true;                               // false while held: recvonly or inactive
    bool receive = true;                            // false: sendonly or inactive
    // Present: RTP and RTCP are encrypted, in and out, and nothing plain is sent or heard.
    std::optional<rtp::SrtpKeys> srtp;
};

// Which packets go on to another party undecoded, and under which number there.
class RelayFormats {
  public:
    void add(std::uint8_t payload_type, std::uint8_t there) {
        formats_.push_back({payload_type, there});
    }
    bool empty() const { return formats_.empty(); }
    std::optional<std::uint8_t> find(std::uint8_t payload_type) const;

    friend bool operator==(const RelayFormats&, const RelayFormats&) = default;

  private:
    struct Pair {
        std::uint8_t here = 0;
        std::uint8_t there = 0;

        friend bool operator==(const Pair&, const Pair&) = default;
    };
    std::vector<Pair> formats_;  // a handful
};

// One key, once per press, when its first packet arrives.
struct DigitReceived {
    char digit = '0';

    friend bool operator==(const DigitReceived&, const DigitReceived&) = default;
};
// The party said RTCP BYE for its stream.
struct StreamEnded {
    friend bool operator==(const StreamEnded&, const StreamEnded&) = default;
};
using TrackEvent = std::variant<DigitReceived, StreamEnded>;

struct TrackOutputs {
    std::vector<TrackEvent> events;
    // For the party that this one is relayed to: hand it to that track's relay(). Its payload type
    // is the one over there; it is valid until this track gets its next packet.
    std::optional<rtp::RtpPacketView> relayed;
};

struct TrackStatistics {
    rtp::SessionStatistics session;
    rtp::JitterBuffer::Statistics jitter_buffer;  // since the codec was last changed
    std::uint64_t refused = 0;  // datagrams: wrong source or payload type, not genuine, or no RTP
    rtp::SrtpStatistics srtp;   // under the present key; zero for plain RTP
};

// One RTP audio stream both ways, between the packets of a port and 20 ms frames at 16 kHz:
//
//   in:  source guard, telephone events, jitter buffer, decoder, concealment, resampler
//   out: resampler, encoder, packets of the negotiated time, telephone events, RTCP
//
// Where two parties speak the same codec and nobody looks at the audio, packets go from one track
// to the other as they are, after the source guard:
//
//   here.relay(formats); there.relay(back);                       // begins
//   here.handle_packet(now, from, packet, out);                   // keys are told as ever
//   if (out.relayed) { there.send_relayed(*out.relayed, sink); }
//   here.idle(now, sink); there.idle(now, sink);                  // every 20 ms: RTCP goes on
//
// With keys, SRTP stands before all of it: a packet that is not genuine is not even a source.
//
// Belongs to a shard. Knows no SDP, no socket and no other track; time is an argument. Nothing is
// allocated per packet or frame once every jitter slot has been used; a report every 5 s is.
class RtpTrack {
  public:
    using SourcePolicy = rtp::SourceGuard::Policy;

    // Draws SSRC, first sequence number and first timestamp. The anchor dates sender reports.
    RtpTrack(Random& random, const WallAnchor& anchor, SourcePolicy policy = SourcePolicy::Learn);

    rtp::Ssrc ssrc() const { return sender_.stream().ssrc(); }  // of what we send
    const std::string& cname() const { return rtcp_.cname(); }  // the same

    // At first and after each re-INVITE. What did not change goes on without a gap. Forbidden:
    // encrypted once, a track never goes back to plain RTP (CVE-2022-39269).
    Result<void> configure(Instant now, const TrackSettings& settings);
    bool configured() const { return configured_; }

    // A datagram of the RTP port: RTP, or RTCP when multiplexed. Anything else is counted.
    void handle_packet(Instant now, const SocketAddress& from, ByteView packet, TrackOutputs& out);
    // A datagram of the RTCP port.
    void handle_rtcp(Instant now, const SocketAddress& from, ByteView packet, TrackOutputs& out);

    // Every 20 ms one of these two: the next frame, or, when nobody listens, the same step without
    // decoding.
    FrameOrigin read(Instant now, Frame& out);
    void skip(Instant now);

    // Beside these two: the same audio for one who wants it as it comes (PromptReceiver). False
    // where nothing can be decoded.
    bool listen_promptly();
    // After every packet and every 20 ms, until false.
    bool read_promptly(Instant now, Frame& out);

    // Every 20 ms, whatever the direction is: what goes out now, RTCP included.
    void write(Instant now, const Frame& frame, PacketSink& sink);

    // Whatever was written ends here: no packet holds any more of it (barge-in).
    void cut() { sender_.cut(); }

    // Keys 0-9 * # A-D, one after the other, as RFC 4733 events in place of the audio, or as tones
    // where the party knows no telephone events; ',' is a pause. See TelephoneEventSender.
    Result<void> send_digits(std::string_view digits, const rtp::DigitTiming& timing = {}) {
        return sender_.enqueue_digits(digits, timing);
    }
    bool sending_digits() const { return sender_.sending_digits(); }

    // Keys that were heard as tones in the frames since the last call; none where the party can
    // send telephone events.
    void take_heard_keys(TrackOutputs& out);

    // Packets of these formats go to another party instead of into frames; none: no longer. What
    // only frames need is given back meanwhile: of two parties whose packets pass, most calls hold
    // nothing else that is large.
    void relay(RelayFormats formats);
    bool relaying() const { return !relay_.empty(); }
    // A packet that another track was handed, to our party.
    void send_relayed(const rtp::RtpPacketView& packet, PacketSink& sink);
    // Every 20 ms in place of read() and write(), while this track sends only what is relayed.
    void idle(Instant now, PacketSink& sink);

    // RTCP BYE, when the session ends.
    void send_goodbye(Instant now, PacketSink& sink);

    void mute_received(bool muted) { received_muted_ = muted; }  // silence; keys are still heard
    void mute_sent(bool muted) { sent_muted_ = muted; }

    // Where packets go now: the signalled address, or the one learned behind a NAT.
    std::optional<SocketAddress> remote() const { return guard_.rtp_destination(); }
    TrackStatistics statistics() const;

  private:
    void handle_rtp(Instant now, const SocketAddress& from, ByteView packet, TrackOutputs& out);
    void handle_audio(Instant now, const rtp::RtpPacketView& packet);
    void hand_to(TrackReceiver& receiver, Instant now, const rtp::RtpPacketView& packet) const;
    void handle_event(const rtp::RtpPacketView& packet, TrackOutputs& out);
    bool knows_payload_type(std::uint8_t type) const;
    Result<void> configure_receiver(const TrackSettings& settings);
    void configure_keys(const TrackSettings& settings);
    static std::vector<ReceiveFormat> formats_of(const TrackSettings& settings);
    void rest();
    void detect_keys(const Frame& frame);
    Result<void> configure_security(const std::optional<rtp::SrtpKeys>& keys);
    void write_packets(Instant now, const Frame& frame, PacketSink& sink);
    void send_report(Instant now, PacketSink& sink);
    void write_goodbye(Instant now, PacketSink& sink);

    rtp::SourceGuard guard_;
    std::unique_ptr<TrackSecurity> security_;  // absent: plain RTP
    TrackSender sender_;
    rtp::RtcpSession rtcp_;
    bool configured_ = false;
    std::optional<TrackReceiver> receiver_;  // absent for a codec that only passes through
    std::unique_ptr<PromptReceiver> prompt_;
    std::optional<rtp::TelephoneEventReceiver> events_;
    bool detects_keys_ = false;                 // the party can send no events
    std::unique_ptr<InBandDetector> detector_;  // made for the first frame
    std::string heard_keys_;
    std::optional<std::uint8_t> comfort_noise_;  // payload type
    RelayFormats relay_;
    TrackSettings settings_;
    std::vector<rtp::KeyPress> keys_;  // kept for its memory
    std::uint64_t refused_ = 0;
    bool received_muted_ = false;
    bool sent_muted_ = false;
};

}  // namespace patchbay::media
