// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "media/frame.hpp"
#include "store/disk_thread.hpp"
#include "store/file_jail.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

namespace patchbay::store {

struct RecordingRequest {
    std::string file;                  // see FileJail::create; "{id}" is replaced; empty: "{id}"
    std::string id;                    // the session's
    int sample_rate = 16000;           // 8000, 16000, 24000, 32000, 44100 or 48000
    Milliseconds flush_interval{200};  // after a kill at most this much is missing
    bool mono = false;                 // both sides in one channel
    std::string
        format;  // "wav", "flac", "opus", "mp3"; any other: by the file's extension, else WAV
};

struct RecordingOpened {
    std::string path;
};
// The disk was too slow: audio was replaced by silence of the same length. Reported once.
struct RecordingOverflowed {};
// Nothing more is written; what is on disk stays playable.
struct RecordingFailed {
    Error error;
};
struct RecordingClosed {
    std::string path;
    Nanoseconds duration{};
    std::uint64_t bytes = 0;  // of the whole file
};
using RecordingReport =
    std::variant<RecordingOpened, RecordingOverflowed, RecordingFailed, RecordingClosed>;

// Recordings: left the caller, right everything the caller hears, or both in one channel. Written
// as 16-bit WAV by the disk thread from a ring per recording; other formats are made of the
// finished WAV, on a thread of their own, so that nobody waits for an encoder. The WAV's header is
// right after every flush, so that a killed process leaves a playable file. Belongs to no thread:
// start() may be called from any.
class RecordingWriter {
  public:
    // Called on the disk thread: Opened, then at most one Overflowed and one Failed, and as the
    // last one Closed (only when it had been opened).
    using Report = UniqueFunction<void(const RecordingReport&)>;

    // `compression` absent: every recording stays a WAV.
    RecordingWriter(FileJail jail, DiskThread& disk, DiskThread* compression = nullptr);

    // Once, before calls come: goes on with what an earlier run did not finish.
    void compress_leftovers();

    // The shard's half: a FrameSink that never waits. Destroying it closes the recording.
    // Unsupported for a
    // sample rate that the format does not know.
    Result<std::unique_ptr<media::FrameSink>> start(RecordingRequest request, Report report);

  private:
    std::shared_ptr<const FileJail> jail_;  // shared with the jobs, which may outlive the writer
    DiskThread& disk_;
    DiskThread* compression_;
};

}  // namespace patchbay::store
