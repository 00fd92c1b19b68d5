// SPDX-License-Identifier: Apache-2.0
#include "store/recording_writer.hpp"

#include "base/text.hpp"
#include "media/file_encoder.hpp"
#include "media/resampler.hpp"
#include "store/limits.hpp"
#include "store/recording_compression.hpp"
#include "store/recording_job.hpp"
#include "store/stereo_channel.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace patchbay::store {
namespace {

// The shard's half.
class Inlet final : public media::FrameSink {
  public:
    explicit Inlet(std::shared_ptr<StereoChannel> channel) : channel_(std::move(channel)) {}
    ~Inlet() override { channel_->close(); }

    void write(std::uint64_t position,
               const media::Frame& left,
               const media::Frame& right) override {
        channel_->push(position, left, right);
    }

  private:
    std::shared_ptr<StereoChannel> channel_;
};

bool is_recordable(int rate) {
    constexpr std::array kRates{8000, 16000, 24000, 32000, 44100, 48000};
    return std::ranges::find(kRates, rate) != kRates.end();
}

// The word if it is one of ours, else the name's extension, else WAV: the original takes the words
// of codecs too and writes WAV.
media::FileKind kind_of(const RecordingRequest& request) {
    if (const auto kind = media::file_kind(request.format)) {
        return *kind;
    }
    const std::size_t dot = request.file.rfind('.');
    const auto by_name = dot == std::string::npos
                             ? std::nullopt
                             : media::file_kind(std::string_view(request.file).substr(dot + 1));
    return by_name.value_or(media::FileKind::Wav);
}

}  // namespace

RecordingWriter::RecordingWriter(FileJail jail, DiskThread& disk, DiskThread* compression)
    : jail_(std::make_shared<const FileJail>(std::move(jail))),
      disk_(disk),
      compression_(compression) {}

void RecordingWriter::compress_leftovers() {
    if (compression_ != nullptr) {
        store::compress_leftovers(jail_, *compression_);
    }
}

Result<std::unique_ptr<media::FrameSink>> RecordingWriter::start(RecordingRequest request,
                                                                 Report report) {
    const media::FileKind kind = kind_of(request);
    if (!is_recordable(request.sample_rate) || !media::can_encode(kind, request.sample_rate)) {
        return fail(Errc::Unsupported, "recorder sample rate", request.sample_rate);
    }
    request.flush_interval = std::clamp(request.flush_interval, kMinFlush, kMaxFlush);
    PB_TRY(auto left, media::Resampler::make(media::kSampleRate, request.sample_rate));
    PB_TRY(auto right, media::Resampler::make(media::kSampleRate, request.sample_rate));
    auto channel = std::make_shared<StereoChannel>();
    disk_.add(std::make_unique<RecordingJob>(
        RecordingJob::Shop{jail_, compression_}, std::move(request), kind, channel,
        std::array<media::Resampler, 2>{std::move(left), std::move(right)}, std::move(report)));
    return std::make_unique<Inlet>(std::move(channel));
}

}  // namespace patchbay::store
