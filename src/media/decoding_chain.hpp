// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "media/codec.hpp"
#include "media/comfort_noise.hpp"
#include "media/concealment.hpp"
#include "media/resampler.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace patchbay::media {

// One codec's way from payloads to samples at 16 kHz: decoder, concealment, resampler. It knows no
// packets and no time; TrackReceiver says what is due. Each call writes to the front of `out` and
// returns how much; room for limits of one packet (kMaxPacketTime) is enough.
class DecodingChain {
  public:
    static Result<std::unique_ptr<DecodingChain>> make(const CodecShape& codec);

    // The length of a payload in ticks of the RTP clock; 0: damaged, or longer than any packet.
    std::uint32_t ticks_of(ByteView payload) const;

    // `decoded`: before the resampler, for a look at its level; valid until the next call.
    std::span<const std::int16_t> decode(ByteView payload);
    std::span<const std::int16_t> conceal(std::uint32_t ticks, ByteView next);
    // Play-out waits so long and nothing is missing: the last pitch period again.
    std::span<const std::int16_t> stretch(std::uint32_t ticks);
    // Play-out is to catch up: the payload's sound goes into what decode() returns next, which is
    // about as long as without it.
    void leave_out(ByteView payload);
    std::span<const std::int16_t> silence(std::uint32_t ticks);
    std::span<const std::int16_t> noise(std::uint32_t ticks, ComfortNoise& noise);

    std::size_t resample(std::span<const std::int16_t> decoded, std::span<std::int16_t> out);
    // What resample() would make of so many ticks.
    std::size_t samples_at_frame_rate(std::uint32_t ticks) const;

  private:
    DecodingChain(const CodecShape& codec,
                  std::unique_ptr<AudioDecoder> decoder,
                  Resampler resampler);

    std::span<std::int16_t> room_of(std::uint32_t ticks);
    std::span<std::int16_t> joined(std::span<std::int16_t> samples);

    CodecShape codec_;
    std::unique_ptr<AudioDecoder> decoder_;
    Resampler resampler_;
    Concealment concealment_;
    std::vector<std::int16_t> decoded_;
    std::vector<std::int16_t> left_out_;  // until the next packet is there
};

}  // namespace patchbay::media
