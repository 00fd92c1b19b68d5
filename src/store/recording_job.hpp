// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/file_encoder.hpp"
#include "media/resampler.hpp"
#include "store/disk_thread.hpp"
#include "store/file_jail.hpp"
#include "store/recording_writer.hpp"
#include "store/stereo_channel.hpp"
#include "store/wav_file.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace patchbay::store {

// The disk thread's half of a recording: frames to a WAV file, and at the end the file to whoever
// compresses it.
class RecordingJob final : public DiskJob {
  public:
    // What all recordings of a server share; outlives the jobs.
    struct Shop {
        std::shared_ptr<const FileJail> jail;
        DiskThread* compression = nullptr;
    };

    RecordingJob(Shop shop,
                 RecordingRequest request,
                 media::FileKind kind,
                 std::shared_ptr<StereoChannel> channel,
                 std::array<media::Resampler, 2> resamplers,
                 RecordingWriter::Report report);

    State step() override;
    void stop() override;

  private:
    void open();
    Result<WavFile> make_file();
    std::string file_name() const;
    void drain();
    void add(const StereoFrame& frame);
    void append(const StereoFrame& frame);
    void append_as_it_is(const StereoFrame& frame);
    void flush();
    void finish(bool compress);
    void check(const Result<void>& result);

    Shop shop_;
    RecordingRequest request_;
    media::FileKind kind_;
    std::shared_ptr<StereoChannel> channel_;
    std::array<media::Resampler, 2> resamplers_;
    RecordingWriter::Report report_;
    std::size_t frame_samples_;  // of one channel, at the file's rate
    std::uint64_t flush_samples_;
    std::size_t channels_;
    std::string path_;
    std::optional<WavFile> file_;
    std::vector<std::int16_t> buffered_;  // interleaved
    std::uint64_t buffered_at_ = 0;       // samples of one channel
    bool opened_ = false;
    bool writing_ = false;
    bool overflow_reported_ = false;
};

}  // namespace patchbay::store
