// SPDX-License-Identifier: Apache-2.0
#include "store/recording_job.hpp"

#include "base/text.hpp"
#include "media/mix.hpp"
#include "store/recording_compression.hpp"

#include <bit>
#include <cstring>
#include <utility>

namespace patchbay::store {
namespace {

// The longest frame: 20 ms at 48 kHz.
constexpr std::size_t kMaxFrame = 960;

std::uint64_t at_rate(std::uint64_t position, int rate) {
    return position * static_cast<std::uint64_t>(rate) / media::kSampleRate;
}

}  // namespace

RecordingJob::RecordingJob(Shop shop,
                           RecordingRequest request,
                           media::FileKind kind,
                           std::shared_ptr<StereoChannel> channel,
                           std::array<media::Resampler, 2> resamplers,
                           RecordingWriter::Report report)
    : shop_(std::move(shop)),
      request_(std::move(request)),
      kind_(kind),
      channel_(std::move(channel)),
      resamplers_(std::move(resamplers)),
      report_(std::move(report)),
      frame_samples_(static_cast<std::size_t>(request_.sample_rate) / 50),
      flush_samples_(media::samples_in(request_.flush_interval, request_.sample_rate)),
      channels_(request_.mono ? 1 : 2) {}

DiskJob::State RecordingJob::step() {
    if (!opened_) {
        open();
    }
    // Looked at first: what was written before the end is in the ring by now.
    const bool closed = channel_->is_closed();
    drain();
    if (!closed) {
        return State::Working;
    }
    finish(true);
    return State::Finished;
}

// The server ends and nobody has time to compress: the next start does.
void RecordingJob::stop() {
    if (!opened_) {
        open();
    }
    drain();
    finish(false);
}

void RecordingJob::open() {
    opened_ = true;
    auto file = make_file();
    if (!file) {
        report_(RecordingFailed{file.error()});
        return;
    }
    file_.emplace(std::move(*file));
    writing_ = true;
    report_(RecordingOpened{path_});
}

// The header comes before the name: whoever finds a recording can play it, also after a kill.
Result<WavFile> RecordingJob::make_file() {
    PB_TRY(auto made, shop_.jail->prepare(file_name()));
    PB_TRY(auto file, WavFile::make(made.file().duplicate(), request_.sample_rate,
                                    static_cast<int>(channels_)));
    PB_TRY(const auto created, std::move(made).publish());
    path_ = created.path;
    return file;
}

std::string RecordingJob::file_name() const {
    const std::string name = named_for(
        substitute_id(request_.file.empty() ? "{id}" : request_.file, request_.id), kind_);
    return kind_ == media::FileKind::Wav ? name : working_name(name);
}

void RecordingJob::drain() {
    if (channel_->dropped() > 0 && !overflow_reported_ && file_) {
        overflow_reported_ = true;
        report_(RecordingOverflowed{});
    }
    channel_->drain([this](const StereoFrame& frame) { add(frame); });
}

// A frame stands where its position says; what is missing before it stays a gap in the file.
void RecordingJob::add(const StereoFrame& frame) {
    const std::uint64_t at = at_rate(frame.position, request_.sample_rate);
    const std::uint64_t waiting = buffered_.size() / channels_;
    if (at != buffered_at_ + waiting || waiting >= flush_samples_) {
        flush();
        buffered_at_ = at;
    }
    append(frame);
}

void RecordingJob::append_as_it_is(const StereoFrame& frame) {
    static_assert(std::endian::native == std::endian::little, "WAV samples are little-endian");
    const std::size_t begin = buffered_.size();
    buffered_.resize(begin + 2 * media::kFrameSamples);
    std::memcpy(buffered_.data() + begin, frame.pairs.data(), sizeof frame.pairs);
}

void RecordingJob::append(const StereoFrame& frame) {
    if (channels_ == 2 && frame_samples_ == media::kFrameSamples) {
        append_as_it_is(frame);
        return;
    }
    std::array<media::Frame, 2> sides{frame.left(), frame.right()};
    if (channels_ == 1) {
        media::mix_into(sides[0], sides[1]);
    }
    const std::size_t begin = buffered_.size();
    buffered_.resize(begin + channels_ * frame_samples_);
    for (std::size_t side = 0; side < channels_; ++side) {
        std::array<std::int16_t, kMaxFrame> resampled{};
        const auto out = std::span(resampled).first(frame_samples_);
        resamplers_[side].process(sides[side], out);
        for (std::size_t i = 0; i < out.size(); ++i) {
            buffered_[begin + channels_ * i + side] = out[i];
        }
    }
}

void RecordingJob::flush() {
    if (!buffered_.empty()) {
        check(writing_ ? file_->write(buffered_at_, buffered_) : Result<void>());
        buffered_.clear();
    }
}

void RecordingJob::finish(bool compress) {
    flush();
    if (!file_) {
        return;
    }
    if (writing_) {
        check(file_->extend(at_rate(channel_->length(), request_.sample_rate)));
    }
    if (kind_ != media::FileKind::Wav && compress && shop_.compression != nullptr) {
        shop_.compression->add(std::make_unique<CompressionJob>(
            shop_.jail, path_, kind_, std::move(*file_), std::move(report_)));
        return;
    }
    report_(RecordingClosed{.path = path_,
                            .duration = media::duration_of(file_->samples(), request_.sample_rate),
                            .bytes = file_->file_bytes()});
}

// After the first failure nothing is written any more: a recording with a hole that nobody reported
// would be worse than a short one.
void RecordingJob::check(const Result<void>& result) {
    if (!result) {
        writing_ = false;
        report_(RecordingFailed{result.error()});
    }
}

}  // namespace patchbay::store
