// SPDX-License-Identifier: Apache-2.0
#include "store/recording_writer.hpp"

#include "base/cancel.hpp"
#include "base/ring.hpp"
#include "base/text.hpp"
#include "media/resampler.hpp"
#include "store/limits.hpp"
#include "store/wav_file.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace patchbay::store {
namespace {

struct StereoFrame {
    std::uint64_t position = 0;
    media::Frame left{};
    media::Frame right{};
};

// Owned by the shard's half and the disk thread's half; either may end first.
struct Channel {
    SpscRing<StereoFrame> ring{static_cast<std::size_t>(kRecordingAhead / media::kFrameTime)};
    CancelFlag closed;
    SharedCount dropped;  // frames
    SharedCount length;   // samples at 16 kHz, dropped ones included
};

// The shard's half.
class Inlet final : public media::FrameSink {
  public:
    explicit Inlet(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}
    ~Inlet() override { channel_->closed.cancel(); }

    void write(std::uint64_t position,
               const media::Frame& left,
               const media::Frame& right) override {
        if (!channel_->ring.try_push({position, left, right})) {
            channel_->dropped.add(1);
        }
        const std::uint64_t end = position + media::kFrameSamples;
        channel_->length.add(end > length_ ? end - length_ : 0);
        length_ = std::max(length_, end);
    }

  private:
    std::shared_ptr<Channel> channel_;
    std::uint64_t length_ = 0;
};

// The disk thread's half.
class RecordingJob final : public DiskJob {
  public:
    RecordingJob(std::shared_ptr<const FileJail> jail,
                 RecordingRequest request,
                 std::shared_ptr<Channel> channel,
                 std::array<media::Resampler, 2> resamplers,
                 RecordingWriter::Report report)
        : jail_(std::move(jail)),
          request_(std::move(request)),
          channel_(std::move(channel)),
          resamplers_(std::move(resamplers)),
          report_(std::move(report)),
          frame_pairs_(static_cast<std::size_t>(request_.sample_rate) / 50),
          flush_pairs_(media::samples_in(request_.flush_interval, request_.sample_rate)) {}

    State step() override {
        if (!opened_) {
            open();
        }
        // Looked at first: what was written before the end is in the ring by now.
        const bool closed = channel_->closed.canceled();
        drain();
        if (!closed) {
            return State::Working;
        }
        finish();
        return State::Finished;
    }

    void stop() override {
        if (!opened_) {
            open();
        }
        drain();
        finish();
    }

  private:
    void open() {
        opened_ = true;
        auto created = jail_->create(file_name());
        if (!created) {
            report_(RecordingFailed{created.error()});
            return;
        }
        auto file = WavFile::make(std::move(created->file), request_.sample_rate);
        if (!file) {
            report_(RecordingFailed{file.error()});
            return;
        }
        path_ = std::move(created->path);
        file_.emplace(std::move(*file));
        writing_ = true;
        report_(RecordingOpened{path_});
    }

    std::string file_name() const {
        constexpr std::string_view kExtension = ".wav";
        std::string name =
            substitute_id(request_.file.empty() ? "{id}" : request_.file, request_.id);
        const bool named =
            name.size() > kExtension.size() &&
            equals_ignoring_case(std::string_view(name).substr(name.size() - kExtension.size()),
                                 kExtension);
        return named ? name : name.append(kExtension);
    }

    void drain() {
        if (channel_->dropped.get() > 0 && !overflow_reported_ && file_) {
            overflow_reported_ = true;
            report_(RecordingOverflowed{});
        }
        while (auto frame = channel_->ring.try_pop()) {
            add(*frame);
        }
    }

    // A frame stands where its position says; what is missing before it stays a gap in the file.
    void add(const StereoFrame& frame) {
        const std::uint64_t at =
            frame.position * static_cast<std::uint64_t>(request_.sample_rate) / media::kSampleRate;
        const std::uint64_t end = buffered_at_ + buffered_.size() / 2;
        if (at != end || buffered_.size() / 2 >= flush_pairs_) {
            flush();
            buffered_at_ = at;
        }
        append(frame);
    }

    void append(const StereoFrame& frame) {
        const std::size_t begin = buffered_.size();
        buffered_.resize(begin + 2 * frame_pairs_);
        for (std::size_t side = 0; side < 2; ++side) {
            std::array<std::int16_t, 960> resampled{};  // 20 ms at 48 kHz
            const auto out = std::span(resampled).first(frame_pairs_);
            resamplers_[side].process(side == 0 ? frame.left : frame.right, out);
            for (std::size_t i = 0; i < out.size(); ++i) {
                buffered_[begin + 2 * i + side] = out[i];
            }
        }
    }

    void flush() {
        if (!buffered_.empty()) {
            check(writing_ ? file_->write(buffered_at_, buffered_) : Result<void>());
            buffered_.clear();
        }
    }

    void finish() {
        flush();
        if (!file_) {
            return;
        }
        if (writing_) {
            check(file_->extend(channel_->length.get() *
                                static_cast<std::uint64_t>(request_.sample_rate) /
                                media::kSampleRate));
        }
        report_(
            RecordingClosed{.path = path_,
                            .duration = media::duration_of(file_->pairs(), request_.sample_rate),
                            .bytes = file_->file_bytes()});
    }

    // After the first failure nothing is written any more: a recording with a hole that nobody
    // reported would be worse than a short one.
    void check(const Result<void>& result) {
        if (!result) {
            writing_ = false;
            report_(RecordingFailed{result.error()});
        }
    }

    std::shared_ptr<const FileJail> jail_;
    RecordingRequest request_;
    std::shared_ptr<Channel> channel_;
    std::array<media::Resampler, 2> resamplers_;
    RecordingWriter::Report report_;
    std::size_t frame_pairs_;
    std::uint64_t flush_pairs_;
    std::string path_;
    std::optional<WavFile> file_;
    std::vector<std::int16_t> buffered_;  // interleaved
    std::uint64_t buffered_at_ = 0;       // pairs
    bool opened_ = false;
    bool writing_ = false;
    bool overflow_reported_ = false;
};

bool is_recordable(int rate) {
    constexpr std::array kRates{8000, 16000, 24000, 32000, 44100, 48000};
    return std::ranges::find(kRates, rate) != kRates.end();
}

}  // namespace

RecordingWriter::RecordingWriter(FileJail jail, DiskThread& disk)
    : jail_(std::make_shared<const FileJail>(std::move(jail))), disk_(disk) {}

Result<std::unique_ptr<media::FrameSink>> RecordingWriter::start(RecordingRequest request,
                                                                 Report report) {
    if (!is_recordable(request.sample_rate)) {
        return fail(Errc::Unsupported, "recorder sample rate", request.sample_rate);
    }
    request.flush_interval = std::clamp(request.flush_interval, kMinFlush, kMaxFlush);
    PB_TRY(auto left, media::Resampler::make(media::kSampleRate, request.sample_rate));
    PB_TRY(auto right, media::Resampler::make(media::kSampleRate, request.sample_rate));
    auto channel = std::make_shared<Channel>();
    disk_.add(std::make_unique<RecordingJob>(
        jail_, std::move(request), channel,
        std::array<media::Resampler, 2>{std::move(left), std::move(right)}, std::move(report)));
    return std::make_unique<Inlet>(std::move(channel));
}

}  // namespace patchbay::store
