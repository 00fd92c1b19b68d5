// SPDX-License-Identifier: Apache-2.0
#include "media/opus_codec.hpp"

#include "base/ensure.hpp"

#include <opus.h>

#include <algorithm>
#include <array>

namespace patchbay::media {
namespace {

// RFC 6716 3.2.1: the longest frame.
constexpr std::size_t kLargestFrame = 1275;

// What the far side is thought to lose until its reports say more. With 5 and less libopus spends
// no bits of a telephone's rate on copies, and the first losses come before the first report.
constexpr int kLeastExpectedLoss = 10;

// A payload of one or two bytes says "silence goes on" (RFC 7587 3.1.3 and the manual of
// opus_encode): it need not be sent.
constexpr std::size_t kNothingNew = 2;

struct DestroyEncoder {
    void operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
};
struct DestroyDecoder {
    void operator()(OpusDecoder* decoder) const { opus_decoder_destroy(decoder); }
};

// RFC 7587 6.1, maxplaybackrate: what is above half of that rate is not worth its bits.
opus_int32 bandwidth_for(int rate) {
    if (rate <= 8000) {
        return OPUS_BANDWIDTH_NARROWBAND;
    }
    return rate <= 12000 ? OPUS_BANDWIDTH_MEDIUMBAND : OPUS_BANDWIDTH_WIDEBAND;
}

class Encoder final : public AudioEncoder {
  public:
    Encoder(OpusEncoder* state, const EncoderOptions& options) : state_(state) {
        set(OPUS_SET_COMPLEXITY(std::clamp(options.complexity, 0, 10)));
        set(OPUS_SET_BITRATE(options.bit_rate));
        set(OPUS_SET_VBR(options.constant_bit_rate ? 0 : 1));
        set(OPUS_SET_INBAND_FEC(options.error_correction ? 1 : 0));
        set(OPUS_SET_PACKET_LOSS_PERC(options.error_correction ? kLeastExpectedLoss : 0));
        set(OPUS_SET_DTX(options.discontinuous ? 1 : 0));
        set(OPUS_SET_MAX_BANDWIDTH(bandwidth_for(options.bandwidth_rate)));
        set(OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
        error_correction_ = options.error_correction;
    }

    std::size_t encoded_size(std::size_t /*samples*/) const override { return kLargestFrame; }

    std::size_t encode(std::span<const std::int16_t> in, std::span<std::uint8_t> out) override {
        const opus_int32 bytes =
            opus_encode(state_.get(), in.data(), static_cast<int>(in.size()), out.data(),
                        static_cast<opus_int32>(std::min(out.size(), kLargestFrame)));
        PB_ENSURE(bytes > 0);  // only a length that is no frame's, or no room, can fail
        const auto size = static_cast<std::size_t>(bytes);
        return size <= kNothingNew ? 0 : size;
    }

    void expect_loss(int percent) override {
        if (error_correction_) {
            set(OPUS_SET_PACKET_LOSS_PERC(std::clamp(percent, kLeastExpectedLoss, 100)));
        }
    }

  private:
    template <class... Request>
    void set(Request... request) {
        PB_ENSURE(opus_encoder_ctl(state_.get(), request...) == OPUS_OK);
    }

    std::unique_ptr<OpusEncoder, DestroyEncoder> state_;
    bool error_correction_ = false;
};

class Decoder final : public AudioDecoder {
  public:
    explicit Decoder(OpusDecoder* state) : state_(state) {}

    std::size_t decoded_size(ByteView payload) const override {
        if (payload.empty()) {
            return 0;  // libopus is promised a pointer
        }
        const int samples = opus_packet_get_nb_samples(
            payload.data(), static_cast<opus_int32>(payload.size()), kSampleRate);
        return static_cast<std::size_t>(std::max(samples, 0));
    }

    std::size_t decode(ByteView in, std::span<std::int16_t> out) override {
        return run(in, out, false);
    }

    bool conceal(ByteView next, std::span<std::int16_t> out) override {
        // A copy is as long as the packet that holds it; without one libopus conceals instead.
        if (!next.empty() && decoded_size(next) == out.size() &&
            run(next, out, true) == out.size()) {
            return true;
        }
        return run({}, out, false) == out.size();
    }

  private:
    std::size_t run(ByteView in, std::span<std::int16_t> out, bool copy_of_the_one_before) {
        const int samples = opus_decode(
            state_.get(), in.empty() ? nullptr : in.data(), static_cast<opus_int32>(in.size()),
            out.data(), static_cast<int>(out.size()), copy_of_the_one_before ? 1 : 0);
        return static_cast<std::size_t>(std::max(samples, 0));
    }

    std::unique_ptr<OpusDecoder, DestroyDecoder> state_;
};

}  // namespace

Result<std::unique_ptr<AudioEncoder>> make_opus_encoder(const EncoderOptions& options) {
    int error = OPUS_OK;
    OpusEncoder* const state = opus_encoder_create(kSampleRate, 1, OPUS_APPLICATION_VOIP, &error);
    if (state == nullptr) {
        return fail(Errc::Unsupported, "Opus encoder", error);
    }
    return std::make_unique<Encoder>(state, options);
}

Result<std::unique_ptr<AudioDecoder>> make_opus_decoder() {
    int error = OPUS_OK;
    OpusDecoder* const state = opus_decoder_create(kSampleRate, 1, &error);
    if (state == nullptr) {
        return fail(Errc::Unsupported, "Opus decoder", error);
    }
    return std::make_unique<Decoder>(state);
}

Milliseconds opus_packet_time(Milliseconds wanted) {
    constexpr std::array kFrames{Milliseconds(10), Milliseconds(20), Milliseconds(40),
                                 Milliseconds(60)};
    const auto* const above = std::ranges::upper_bound(kFrames, wanted);
    return above == kFrames.begin() ? kFrames.front() : *(above - 1);
}

}  // namespace patchbay::media
