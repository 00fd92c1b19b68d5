// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "media/codec.hpp"
#include "media/comfort_noise.hpp"
#include "media/decoding_chain.hpp"
#include "media/frame.hpp"
#include "rtp/jitter_buffer.hpp"
#include "rtp/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace patchbay::media {

enum class FrameOrigin : std::uint8_t {
    Received,   // decoded from the network
    Concealed,  // part of it was made up for a lost packet
    Silence,    // nothing was there, the stream is muted or not to be received
};

// A codec under the number with which it arrives.
struct ReceiveFormat {
    CodecShape codec;
    std::uint8_t payload_type = 0;

    friend bool operator==(const ReceiveFormat&, const ReceiveFormat&) = default;
};

// The receiving half of a track, after the source was checked: packets into 20 ms frames at 16 kHz.
// Packets of any length become frames, because decoded samples wait in a queue. The sender may
// change from packet to packet between the formats that were agreed (RFC 3264 5.1); each has its
// own decoder, made when its first packet comes.
class TrackReceiver {
  public:
    // Unsupported when not one of the formats can be decoded.
    static Result<TrackReceiver> make(std::vector<ReceiveFormat> formats);

    // After a further description. Decoders of formats that stay go on. The formats of before are
    // heard until the next change, because their packets are still under way (RFC 3264 8.3.2).
    Result<void> set_formats(std::vector<ReceiveFormat> formats);

    bool knows(std::uint8_t payload_type) const;
    // Of the RTP timestamps that arrive.
    int clock_rate() const { return clock_rate_; }

    // Only of a payload type that is known.
    void handle_audio(Instant now, const rtp::RtpPacketView& packet);
    // RFC 3389.
    void handle_comfort_noise(const rtp::RtpPacketView& packet);
    // A telephone event: no audio, and no loss either.
    void handle_other(const rtp::RtpHeader& header);

    FrameOrigin read(Instant now, Frame& out);
    // The same step of time without decoding.
    void skip(Instant now);
    // In place of both, for one who has no clock to keep: the next frame as soon as its packets are
    // there in order. False: they are not.
    bool read_arrived(Instant now, Frame& out);
    // 20 ms of the pause that the stream is in.
    void read_pause(Frame& out);
    // Packets go elsewhere for a while: forgets what waits, and gives back what decoding needs.
    void rest();

    rtp::JitterBuffer::Statistics statistics() const;

  private:
    struct Entry {
        ReceiveFormat format;
        bool current = true;  // of the last description
        std::unique_ptr<DecodingChain> chain;
    };

    explicit TrackReceiver(std::vector<ReceiveFormat> formats);

    Entry* find(std::uint8_t payload_type);
    DecodingChain* chain_of(std::uint8_t payload_type);
    DecodingChain& active();
    rtp::JitterBuffer& buffer();
    void enter_clock(int clock_rate);
    void play(const rtp::Slot& slot);
    void play_packet(const rtp::Slot& slot);
    void play_empty(const rtp::Slot& slot);
    void queue(std::span<const std::int16_t> decoded);
    void queue_silence(std::uint32_t ticks);
    void take_frame(Frame* out);
    void note_origin(FrameOrigin origin);

    std::vector<Entry> entries_;
    DecodingChain* active_ = nullptr;  // of the packet played last, one of entries_; none at rest
    int clock_rate_;
    std::unique_ptr<rtp::JitterBuffer> buffer_;  // large; made for the first packet or frame
    std::optional<std::uint32_t> noise_since_;   // timestamp of the description that is in force
    ComfortNoise noise_;
    std::vector<std::int16_t> ready_;  // 16 kHz; the first queued_ hold sound
    std::size_t queued_ = 0;
    rtp::JitterBuffer::Loudness loudness_ = rtp::JitterBuffer::Loudness::Quiet;
    FrameOrigin last_origin_ = FrameOrigin::Silence;
    FrameOrigin frame_origin_ = FrameOrigin::Silence;
};

}  // namespace patchbay::media
