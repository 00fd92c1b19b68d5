// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "media/file_encoder.hpp"
#include "store/disk_thread.hpp"
#include "store/file_jail.hpp"
#include "store/recording_writer.hpp"
#include "store/wav_file.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::store {

// `name` with the extension of its kind: one of another kind stays in front of it.
std::string named_for(std::string_view name, media::FileKind kind);
// Under what a recording is written while it grows: a WAV, whole at every moment, beside the place
// of the compressed file. "a/b.mp3" is "a/b.mp3.partial.wav".
std::string working_name(std::string_view name);

// The other way: what a working name becomes. Any other name stays.
std::string finished_name(std::string_view working);

// At start: goes on with what an earlier run did not finish, killed or in a hurry. Looks through
// all recordings, so not on a shard.
void compress_leftovers(const std::shared_ptr<const FileJail>& jail, DiskThread& compression);

// Makes the compressed file of a finished recording, a second of sound in each step. When it is
// whole it gets its name and the WAV goes. A failure leaves the WAV, which the report then names.
class CompressionJob final : public DiskJob {
  public:
    CompressionJob(std::shared_ptr<const FileJail> jail,
                   std::string working_path,
                   media::FileKind kind,
                   WavFile wav,
                   RecordingWriter::Report report)
        : jail_(std::move(jail)),
          working_path_(std::move(working_path)),
          kind_(kind),
          wav_(std::move(wav)),
          report_(std::move(report)) {}

    State step() override;
    // The WAV stays; the next start goes on with it.
    void stop() override;

  private:
    Result<void> open();
    Result<State> advance();
    Result<void> finish();
    void give_up(const Error& error);
    void report_closed(const std::string& path, std::uint64_t bytes);

    std::shared_ptr<const FileJail> jail_;
    std::string working_path_;
    media::FileKind kind_;
    WavFile wav_;
    RecordingWriter::Report report_;
    std::optional<FileJail::NewFile> made_;   // named when it is whole
    std::shared_ptr<std::uint64_t> written_;  // bytes; shared with the encoder's target
    std::unique_ptr<media::FileEncoder> encoder_;
    std::vector<std::int16_t> block_;
    std::uint64_t done_ = 0;  // samples of one channel
};

}  // namespace patchbay::store
