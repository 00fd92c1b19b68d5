// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "store/disk_thread.hpp"
#include "store/file_jail.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace patchbay::store {

// A text file that grows by whole lines, written by the disk thread. What does not fit while the
// disk is slow is refused. Destroying the writer completes the file. May be used from one thread at
// a time.
class LineLog {
  public:
    // Called on the disk thread when the file is there.
    using Opened = UniqueFunction<void(const std::string& path)>;

    // A name below the jail's first folder, as for FileJail::create.
    LineLog(std::shared_ptr<const FileJail> jail,
            DiskThread& disk,
            std::string name,
            Opened opened);
    ~LineLog();
    LineLog(const LineLog&) = delete;
    LineLog& operator=(const LineLog&) = delete;

    // Unavailable: the disk is behind.
    Result<void> write(std::string_view line);

  private:
    struct Queue;
    std::shared_ptr<Queue> queue_;  // shared with the job on the disk thread
};

}  // namespace patchbay::store
