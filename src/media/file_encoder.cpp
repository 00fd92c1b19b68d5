// SPDX-License-Identifier: Apache-2.0
#include "media/file_encoder.hpp"

#include "base/text.hpp"

#include <sndfile.h>

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

// What libsndfile takes for a file that is written.
struct VirtualFile {
    std::unique_ptr<ByteTarget> target;
    std::uint64_t position = 0;
    std::uint64_t length = 0;
    std::optional<Error> failure;
};

VirtualFile& file_of(void* user) {
    return *static_cast<VirtualFile*>(user);
}

sf_count_t file_length(void* user) {
    return static_cast<sf_count_t>(file_of(user).length);
}

sf_count_t file_position(void* user) {
    return static_cast<sf_count_t>(file_of(user).position);
}

sf_count_t seek_file(sf_count_t offset, int whence, void* user) {
    VirtualFile& file = file_of(user);
    const sf_count_t base = whence == SF_SEEK_SET   ? 0
                            : whence == SF_SEEK_CUR ? file_position(user)
                                                    : file_length(user);
    if (base + offset < 0) {
        return -1;
    }
    file.position = static_cast<std::uint64_t>(base + offset);
    return base + offset;
}

// A file that is written is not read again; the encoders ask all the same.
sf_count_t read_nothing(void* /*out*/, sf_count_t /*count*/, void* /*user*/) {
    return 0;
}

sf_count_t write_file(const void* bytes, sf_count_t count, void* user) {
    VirtualFile& file = file_of(user);
    const ByteView view(static_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(count));
    if (const Result<void> written = file.target->write_at(file.position, view); !written) {
        file.failure = written.error();
        return 0;
    }
    file.position += view.size();
    file.length = std::max(file.length, file.position);
    return count;
}

struct Close {
    void operator()(SNDFILE* file) const { sf_close(file); }
};

class SndfileEncoder final : public FileEncoder {
  public:
    explicit SndfileEncoder(std::unique_ptr<ByteTarget> target) {
        file_.target = std::move(target);
    }

    Result<void> open(FileKind kind, int sample_rate, int channels) {
        SF_INFO info{};
        info.samplerate = sample_rate;
        info.channels = channels;
        info.format = sndfile_format(kind);
        SF_VIRTUAL_IO calls{.get_filelen = file_length,
                            .seek = seek_file,
                            .read = read_nothing,
                            .write = write_file,
                            .tell = file_position};
        handle_.reset(sf_open_virtual(&calls, SFM_WRITE, &info, &file_));
        if (handle_ == nullptr) {
            return tl::unexpected(file_.failure.value_or(Error{Errc::Unsupported, "file encoder"}));
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
        return written == frames ? Result<void>() : failure();
    }

    Result<void> finish() override {
        const int closed = sf_close(handle_.release());
        return closed == 0 && !file_.failure ? Result<void>() : failure();
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

    tl::unexpected<Error> failure() const {
        return tl::unexpected(file_.failure.value_or(Error{Errc::System, "file encoder"}));
    }

    VirtualFile file_;
    std::unique_ptr<SNDFILE, Close> handle_;  // after file_, which it uses until it is closed
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
