// SPDX-License-Identifier: Apache-2.0
#include "media/file_encoder.hpp"

#include "base/text.hpp"
#include "media/detail/virtual_sound_file.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace patchbay::media {
namespace {

struct KindWord {
    std::string_view word;
    FileKind kind;
};
constexpr std::array kWords{KindWord{"wav", FileKind::Wav}, KindWord{"flac", FileKind::Flac},
                            KindWord{"opus", FileKind::Opus}, KindWord{"ogg", FileKind::Opus},
                            KindWord{"mp3", FileKind::Mp3}};

int sndfile_format(FileKind kind) {
    switch (kind) {
        case FileKind::Wav: break;
        case FileKind::Flac: return SF_FORMAT_FLAC | SF_FORMAT_PCM_16;
        case FileKind::Opus: return SF_FORMAT_OGG | SF_FORMAT_OPUS;
        case FileKind::Mp3: return SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
    }
    return SF_FORMAT_WAV | SF_FORMAT_PCM_16;
}

class WritableSoundFile final : public detail::VirtualSoundFile {
  public:
    explicit WritableSoundFile(std::unique_ptr<ByteTarget> target) : target_(std::move(target)) {}

  private:
    std::uint64_t length() const override { return length_; }

    // A file that is written is not read again; the encoders ask all the same.
    Result<std::size_t> read_at(std::uint64_t /*position*/, std::span<std::uint8_t>) override {
        return 0;
    }

    Result<std::size_t> write_at(std::uint64_t position, ByteView bytes) override {
        PB_CHECK(target_->write_at(position, bytes));
        length_ = std::max(length_, position + bytes.size());
        return bytes.size();
    }

    std::unique_ptr<ByteTarget> target_;
    std::uint64_t length_ = 0;
};

class SndfileEncoder final : public FileEncoder {
  public:
    explicit SndfileEncoder(std::unique_ptr<ByteTarget> target) : file_(std::move(target)) {}

    Result<void> open(FileKind kind, int sample_rate, int channels) {
        SF_INFO info{};
        info.samplerate = sample_rate;
        info.channels = channels;
        info.format = sndfile_format(kind);
        handle_ = file_.open(SFM_WRITE, info);
        if (handle_ == nullptr) {
            return failure(Errc::Unsupported);
        }
        channels_ = static_cast<std::size_t>(channels);
        by_floats_ = kind == FileKind::Mp3;
        return {};
    }

    Result<void> write(std::span<const std::int16_t> interleaved) override {
        const auto frames = static_cast<sf_count_t>(interleaved.size() / channels_);
        const sf_count_t written = by_floats_
                                       ? write_floats(interleaved, frames)
                                       : sf_writef_short(handle_.get(), interleaved.data(), frames);
        return written == frames ? Result<void>() : failure(Errc::System);
    }

    Result<void> finish() override {
        const int closed = sf_close(handle_.release());
        return closed == 0 && !file_.failure() ? Result<void>() : failure(Errc::System);
    }

  private:
    // libsndfile 1.2.0 garbles 16-bit samples on their way to two channels of MP3, to pieces with
    // holes between them; floats arrive as they are.
    sf_count_t write_floats(std::span<const std::int16_t> interleaved, sf_count_t frames) {
        constexpr float kFullScale = 32768.0F;
        floats_.resize(interleaved.size());
        std::ranges::transform(interleaved, floats_.begin(), [](std::int16_t sample) {
            return static_cast<float>(sample) / kFullScale;
        });
        return sf_writef_float(handle_.get(), floats_.data(), frames);
    }

    tl::unexpected<Error> failure(Errc otherwise) const {
        return tl::unexpected(file_.failure().value_or(Error{otherwise, "file encoder"}));
    }

    WritableSoundFile file_;
    detail::SndfileHandle handle_;  // after file_, which it uses until it is closed
    std::size_t channels_ = 1;
    bool by_floats_ = false;
    std::vector<float> floats_;  // kept for its memory
};

}  // namespace

std::optional<FileKind> file_kind(std::string_view word) {
    const auto* const found = std::ranges::find_if(
        kWords, [&](const KindWord& known) { return equals_ignoring_case(known.word, word); });
    return found != kWords.end() ? std::optional(found->kind) : std::nullopt;
}

std::string_view extension_of(FileKind kind) {
    switch (kind) {
        case FileKind::Wav: break;
        case FileKind::Flac: return ".flac";
        case FileKind::Opus: return ".opus";
        case FileKind::Mp3: return ".mp3";
    }
    return ".wav";
}

bool can_encode(FileKind kind, int sample_rate) {
    constexpr std::array kOpusRates{8000, 12000, 16000, 24000, 48000};
    return kind != FileKind::Opus || std::ranges::find(kOpusRates, sample_rate) != kOpusRates.end();
}

Result<std::unique_ptr<FileEncoder>> FileEncoder::make(FileKind kind,
                                                       int sample_rate,
                                                       int channels,
                                                       std::unique_ptr<ByteTarget> target) {
    if (!can_encode(kind, sample_rate)) {
        return fail(Errc::Unsupported, "sample rate of the file's kind", sample_rate);
    }
    auto encoder = std::make_unique<SndfileEncoder>(std::move(target));
    PB_CHECK(encoder->open(kind, sample_rate, channels));
    return encoder;
}

}  // namespace patchbay::media
