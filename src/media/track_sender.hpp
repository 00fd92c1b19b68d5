// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/codec.hpp"
#include "media/frame.hpp"
#include "media/limits.hpp"
#include "media/resampler.hpp"
#include "rtp/packet.hpp"
#include "rtp/sender.hpp"
#include "rtp/telephone_event_sender.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace patchbay::media {

// How audio and keys go out.
struct SendFormat {
    CodecShape codec;
    std::uint8_t payload_type = 0;
    Milliseconds packet_time{20};
    std::optional<std::uint8_t> telephone_event;  // payload type of RFC 4733
    int telephone_event_rate = 8000;

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
    // 20 ms in which nothing may be sent.
    void skip();

    Result<void> enqueue_digits(std::string_view digits, Milliseconds duration);
    bool sending_digits() const { return events_ && events_->busy(); }

    const rtp::Sender& stream() const { return sender_; }

  private:
    void write_audio(const Frame& frame, const SocketAddress& to, PacketSink& sink);
    void write_event(const SocketAddress& to, PacketSink& sink);
    void send_packet(const SocketAddress& to, PacketSink& sink);
    void drop_pending();
    std::uint32_t ticks_of(std::size_t bytes) const;

    rtp::Sender sender_;
    SendFormat format_;
    std::unique_ptr<AudioEncoder> encoder_;
    std::optional<Resampler> resampler_;
    std::optional<rtp::TelephoneEventSender> events_;
    std::vector<std::int16_t> resampled_;  // 20 ms at the codec's rate
    std::size_t packet_bytes_ = 160;
    std::vector<std::uint8_t> pending_;  // encoded, not yet a whole packet: the first pending_size_
    std::size_t pending_size_ = 0;
    std::array<std::uint8_t, rtp::kRtpHeaderSize + kMaxPayloadBytes> packet_{};
};

}  // namespace patchbay::media
