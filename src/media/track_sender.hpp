// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/codec.hpp"
#include "media/comfort_noise.hpp"
#include "media/frame.hpp"
#include "media/in_band_keys.hpp"
#include "media/resampler.hpp"
#include "rtp/limits.hpp"
#include "rtp/packet.hpp"
#include "rtp/sender.hpp"
#include "rtp/telephone_event_sender.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace patchbay::media {

// How audio and keys go out.
struct SendFormat {
    CodecShape codec;
    std::uint8_t payload_type = 0;
    Milliseconds packet_time{20};
    // Payload type of RFC 4733; absent: keys are sounds in the audio.
    std::optional<std::uint8_t> telephone_event;
    int telephone_event_rate = 8000;
    // Payload type of RFC 3389: in silence noise is described instead of sent.
    std::optional<std::uint8_t> comfort_noise;
    EncoderOptions encoder;

    friend bool operator==(const SendFormat&, const SendFormat&) = default;
};

// The sending half of a track: 20 ms frames at 16 kHz into packets of the negotiated length, keys
// in their place. Time goes on at 20 ms per call whether or not anything is sent.
class TrackSender {
  public:
    explicit TrackSender(Random& random) : sender_(random) {}

    // SSRC, sequence and clock go on; only a changed codec gets a new encoder.
    Result<void> configure(const SendFormat& format);

    void write(const Frame& frame, const SocketAddress& to, PacketSink& sink);
    // What was written is cut off: the 3 ms of it that the resampler still holds are not sent.
    void cut();
    // 20 ms in which nothing may be sent, or what is sent comes by relay().
    void skip();
    // A packet of another stream, whose payload type is one of ours already.
    void relay(const rtp::RtpPacketView& packet, const SocketAddress& to, PacketSink& sink);

    // Before the first configure(): WrongState.
    Result<void> enqueue_digits(std::string_view digits, const rtp::DigitTiming& timing);
    bool sending_digits() const { return (events_ && events_->busy()) || dialler_.busy(); }

    // Gives back what encoding needs: for a while packets come by relay() only.
    void rest();

    // The share of our packets that the far side misses.
    void expect_loss(int percent);

    const rtp::Sender& stream() const { return sender_; }

  private:
    // What a codec needs.
    struct Encoding {
        std::unique_ptr<AudioEncoder> encoder;
        Resampler resampler;
        std::vector<std::int16_t> pending;  // at the codec's rate; the first `pending_size` wait
        std::size_t pending_size = 0;
        std::size_t packet_samples = 160;
        std::vector<std::uint8_t> payload;
    };

    Result<void> configure_encoding(const SendFormat& format);
    Encoding& encoding();
    std::span<std::uint8_t> room_for(std::size_t payload);
    void write_audio(const Frame& frame, const SocketAddress& to, PacketSink& sink);
    void write_or_suppress(const Frame& frame, const SocketAddress& to, PacketSink& sink);
    void write_noise(const SocketAddress& to, PacketSink& sink);
    void write_event(const SocketAddress& to, PacketSink& sink);
    void send_packet(const SocketAddress& to, PacketSink& sink);
    void drop_pending();
    std::uint32_t ticks_of(std::size_t samples) const;

    rtp::Sender sender_;
    SendFormat format_;
    bool configured_ = false;
    std::optional<Encoding> encoding_;  // absent too while it rests
    std::optional<rtp::TelephoneEventSender> events_;
    InBandDialler dialler_;
    SilenceSuppression suppression_;
    std::vector<std::uint8_t> packet_;  // as long as the longest so far
};

}  // namespace patchbay::media
