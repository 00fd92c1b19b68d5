// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "media/byte_source.hpp"
#include "media/frame.hpp"
#include "store/disk_thread.hpp"
#include "store/file_jail.hpp"

#include <memory>
#include <string>

namespace patchbay::store {

// Plays media files: decoded piece by piece on the disk thread, a bounded read-ahead in front of
// the shard. open() never waits and never fails at once: what is wrong with the file ends the
// source with Failed and failure(). Destroying the source stops the reading.
class FileReader {
  public:
    FileReader(FileJail jail, DiskThread& disk);

    // `path`: see FileJail::open. `start_at`: skip so much of the audio. `loop`: begin again at the
    // end, without a gap.
    std::unique_ptr<media::FrameSource> open(std::string path,
                                             Nanoseconds start_at = {},
                                             bool loop = false);
    // The same for bytes that are no local file, such as a finished download.
    std::unique_ptr<media::FrameSource> open(std::shared_ptr<media::ByteSource> bytes,
                                             Nanoseconds start_at = {},
                                             bool loop = false);

  private:
    std::shared_ptr<const FileJail> jail_;  // shared with the jobs, which may outlive the reader
    DiskThread& disk_;
};

// A file of the system as bytes for a decoder.
std::unique_ptr<media::ByteSource> make_file_bytes(Descriptor file);

}  // namespace patchbay::store
