// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "call/audio_format.hpp"
#include "media/frame.hpp"
#include "media/resampler.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace patchbay::call {

// Audio that an application sends in messages of any size and at any moment, as one frame every
// 20 ms. Two kinds of sender:
//
//   Bursts  a speaking machine: sentences come faster than they sound, and wait for their turn
//   Live    a microphone: what waits is delay, and silence is left out until the delay is gone
//
// Play-out begins with the first whole frame, on a tick that its owner chooses by the first message
// (PlayOutPhase). A sender whose messages come more unevenly than a tick makes up for is waited for
// a frame longer after each hole, so that a network's jitter is heard once or twice and not always.
// It knows no socket and no clock. Owned by the session, on its shard.
class AudioInlet {
  public:
    enum class Kind : std::uint8_t { Bursts, Live };

    static Result<AudioInlet> make(const AudioFormat& format, Kind kind);

    // TooLarge: more waits than can be kept; what does not fit is dropped.
    Result<void> write(Instant now, ByteView bytes);
    // Fills the whole frame; false when it is only silence that nobody sent.
    bool read(Instant now, media::Frame& out);
    // What waits is not wanted any more.
    void clear();

    // Nothing is being played: the next message is the first of what follows.
    bool is_silent() const { return !playing_; }
    Nanoseconds waiting() const { return media::duration_of(samples_.size() - begin_); }

  private:
    AudioInlet(const AudioFormat& format,
               Kind kind,
               std::unique_ptr<media::AudioDecoder> decoder,
               media::Resampler resampler);

    void decode(ByteView bytes);
    bool is_ready(Instant now) const;
    void run_dry(Instant now);
    void take(media::Frame& out);
    void leave_out_silence();
    std::size_t available() const { return samples_.size() - begin_; }

    Kind kind_;
    std::size_t most_;  // samples
    std::size_t bytes_per_unit_;
    int sample_rate_;
    std::unique_ptr<media::AudioDecoder> decoder_;
    media::Resampler resampler_;

    std::vector<std::uint8_t> rest_;  // the first byte of a sample whose second is still to come
    std::vector<std::int16_t> decoded_;
    std::vector<std::int16_t> samples_;  // at 16 kHz; those before begin_ are played
    std::size_t begin_ = 0;

    bool playing_ = false;
    std::optional<Instant> filling_since_;
    std::optional<Instant> dry_since_;
    int hold_ = 0;  // further frames that must wait before play-out begins again
    // The least that waited in the present window of observation.
    std::size_t least_waiting_ = 0;
    int observed_ = 0;  // frames
};

}  // namespace patchbay::call
