// SPDX-License-Identifier: Apache-2.0
#include "media/linear_pcm.hpp"

#include "base/ensure.hpp"

namespace patchbay::media {
namespace {

class LinearEncoder final : public AudioEncoder {
  public:
    std::size_t encoded_size(std::size_t samples) const override { return 2 * samples; }
    std::size_t encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) override {
        PB_ENSURE(out.size() >= 2 * in.size());
        for (std::size_t i = 0; i < in.size(); ++i) {
            const auto sample = static_cast<std::uint16_t>(in[i]);
            out[2 * i] = static_cast<std::uint8_t>(sample & 0xFF);
            out[2 * i + 1] = static_cast<std::uint8_t>(sample >> 8);
        }
        return 2 * in.size();
    }
};

class LinearDecoder final : public AudioDecoder {
  public:
    std::size_t decoded_size(ByteView payload) const override { return payload.size() / 2; }
    std::size_t decode(ByteView in, std::span<std::int16_t> out) override {
        const std::size_t samples = in.size() / 2;
        PB_ENSURE(out.size() >= samples);
        for (std::size_t i = 0; i < samples; ++i) {
            out[i] = static_cast<std::int16_t>(in[2 * i] | (in[2 * i + 1] << 8));
        }
        return samples;
    }
};

}  // namespace

std::unique_ptr<AudioEncoder> make_linear_encoder() {
    return std::make_unique<LinearEncoder>();
}

std::unique_ptr<AudioDecoder> make_linear_decoder() {
    return std::make_unique<LinearDecoder>();
}

}  // namespace patchbay::media
