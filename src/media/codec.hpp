// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "media/frame.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace patchbay::media {

// What a codec is on the wire and inside. The two rates differ where the clock is a convention:
// RFC 3551 4.5.2 keeps that of G.722 at 8000 by historical error while it carries 16000 samples per
// second, and RFC 7587 4.1 counts Opus at 48000 whatever it carries. Opus resamples on its own, so
// here it carries what frames have.
struct CodecShape {
    // As in a=rtpmap: "PCMU", "PCMA", "G722", "L16", "opus"; "" for one that only passes through.
    std::string_view name;
    int clock_rate = 8000;  // RTP timestamp units per second
    int sample_rate = 8000;
    int bytes_per_second = 8000;  // 0: as many as the sound needs

    // Nothing here can decode it: its packets can be handed on to a party that can.
    bool is_opaque() const { return name.empty(); }

    friend bool operator==(const CodecShape&, const CodecShape&) = default;
};

// A codec of which only the RTP clock is known.
inline CodecShape opaque_codec(int clock_rate) {
    return {.name = {}, .clock_rate = clock_rate, .sample_rate = clock_rate, .bytes_per_second = 0};
}

// How to encode, where a codec leaves a choice: today Opus only.
struct EncoderOptions {
    int complexity = 5;            // 0 to 10; processor time grows with it four times over
    int bit_rate = 24'000;         // bits per second
    bool error_correction = true;  // each packet carries a rough copy of the one before it
    bool discontinuous = false;    // nothing is sent in silence (DTX)
    bool constant_bit_rate = false;
    int bandwidth_rate = kSampleRate;  // the sample rate that the far side can make use of

    friend bool operator==(const EncoderOptions&, const EncoderOptions&) = default;
};

// Name without regard to case, `clock_rate` as in a=rtpmap. Unsupported for anything we cannot
// carry, L16 whose rate has no whole number of samples in 10 ms included.
Result<CodecShape> find_codec(std::string_view name, int clock_rate);

// Linear samples at the codec's sample rate to payload bytes. One object per stream: some codecs
// remember. Never allocates after construction; `out` must hold encoded_size(in.size()), which only
// Opus does not fill.
class AudioEncoder {
  public:
    AudioEncoder() = default;
    AudioEncoder(const AudioEncoder&) = delete;
    AudioEncoder& operator=(const AudioEncoder&) = delete;
    virtual ~AudioEncoder() = default;

    virtual std::size_t encoded_size(std::size_t samples) const = 0;
    // One packet: `in` is as long as packet_time() allows. Returns the bytes written; 0: silence
    // that need not be sent.
    virtual std::size_t encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) = 0;
    // The share of packets that the far side says it misses, in percent.
    virtual void expect_loss(int /*percent*/) {}
};

// Payload bytes to linear samples. `out` must hold decoded_size(in).
class AudioDecoder {
  public:
    AudioDecoder() = default;
    AudioDecoder(const AudioDecoder&) = delete;
    AudioDecoder& operator=(const AudioDecoder&) = delete;
    virtual ~AudioDecoder() = default;

    // 0: damaged.
    virtual std::size_t decoded_size(ByteView payload) const = 0;
    // Returns the samples written; 0: damaged.
    virtual std::size_t decode(ByteView in, std::span<std::int16_t> out) = 0;
    // Fills `out`, the time of a lost packet: from the copy of it in `next`, the packet after it,
    // where there is one, else from what was heard before. False: this codec has no way of its own.
    virtual bool conceal(ByteView /*next*/, std::span<std::int16_t> /*out*/) { return false; }
};

// Of the packets we send, nearest to `wanted`: what the codec can do, within RFC 3551's limit and
// one datagram.
Milliseconds packet_time(const CodecShape& shape, Milliseconds wanted);

Result<std::unique_ptr<AudioEncoder>> make_encoder(const CodecShape& shape,
                                                   const EncoderOptions& options = {});
Result<std::unique_ptr<AudioDecoder>> make_decoder(const CodecShape& shape);

}  // namespace patchbay::media
