// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "call/audio_format.hpp"
#include "media/frame.hpp"
#include "media/resampler.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace patchbay::call {

// Frames on their way to an application, as messages of exactly the size it asked for. What does
// not fill a message waits for more. Owned by the session, on its shard.
class AudioOutlet {
  public:
    // OutOfRange: `message_bytes` is no whole number of samples, or not within the limits.
    static Result<AudioOutlet> make(const AudioFormat& format, std::size_t message_bytes);
    // One message for each frame.
    static Result<AudioOutlet> make(const AudioFormat& format);

    // Calls `send` with each message that is complete.
    template <class Send>
    void write(const media::Frame& frame, Send&& send) {
        encode(frame);
        std::size_t sent = 0;
        for (; buffer_.size() - sent >= message_bytes_; sent += message_bytes_) {
            send(ByteView(buffer_).subspan(sent, message_bytes_));
        }
        buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(sent));
    }

  private:
    AudioOutlet(const AudioFormat& format,
                std::unique_ptr<media::AudioEncoder> encoder,
                media::Resampler resampler,
                std::size_t message_bytes);

    void encode(const media::Frame& frame);

    std::unique_ptr<media::AudioEncoder> encoder_;
    media::Resampler resampler_;
    std::size_t message_bytes_;
    std::vector<std::int16_t> resampled_;  // one frame at the format's rate
    std::vector<std::uint8_t> buffer_;
};

}  // namespace patchbay::call
