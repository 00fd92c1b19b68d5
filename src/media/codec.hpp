// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace patchbay::media {

// What a codec is on the wire and inside. The two rates differ for G.722 only: RFC 3551 4.5.2 keeps
// its RTP clock at 8000 by historical error while it carries 16000 samples per second.
struct CodecShape {
    std::string_view name;  // as in a=rtpmap, upper case: "PCMU", "PCMA", "G722", "L16"
    int clock_rate = 8000;  // RTP timestamp units per second
    int sample_rate = 8000;
    int bytes_per_second = 8000;

    friend bool operator==(const CodecShape&, const CodecShape&) = default;
};

// Name without regard to case, `clock_rate` as in a=rtpmap. Unsupported for anything we cannot
// carry, L16 whose rate has no whole number of samples in 10 ms included.
Result<CodecShape> find_codec(std::string_view name, int clock_rate);

// Linear samples at the codec's sample rate to payload bytes. One object per stream: some codecs
// remember. Never allocates after construction; `out` must hold encoded_size(in.size()).
class AudioEncoder {
  public:
    AudioEncoder() = default;
    AudioEncoder(const AudioEncoder&) = delete;
    AudioEncoder& operator=(const AudioEncoder&) = delete;
    virtual ~AudioEncoder() = default;

    virtual std::size_t encoded_size(std::size_t samples) const = 0;
    // Returns the bytes written.
    virtual std::size_t encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) = 0;
};

// Payload bytes to linear samples. `out` must hold decoded_size(in.size()).
class AudioDecoder {
  public:
    AudioDecoder() = default;
    AudioDecoder(const AudioDecoder&) = delete;
    AudioDecoder& operator=(const AudioDecoder&) = delete;
    virtual ~AudioDecoder() = default;

    virtual std::size_t decoded_size(std::size_t bytes) const = 0;
    // Returns the samples written.
    virtual std::size_t decode(ByteView in, std::span<std::int16_t> out) = 0;
};

Result<std::unique_ptr<AudioEncoder>> make_encoder(const CodecShape& shape);
Result<std::unique_ptr<AudioDecoder>> make_decoder(const CodecShape& shape);

}  // namespace patchbay::media
