// SPDX-License-Identifier: Apache-2.0
#include "media/detail/pcm_reader.hpp"
#include "media/limits.hpp"

#include <mpg123.h>

#include <algorithm>
#include <array>

namespace patchbay::media::detail {
namespace {

constexpr std::string_view kKind = "MP3 file";

struct Delete {
    void operator()(mpg123_handle* handle) const { mpg123_delete(handle); }
};

// mpg123 in its feed mode: it asks for more bytes and never seeks, so the file is read once from
// front to back.
class Mp3Reader final : public PcmReader {
  public:
    explicit Mp3Reader(std::unique_ptr<ByteSource> bytes) : bytes_(std::move(bytes)) {}

    Result<void> open() {
        handle_.reset(mpg123_new(nullptr, nullptr));
        mpg123_handle* const handle = handle_.get();
        if (handle == nullptr) {
            return fail(Errc::Unavailable, kKind);
        }
        mpg123_param(handle, MPG123_ADD_FLAGS, MPG123_QUIET, 0);
        mpg123_param(handle, MPG123_RESYNC_LIMIT, static_cast<long>(kMaxMp3Garbage), 0);
        mpg123_format_none(handle);
        mpg123_format2(handle, 0, MPG123_MONO | MPG123_STEREO, MPG123_ENC_SIGNED_16);
        mpg123_open_feed(handle);
        mpg123_set_filesize(handle, static_cast<off_t>(bytes_->size()));
        return find_first_frame();
    }

    int sample_rate() const override { return static_cast<int>(rate_); }

    std::optional<std::uint64_t> total_samples() const override {
        const off_t length = mpg123_length(handle_.get());
        return length > 0 ? std::optional(static_cast<std::uint64_t>(length)) : std::nullopt;
    }

    Result<std::size_t> read(std::span<std::int16_t> out) override {
        const std::size_t wanted = std::min(out.size() * channels_, interleaved_.size());
        while (true) {
            std::size_t bytes = 0;
            const int status = mpg123_read(handle_.get(), interleaved_.data(),
                                           wanted * sizeof(std::int16_t), &bytes);
            if (bytes > 0) {
                return downmix(bytes / sizeof(std::int16_t) / channels_, out);
            }
            PB_TRY(const bool more, go_on(status));
            if (!more) {
                return 0;
            }
        }
    }

  private:
    Result<void> find_first_frame() {
        while (rate_ == 0) {
            std::size_t none = 0;
            PB_TRY(const bool more, go_on(mpg123_read(handle_.get(), nullptr, 0, &none)));
            if (!more) {
                return fail(Errc::Malformed, kKind);
            }
        }
        return {};
    }

    // What mpg123 needs before it can say more; false at the end of the file.
    Result<bool> go_on(int status) {
        switch (status) {
            case MPG123_OK: return true;
            case MPG123_DONE: return false;
            case MPG123_NEED_MORE: return feed();
            case MPG123_NEW_FORMAT: return learn_format();
            default: return fail(Errc::Malformed, kKind, mpg123_errcode(handle_.get()));
        }
    }

    Result<bool> feed() {
        PB_TRY(const std::size_t count, bytes_->read_at(position_, piece_));
        position_ += count;
        if (count > 0 && mpg123_feed(handle_.get(), piece_.data(), count) != MPG123_OK) {
            return fail(Errc::Malformed, kKind, mpg123_errcode(handle_.get()));
        }
        return count > 0;
    }

    Result<bool> learn_format() {
        long rate = 0;
        int channels = 0;
        int encoding = 0;
        mpg123_getformat(handle_.get(), &rate, &channels, &encoding);
        // Streams that were glued together may change on the way; ours may not.
        const bool changed =
            rate_ != 0 && (rate != rate_ || static_cast<std::size_t>(channels) != channels_);
        if (changed || rate < kMinFileRate || rate > kMaxFileRate) {
            return fail(Errc::Unsupported, kKind, rate);
        }
        rate_ = rate;
        channels_ = static_cast<std::size_t>(channels);
        return true;
    }

    // mpg123's own mix is 6 dB too low, so both channels are asked for.
    std::size_t downmix(std::size_t frames, std::span<std::int16_t> out) const {
        for (std::size_t i = 0; i < frames; ++i) {
            const int sum = interleaved_[i * channels_] + interleaved_[(i + 1) * channels_ - 1];
            out[i] = static_cast<std::int16_t>(sum / 2);
        }
        return frames;
    }

    std::unique_ptr<ByteSource> bytes_;
    std::uint64_t position_ = 0;
    std::unique_ptr<mpg123_handle, Delete> handle_;
    long rate_ = 0;
    std::size_t channels_ = 1;
    std::array<std::uint8_t, 4096> piece_{};
    std::array<std::int16_t, 4096> interleaved_{};
};

}  // namespace

Result<std::unique_ptr<PcmReader>> open_mp3(std::unique_ptr<ByteSource> bytes) {
    auto reader = std::make_unique<Mp3Reader>(std::move(bytes));
    PB_CHECK(reader->open());
    return reader;
}

}  // namespace patchbay::media::detail
