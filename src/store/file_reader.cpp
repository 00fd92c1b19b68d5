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
using Origin = std::variant<NamedFile, std::unique_ptr<media::ByteSource>>;

Result<std::unique_ptr<media::ByteSource>> open_bytes(Origin origin) {
    if (auto* const bytes = std::get_if<std::unique_ptr<media::ByteSource>>(&origin)) {
        return std::move(*bytes);
    }
    const auto& named = std::get<NamedFile>(origin);
    PB_TRY(Descriptor file, named.jail->open(named.path));
    return make_file_bytes(std::move(file));
}

class ReadingJob final : public DiskJob {
  public:
    ReadingJob(Origin origin, media::RingFeeder feeder, Nanoseconds start_at)
        : origin_(std::move(origin)),
          feeder_(std::move(feeder)),
          start_at_(start_at),
          to_skip_(media::samples_in(start_at)) {}

    State step() override {
        if (feeder_.canceled()) {
            return State::Finished;
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
    Result<void> open() {
        PB_TRY(auto bytes, open_bytes(std::move(origin_)));
        PB_TRY(decoder_, media::FileDecoder::open(std::move(bytes)));
        if (const auto total = decoder_->total_duration(); total && *total > start_at_) {
            feeder_.announce_length(*total - start_at_);
        }
        return {};
    }

    Result<State> advance() {
        for (int i = 0; i < kSkippedBlocksPerStep && to_skip_ > 0; ++i) {
            PB_TRY(const std::size_t count, decoder_->read(std::span(block_).first(
                                                std::min<std::uint64_t>(block_.size(), to_skip_))));
            if (count == 0) {
                return finish();
            }
            to_skip_ -= count;
        }
        for (int i = 0; i < kBlocksPerStep && to_skip_ == 0 && feeder_.space() >= block_.size();
             ++i) {
            PB_TRY(const std::size_t count, decoder_->read(block_));
            if (count == 0) {
                return finish();
            }
            PB_CHECK(feeder_.write(std::span(block_).first(count)));
        }
        return State::Working;
    }

    State finish() {
        feeder_.end();
        return State::Finished;
    }

    Origin origin_;
    media::RingFeeder feeder_;
    Nanoseconds start_at_;
    std::uint64_t to_skip_;  // samples
    std::unique_ptr<media::FileDecoder> decoder_;
    std::array<std::int16_t, kDecodeBlockSamples> block_{};
};

std::unique_ptr<media::FrameSource> start(DiskThread& disk, Origin origin, Nanoseconds start_at) {
    auto [source, feeder] = media::make_ring_source(kReadAhead);
    disk.add(std::make_unique<ReadingJob>(std::move(origin), std::move(feeder),
                                          std::max(start_at, Nanoseconds(0))));
    return std::move(source);
}

}  // namespace

FileReader::FileReader(FileJail jail, DiskThread& disk)
    : jail_(std::make_shared<const FileJail>(std::move(jail))), disk_(disk) {}

std::unique_ptr<media::FrameSource> FileReader::open(std::string path, Nanoseconds start_at) {
    return start(disk_, NamedFile{jail_, std::move(path)}, start_at);
}

std::unique_ptr<media::FrameSource> FileReader::open(std::unique_ptr<media::ByteSource> bytes,
                                                     Nanoseconds start_at) {
    return start(disk_, std::move(bytes), start_at);
}

std::unique_ptr<media::ByteSource> make_file_bytes(Descriptor file) {
    struct stat status{};
    const bool known = ::fstat(file.get(), &status) == 0;
    return std::make_unique<FileBytes>(std::move(file),
                                       known ? static_cast<std::uint64_t>(status.st_size) : 0);
}

}  // namespace patchbay::store
