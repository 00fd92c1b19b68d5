// SPDX-License-Identifier: Apache-2.0
#include "media/file_decoder.hpp"

#include "media/detail/pcm_reader.hpp"
#include "media/frame.hpp"
#include "media/limits.hpp"
#include "media/resampler.hpp"

#include <algorithm>
#include <array>

namespace patchbay::media {
namespace {

class ResampledFile final : public FileDecoder {
  public:
    ResampledFile(std::unique_ptr<detail::PcmReader> reader, Resampler resampler)
        : reader_(std::move(reader)),
          resampler_(std::move(resampler)),
          tail_left_(resampler_.latency()) {
        resampler_.skip_delay();
    }

    Result<std::size_t> read(std::span<std::int16_t> out) override {
        while (!out.empty()) {
            if (used_ == filled_) {
                PB_CHECK(refill());
                if (filled_ == 0) {
                    return 0;
                }
            }
            const auto progress =
                resampler_.process(std::span(block_).subspan(used_, filled_ - used_), out);
            used_ += progress.consumed;
            if (progress.produced > 0) {
                return progress.produced;
            }
        }
        return 0;
    }

    std::optional<Nanoseconds> total_duration() const override {
        const auto total = reader_->total_samples();
        return total ? std::optional(duration_of(*total, reader_->sample_rate())) : std::nullopt;
    }

  private:
    // The next block of the file; after its end the zeros that push out the resampler's tail.
    Result<void> refill() {
        used_ = 0;
        PB_TRY(filled_, reader_->read(block_));
        if (filled_ == 0 && tail_left_ > 0) {
            filled_ = std::min(tail_left_, block_.size());
            tail_left_ -= filled_;
            std::fill_n(block_.begin(), filled_, std::int16_t{0});
        }
        return {};
    }

    std::unique_ptr<detail::PcmReader> reader_;
    Resampler resampler_;
    std::size_t tail_left_;
    std::array<std::int16_t, kDecodeBlockSamples> block_{};
    std::size_t used_ = 0;
    std::size_t filled_ = 0;
};

// An MPEG audio frame header: eleven bits of sync, and a layer that is not the reserved one (which
// is what tells it from AAC in ADTS).
bool begins_mpeg_frame(ByteView head) {
    return head.size() >= 2 && head[0] == 0xFF && (head[1] & 0xE0) == 0xE0 && (head[1] & 0x06) != 0;
}

Result<std::unique_ptr<detail::PcmReader>> open_reader(std::unique_ptr<ByteSource> bytes) {
    std::array<std::uint8_t, 12> head{};
    PB_TRY(const std::size_t count, bytes->read_at(0, head));
    const ByteView seen(head.data(), count);
    const std::string_view text = as_text(seen);
    const bool riff = text.starts_with("RIFF") || text.starts_with("RF64");
    if (riff && text.substr(std::min<std::size_t>(8, text.size())) == "WAVE") {
        return detail::open_sndfile(std::move(bytes), "WAV file");
    }
    if (text.starts_with("fLaC")) {
        return detail::open_sndfile(std::move(bytes), "FLAC file");
    }
    if (text.starts_with("OggS")) {
        return detail::open_sndfile(std::move(bytes), "Ogg file");
    }
    if (text.starts_with("ID3") || begins_mpeg_frame(seen)) {
        return detail::open_mp3(std::move(bytes));
    }
    return fail(Errc::Unsupported, "media file");
}

}  // namespace

Result<std::unique_ptr<FileDecoder>> FileDecoder::open(std::unique_ptr<ByteSource> bytes) {
    PB_TRY(auto reader, open_reader(std::move(bytes)));
    PB_TRY(auto resampler,
           Resampler::make(reader->sample_rate(), kSampleRate, Resampler::Quality::File));
    return std::make_unique<ResampledFile>(std::move(reader), std::move(resampler));
}

}  // namespace patchbay::media
