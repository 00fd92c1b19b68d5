// SPDX-License-Identifier: Apache-2.0
#include "store/file_reader.hpp"

#include "base/overloaded.hpp"
#include "media/file_decoder.hpp"
#include "media/limits.hpp"
#include "media/ring_source.hpp"
#include "store/limits.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <variant>

namespace patchbay::store {
namespace {

using media::kDecodeBlockSamples;

// One round of one playback: enough to fill the read-ahead within three rounds, little enough that
// hundreds of playbacks share the thread.
constexpr int kBlocksPerStep = 4;
// What must be there of a file that is on its way before the first step: a block of 48 kHz stereo
// and the decoder's own read-ahead. Later steps need twice what the largest one took.
constexpr std::uint64_t kBytesPerStep = 32 * 1024;
constexpr std::uint64_t kLeastBytesPerStep = 8 * 1024;
// While skipping to `start_at` nothing is played yet, so a round may do more.
constexpr int kSkippedBlocksPerStep = 300;

class FileBytes final : public media::ByteSource {
  public:
    FileBytes(Descriptor file, std::uint64_t size) : file_(std::move(file)), size_(size) {}

    std::uint64_t size() const override { return size_; }

    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
        ssize_t count = -1;
        do {
            count = ::pread(file_.get(), out.data(), out.size(), static_cast<off_t>(offset));
        } while (count < 0 && errno == EINTR);
        if (count < 0) {
            return fail(Errc::System, "media file", errno);
        }
        return static_cast<std::size_t>(count);
    }

  private:
    Descriptor file_;
    std::uint64_t size_;
};

struct NamedFile {
    std::shared_ptr<const FileJail> jail;
    std::string path;
};
using Origin = std::variant<NamedFile, std::shared_ptr<media::ByteSource>>;

// How far a decoder has come in a file.
struct Progress {
    std::uint64_t reached = 0;  // bytes
    bool opened = false;
};

// One reading of bytes that may be read again, and may still be on their way. It knows how far the
// decoder has come, so that it is given no step in which it would take a gap for the end.
class SharedBytes final : public media::ByteSource {
  public:
    SharedBytes(std::shared_ptr<media::ByteSource> bytes, std::shared_ptr<Progress> progress)
        : bytes_(std::move(bytes)), progress_(std::move(progress)) {}

    std::uint64_t size() const override { return bytes_->size(); }
    Result<std::size_t> read_at(std::uint64_t offset, std::span<std::uint8_t> out) override {
        PB_TRY(const std::size_t count, bytes_->read_at(offset, out));
        if (count > 0) {
            progress_->reached = std::max(progress_->reached, offset + count);
        } else if (progress_->opened && offset < bytes_->size() && bytes_->arrived()) {
            // Whoever opens a file looks around in it; whoever plays it must not take this for the
            // end.
            return fail(Errc::Unavailable, "media file that has not arrived");
        }
        return count;
    }

  private:
    std::shared_ptr<media::ByteSource> bytes_;
    std::shared_ptr<Progress> progress_;  // shared with the job
};

Result<std::unique_ptr<media::ByteSource>> open_bytes(const Origin& origin,
                                                      std::shared_ptr<Progress> progress) {
    if (const auto* const bytes = std::get_if<std::shared_ptr<media::ByteSource>>(&origin)) {
        return std::make_unique<SharedBytes>(*bytes, std::move(progress));
    }
    const auto& named = std::get<NamedFile>(origin);
    PB_TRY(Descriptor file, named.jail->open(named.path));
    return make_file_bytes(std::move(file));
}

struct Start {
    Nanoseconds at{};
    bool loop = false;
};

class ReadingJob final : public DiskJob {
  public:
    ReadingJob(Origin origin, media::RingFeeder feeder, Start start)
        : origin_(std::move(origin)),
          feeder_(std::move(feeder)),
          start_(start),
          to_skip_(media::samples_in(start.at)) {}

    State step() override {
        if (feeder_.canceled()) {
            return State::Finished;
        }
        if (!may_read()) {
            return State::Working;
        }
        const auto state =
            decoder_ == nullptr ? open().and_then([this] { return advance(); }) : advance();
        if (!state) {
            feeder_.fail(state.error());
            return State::Finished;
        }
        return *state;
    }

    void stop() override { feeder_.fail({Errc::Closed, "media file"}); }

  private:
    // A file that is on its way is read as far as a step can go. An Ogg file has its length at its
    // end, and is opened when that is here.
    bool may_read() {
        const auto* const bytes = std::get_if<std::shared_ptr<media::ByteSource>>(&origin_);
        const auto arrived = bytes != nullptr ? (*bytes)->arrived() : std::nullopt;
        growing_ = arrived.has_value();
        if (!growing_) {
            return true;
        }
        const std::uint64_t step =
            decoder_ == nullptr ? kBytesPerStep : std::max(kLeastBytesPerStep, 2 * largest_step_);
        if (*arrived < progress_->reached + step) {
            return false;
        }
        std::array<std::uint8_t, 4> head{};
        return decoder_ != nullptr || ((*bytes)->read_at(0, head) && as_text(head) != "OggS");
    }

    Result<void> open() {
        PB_TRY(auto bytes, open_bytes(origin_, progress_));
        PB_TRY(decoder_, media::FileDecoder::open(std::move(bytes)));
        progress_->opened = true;
        if (const auto total = decoder_->total_duration();
            !start_.loop && total && *total > start_.at) {
            feeder_.announce_length(*total - start_.at);
        }
        return {};
    }

    Result<State> advance() {
        const std::uint64_t before = progress_->reached;
        const Result<State> state = decode();
        largest_step_ = std::max(largest_step_, progress_->reached - before);
        return state;
    }

    Result<State> decode() {
        for (int i = 0; i < kSkippedBlocksPerStep && to_skip_ > 0; ++i) {
            PB_TRY(const std::size_t count, decoder_->read(std::span(block_).first(
                                                std::min<std::uint64_t>(block_.size(), to_skip_))));
            if (count == 0) {
                return finish_round();
            }
            to_skip_ -= count;
        }
        for (int i = 0; i < (growing_ ? 1 : kBlocksPerStep) && to_skip_ == 0 &&
                        feeder_.space() >= block_.size();
             ++i) {
            PB_TRY(const std::size_t count, decoder_->read(block_));
            if (count == 0) {
                return finish_round();
            }
            read_any_ = true;
            decoded_ += count;
            if (decoded_ > kMaxMediaSamples) {
                return fail(Errc::TooLarge, "media file");
            }
            PB_CHECK(feeder_.write(std::span(block_).first(count)));
        }
        return State::Working;
    }

    // An empty file is not read again and again.
    State finish_round() {
        if (start_.loop && std::exchange(read_any_, false)) {
            decoder_.reset();
            decoded_ = 0;
            progress_->opened = false;
            return State::Working;
        }
        feeder_.end();
        return State::Finished;
    }

    Origin origin_;
    media::RingFeeder feeder_;
    std::shared_ptr<Progress> progress_ = std::make_shared<Progress>();
    Start start_;
    std::uint64_t to_skip_;           // samples
    std::uint64_t decoded_ = 0;       // samples of this round
    std::uint64_t largest_step_ = 0;  // bytes that a step took
    bool growing_ = false;
    bool read_any_ = false;  // in this round
    std::unique_ptr<media::FileDecoder> decoder_;
    std::array<std::int16_t, kDecodeBlockSamples> block_{};
};

std::unique_ptr<media::FrameSource> begin(DiskThread& disk, Origin origin, Start start) {
    auto [source, feeder] = media::make_ring_source(kReadAhead);
    start.at = std::max(start.at, Nanoseconds(0));
    disk.add(std::make_unique<ReadingJob>(std::move(origin), std::move(feeder), start));
    return std::move(source);
}

}  // namespace

FileReader::FileReader(FileJail jail, DiskThread& disk)
    : jail_(std::make_shared<const FileJail>(std::move(jail))), disk_(disk) {}

std::unique_ptr<media::FrameSource> FileReader::open(std::string path,
                                                     Nanoseconds start_at,
                                                     bool loop) {
    return begin(disk_, NamedFile{jail_, std::move(path)}, {start_at, loop});
}

std::unique_ptr<media::FrameSource> FileReader::open(std::shared_ptr<media::ByteSource> bytes,
                                                     Nanoseconds start_at,
                                                     bool loop) {
    return begin(disk_, std::move(bytes), {start_at, loop});
}

std::unique_ptr<media::ByteSource> make_file_bytes(Descriptor file) {
    struct stat status{};
    const bool known = ::fstat(file.get(), &status) == 0;
    return std::make_unique<FileBytes>(std::move(file),
                                       known ? static_cast<std::uint64_t>(status.st_size) : 0);
}

}  // namespace patchbay::store
