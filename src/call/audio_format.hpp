// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "media/codec.hpp"

#include <memory>
#include <string_view>

namespace patchbay::call {

// How an application's audio looks in its WebSocket messages: linear samples of any rate, or one of
// the codecs of RTP without the RTP.
class AudioFormat {
  public:
    // Words of `codec`, in any case: "pcm" (16 kHz), "pcmu", "pcma", "g722". Unsupported otherwise.
    static Result<AudioFormat> find(std::string_view word);
    // s16le mono. OutOfRange unless 20 ms are a whole number of samples, from 8 to 48 kHz.
    static Result<AudioFormat> linear(int sample_rate);

    int sample_rate() const { return shape_.sample_rate; }
    std::size_t bytes_per_second() const {
        return static_cast<std::size_t>(shape_.bytes_per_second);
    }
    // A message is cut only here: between samples.
    std::size_t bytes_per_unit() const { return is_linear_ ? 2 : 1; }

    Result<std::unique_ptr<media::AudioEncoder>> make_encoder() const;
    Result<std::unique_ptr<media::AudioDecoder>> make_decoder() const;

  private:
    AudioFormat(media::CodecShape shape, bool is_linear) : shape_(shape), is_linear_(is_linear) {}

    media::CodecShape shape_;
    bool is_linear_;
};

}  // namespace patchbay::call
