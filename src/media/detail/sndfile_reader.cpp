// SPDX-License-Identifier: Apache-2.0
#include "media/detail/pcm_reader.hpp"
#include "media/detail/readable_sound_file.hpp"
#include "media/limits.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace patchbay::media::detail {
namespace {

class SndfileReader final : public PcmReader {
  public:
    SndfileReader(std::unique_ptr<ByteSource> bytes, std::string_view kind)
        : kind_(kind), file_(std::move(bytes)) {}

    Result<void> open() {
        handle_ = file_.open(SFM_READ, info_);
        if (handle_ == nullptr) {
            return tl::unexpected(file_.failure().value_or(Error{Errc::Malformed, kind_}));
        }
        if (info_.samplerate < kMinFileRate || info_.samplerate > kMaxFileRate) {
            return fail(Errc::Unsupported, kind_, info_.samplerate);
        }
        if (info_.channels < 1 || info_.channels > kMaxFileChannels) {
            return fail(Errc::Unsupported, kind_, info_.channels);
        }
        const bool mono_16_bits =
            info_.channels == 1 && (info_.format & SF_FORMAT_SUBMASK) == SF_FORMAT_PCM_16;
        if (!mono_16_bits) {
            interleaved_.resize(static_cast<std::size_t>(info_.channels) * kDecodeBlockSamples);
        }
        return {};
    }

    int sample_rate() const override { return info_.samplerate; }

    std::optional<std::uint64_t> total_samples() const override {
        if (info_.frames <= 0 || info_.frames == SF_COUNT_MAX) {
            return std::nullopt;
        }
        return static_cast<std::uint64_t>(info_.frames);
    }

    Result<std::size_t> read(std::span<std::int16_t> out) override {
        const sf_count_t count = interleaved_.empty() ? read_as_is(out) : read_mixed(out);
        if (file_.failure()) {
            return tl::unexpected(*file_.failure());
        }
        if (count <= 0) {
            return sf_error(handle_.get()) == SF_ERR_NO_ERROR
                       ? Result<std::size_t>(0)
                       : fail(Errc::Malformed, kind_, sf_error(handle_.get()));
        }
        return static_cast<std::size_t>(count);
    }

  private:
    // What most prompts are needs no floating point.
    sf_count_t read_as_is(std::span<std::int16_t> out) {
        return sf_readf_short(handle_.get(), out.data(), static_cast<sf_count_t>(out.size()));
    }

    sf_count_t read_mixed(std::span<std::int16_t> out) {
        const auto channels = static_cast<std::size_t>(info_.channels);
        const std::size_t wanted = std::min(out.size(), kDecodeBlockSamples);
        const sf_count_t count =
            sf_readf_float(handle_.get(), interleaved_.data(), static_cast<sf_count_t>(wanted));
        for (std::size_t i = 0; i < static_cast<std::size_t>(std::max<sf_count_t>(count, 0)); ++i) {
            out[i] = mono(std::span(interleaved_).subspan(i * channels, channels));
        }
        return count;
    }

    // The mean of all channels: nobody is lost, and nothing can overflow.
    static std::int16_t mono(std::span<const float> frame) {
        float sum = 0;
        for (const float sample : frame) {
            sum += sample;
        }
        const float scaled = sum / static_cast<float>(frame.size()) * 32768.0F;
        // A float file may hold anything, even "not a number", which no comparison would catch.
        return std::isfinite(scaled)
                   ? static_cast<std::int16_t>(std::lrint(std::clamp(scaled, -32768.0F, 32767.0F)))
                   : std::int16_t{0};
    }

    std::string_view kind_;
    ReadableSoundFile file_;
    SF_INFO info_{};
    SndfileHandle handle_;            // after file_, which it uses until it is closed
    std::vector<float> interleaved_;  // one block of all channels; empty: 16 bits, mono
};

}  // namespace

Result<std::unique_ptr<PcmReader>> open_sndfile(std::unique_ptr<ByteSource> bytes,
                                                std::string_view kind) {
    auto reader = std::make_unique<SndfileReader>(std::move(bytes), kind);
    PB_CHECK(reader->open());
    return reader;
}

}  // namespace patchbay::media::detail
