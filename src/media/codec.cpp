// SPDX-License-Identifier: Apache-2.0
#include "media/codec.hpp"

#include "base/text.hpp"
#include "media/g711.hpp"
#include "media/limits.hpp"
#include "media/opus_codec.hpp"

#include <spandsp.h>

#include <algorithm>

namespace patchbay::media {
namespace {

using EncodeLaw = void (*)(std::span<const std::int16_t>, std::span<std::uint8_t>);
using DecodeLaw = void (*)(ByteView, std::span<std::int16_t>);

template <EncodeLaw Encode>
class G711Encoder final : public AudioEncoder {
  public:
    std::size_t encoded_size(std::size_t samples) const override { return samples; }
    std::size_t encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) override {
        Encode(in, out);
        return in.size();
    }
};

template <DecodeLaw Decode>
class G711Decoder final : public AudioDecoder {
  public:
    std::size_t decoded_size(ByteView payload) const override { return payload.size(); }
    std::size_t decode(ByteView in, std::span<std::int16_t> out) override {
        Decode(in, out);
        return in.size();
    }
};

// RFC 3551 4.5.11: network byte order.
class L16Encoder final : public AudioEncoder {
  public:
    std::size_t encoded_size(std::size_t samples) const override { return samples * 2; }
    std::size_t encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) override {
        for (std::size_t i = 0; i < in.size(); ++i) {
            store_be16(&out[2 * i], static_cast<std::uint16_t>(in[i]));
        }
        return in.size() * 2;
    }
};

class L16Decoder final : public AudioDecoder {
  public:
    std::size_t decoded_size(ByteView payload) const override { return payload.size() / 2; }
    std::size_t decode(ByteView in, std::span<std::int16_t> out) override {
        const std::size_t samples = in.size() / 2;
        for (std::size_t i = 0; i < samples; ++i) {
            out[i] = static_cast<std::int16_t>(load_be16(&in[2 * i]));
        }
        return samples;
    }
};

constexpr int kG722BitRate = 64000;

class G722Encoder final : public AudioEncoder {
  public:
    G722Encoder() : state_(g722_encode_init(nullptr, kG722BitRate, 0)) {}
    ~G722Encoder() override { g722_encode_free(state_); }

    std::size_t encoded_size(std::size_t samples) const override { return samples / 2; }
    std::size_t encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) override {
        const std::size_t pairs = in.size() & ~std::size_t{1};
        return static_cast<std::size_t>(
            g722_encode(state_, out.data(), in.data(), static_cast<int>(pairs)));
    }

  private:
    g722_encode_state_t* state_;
};

class G722Decoder final : public AudioDecoder {
  public:
    G722Decoder() : state_(g722_decode_init(nullptr, kG722BitRate, 0)) {}
    ~G722Decoder() override { g722_decode_free(state_); }

    std::size_t decoded_size(ByteView payload) const override { return payload.size() * 2; }
    std::size_t decode(ByteView in, std::span<std::int16_t> out) override {
        return static_cast<std::size_t>(
            g722_decode(state_, out.data(), in.data(), static_cast<int>(in.size())));
    }

  private:
    g722_decode_state_t* state_;
};

// RFC 3551 table 4, and 4.5.2 for the clock of G722; RFC 7587 4.1.
constexpr CodecShape kPcmu{"PCMU", 8000, 8000, 8000};
constexpr CodecShape kPcma{"PCMA", 8000, 8000, 8000};
constexpr CodecShape kG722{"G722", 8000, 16000, 8000};
constexpr CodecShape kOpus{"opus", 48000, kSampleRate, 0};

}  // namespace

Result<CodecShape> find_codec(std::string_view name, int clock_rate) {
    for (const CodecShape& shape : {kPcmu, kPcma, kG722, kOpus}) {
        if (equals_ignoring_case(name, shape.name)) {
            if (clock_rate != shape.clock_rate) {
                return fail(Errc::Unsupported, shape.name, clock_rate);
            }
            return shape;
        }
    }
    const bool whole_in_10_ms = clock_rate % 100 == 0;
    if (equals_ignoring_case(name, "L16") && whole_in_10_ms && clock_rate >= 8000 &&
        clock_rate <= 48000) {
        return CodecShape{"L16", clock_rate, clock_rate, clock_rate * 2};
    }
    return fail(Errc::Unsupported, "codec", clock_rate);
}

Milliseconds packet_time(const CodecShape& shape, Milliseconds wanted) {
    const auto time = std::clamp(wanted, kMinPacketTime, kMaxPacketTime);
    if (shape.bytes_per_second == 0) {
        return opus_packet_time(time);
    }
    const auto unit = static_cast<std::size_t>(shape.bytes_per_second) / 100;  // 10 ms
    return std::min(time, Milliseconds(kMaxPayloadBytes / unit * 10));
}

Result<std::unique_ptr<AudioEncoder>> make_encoder(const CodecShape& shape,
                                                   const EncoderOptions& options) {
    if (shape.name == "opus") {
        return make_opus_encoder(options);
    }
    if (shape.name == "PCMU") {
        return std::make_unique<G711Encoder<encode_ulaw>>();
    }
    if (shape.name == "PCMA") {
        return std::make_unique<G711Encoder<encode_alaw>>();
    }
    if (shape.name == "G722") {
        return std::make_unique<G722Encoder>();
    }
    if (shape.name == "L16") {
        return std::make_unique<L16Encoder>();
    }
    return fail(Errc::Unsupported, "codec");
}

Result<std::unique_ptr<AudioDecoder>> make_decoder(const CodecShape& shape) {
    if (shape.name == "opus") {
        return make_opus_decoder();
    }
    if (shape.name == "PCMU") {
        return std::make_unique<G711Decoder<decode_ulaw>>();
    }
    if (shape.name == "PCMA") {
        return std::make_unique<G711Decoder<decode_alaw>>();
    }
    if (shape.name == "G722") {
        return std::make_unique<G722Decoder>();
    }
    if (shape.name == "L16") {
        return std::make_unique<L16Decoder>();
    }
    return fail(Errc::Unsupported, "codec");
}

}  // namespace patchbay::media
