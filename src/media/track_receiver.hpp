// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "media/codec.hpp"
#include "media/concealment.hpp"
#include "media/frame.hpp"
#include "media/resampler.hpp"
#include "rtp/jitter_buffer.hpp"
#include "rtp/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace patchbay::media {

enum class FrameOrigin : std::uint8_t {
    Received,   // decoded from the network
    Concealed,  // part of it was made up for a lost packet
    Silence,    // nothing was there, the stream is muted or not to be received
};

// The receiving half of a track, after the source was checked: packets of one codec into 20 ms
// frames at 16 kHz. Packets of any length become frames, because decoded samples wait in a queue.
class TrackReceiver {
  public:
    static Result<TrackReceiver> make(const CodecShape& codec);

    void handle_audio(Instant now, const rtp::RtpPacketView& packet);
    // A telephone event or comfort noise: no audio, and no loss either.
    void handle_other(const rtp::RtpHeader& header);

    FrameOrigin read(Instant now, Frame& out);
    // The same step of time without decoding.
    void skip(Instant now);

    const rtp::JitterBuffer::Statistics& statistics() const { return buffer_->statistics(); }

  private:
    TrackReceiver(const CodecShape& codec,
                  std::unique_ptr<AudioDecoder> decoder,
                  Resampler resampler);

    std::size_t samples_of(const rtp::Slot& slot) const;
    void play(const rtp::Slot& slot);
    std::span<std::int16_t> decode(const rtp::Slot& slot);
    void queue_resampled(std::span<const std::int16_t> decoded);
    void queue_silence(std::size_t codec_samples);
    void note_origin(FrameOrigin origin);

    CodecShape codec_;
    std::unique_ptr<AudioDecoder> decoder_;
    Resampler resampler_;
    Concealment concealment_;
    std::unique_ptr<rtp::JitterBuffer> buffer_;  // large; a track stays cheap to move
    std::vector<std::int16_t> decoded_;
    std::vector<std::int16_t> ready_;  // 16 kHz; the first queued_ hold sound
    std::size_t queued_ = 0;
    rtp::JitterBuffer::Loudness loudness_ = rtp::JitterBuffer::Loudness::Quiet;
    FrameOrigin last_origin_ = FrameOrigin::Silence;
    FrameOrigin frame_origin_ = FrameOrigin::Silence;
};

}  // namespace patchbay::media
