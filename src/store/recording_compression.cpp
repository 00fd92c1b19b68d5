// SPDX-License-Identifier: Apache-2.0
#include "store/recording_compression.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace patchbay::store {
namespace {

// What a finished recording never ends with.
constexpr std::string_view kWorkingEnd = ".partial.wav";

bool ends_with_ignoring_case(std::string_view text, std::string_view end) {
    return text.size() > end.size() &&
           equals_ignoring_case(text.substr(text.size() - end.size()), end);
}

class FileTarget final : public media::ByteTarget {
  public:
    FileTarget(Descriptor file, std::shared_ptr<std::uint64_t> length)
        : file_(std::move(file)), length_(std::move(length)) {}

    Result<void> write_at(std::uint64_t offset, ByteView bytes) override {
        PB_CHECK(write_all(file_, bytes, offset));
        *length_ = std::max(*length_, offset + bytes.size());
        return {};
    }

  private:
    Descriptor file_;
    std::shared_ptr<std::uint64_t> length_;  // shared with the job, which reports it
};

}  // namespace

std::string named_for(std::string_view name, media::FileKind kind) {
    if (ends_with_ignoring_case(name, extension_of(kind)) ||
        (kind == media::FileKind::Opus && ends_with_ignoring_case(name, ".ogg"))) {
        return std::string(name);
    }
    return std::string(name) + std::string(extension_of(kind));
}

std::string working_name(std::string_view name) {
    return std::string(name) + std::string(kWorkingEnd);
}

std::string finished_name(std::string_view working) {
    if (ends_with_ignoring_case(working, kWorkingEnd)) {
        working.remove_suffix(kWorkingEnd.size());
    }
    return std::string(working);
}

void compress_leftovers(const std::shared_ptr<const FileJail>& jail, DiskThread& compression) {
    namespace fs = std::filesystem;
    std::error_code error;
    for (const std::string& root : jail->roots()) {
        fs::recursive_directory_iterator entry(root, fs::directory_options::skip_permission_denied,
                                               error);
        for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
            const std::string path = entry->path().string();
            if (!ends_with_ignoring_case(path, kWorkingEnd)) {
                continue;
            }
            const fs::path target = finished_name(path);
            const auto kind = media::file_kind(target.extension().string().substr(1));
            auto file = jail->open(path);
            auto wav = file ? WavFile::open(std::move(*file)) : fail(Errc::NotFound, "recording");
            if (kind && wav) {
                compression.add(std::make_unique<CompressionJob>(jail, path, *kind, std::move(*wav),
                                                                 [](const RecordingReport&) {}));
            }
        }
    }
}

DiskJob::State CompressionJob::step() {
    const Result<State> state =
        encoder_ == nullptr ? open().and_then([this] { return advance(); }) : advance();
    if (!state) {
        give_up(state.error());
        return State::Finished;
    }
    return *state;
}

Result<void> CompressionJob::open() {
    const std::string_view name =
        std::string_view(working_path_).substr(0, working_path_.size() - kWorkingEnd.size());
    PB_TRY(auto made, jail_->prepare(name));
    made_.emplace(std::move(made));
    written_ = std::make_shared<std::uint64_t>(0);
    PB_TRY(encoder_, media::FileEncoder::make(
                         kind_, wav_.sample_rate(), wav_.channels(),
                         std::make_unique<FileTarget>(made_->file().duplicate(), written_)));
    block_.resize(static_cast<std::size_t>(wav_.sample_rate() * wav_.channels()));
    return {};
}

Result<DiskJob::State> CompressionJob::advance() {
    PB_TRY(const std::size_t count, wav_.read(done_, block_));
    if (count == 0) {
        PB_CHECK(finish());
        return State::Finished;
    }
    PB_CHECK(encoder_->write(std::span(block_).first(count)));
    done_ += count / static_cast<std::size_t>(wav_.channels());
    return State::Working;
}

Result<void> CompressionJob::finish() {
    PB_CHECK(encoder_->finish());
    PB_TRY(const auto created, std::move(*made_).publish());
    PB_CHECK(jail_->remove(working_path_));
    report_closed(created.path, *written_);
    return {};
}

void CompressionJob::give_up(const Error& error) {
    report_(RecordingFailed{error});
    report_closed(working_path_, wav_.file_bytes());
}

void CompressionJob::stop() {
    report_closed(working_path_, wav_.file_bytes());
}

void CompressionJob::report_closed(const std::string& path, std::uint64_t bytes) {
    report_(RecordingClosed{.path = path,
                            .duration = media::duration_of(wav_.samples(), wav_.sample_rate()),
                            .bytes = bytes});
}

}  // namespace patchbay::store
