// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace patchbay::store {

// Something the disk thread does a little of in every round: one recording, one file being read.
class DiskJob {
  public:
    enum class State : std::uint8_t { Working, Finished };

    DiskJob() = default;
    DiskJob(const DiskJob&) = delete;
    DiskJob& operator=(const DiskJob&) = delete;
    virtual ~DiskJob() = default;

    // On the disk thread, every kDiskRound. Does a bounded piece of work.
    virtual State step() = 0;
    // On the disk thread, instead of a further step(), when the server ends.
    virtual void stop() = 0;
};

// The one thread that touches recordings and media files, so that a slow disk never delays a shard.
// It goes round its jobs every kDiskRound and sleeps while there are none.
class DiskThread {
  public:
    // `Low`: for work that nobody waits for and that takes the processor, not the disk.
    enum class Priority : std::uint8_t { Normal, Low };

    explicit DiskThread(Priority priority = Priority::Normal);
    DiskThread(const DiskThread&) = delete;
    DiskThread& operator=(const DiskThread&) = delete;
    // Stops every job (recordings are completed on disk) and joins.
    ~DiskThread();

    // From any thread; the first step is taken at once.
    void add(std::unique_ptr<DiskJob> job);

  private:
    using Jobs = std::vector<std::unique_ptr<DiskJob>>;

    void run(const std::stop_token& stop);
    void wait_for_work(const std::stop_token& stop, Jobs& jobs);
    void take_added(Jobs& jobs);

    std::mutex mutex_;  // guards added_
    std::condition_variable_any wake_;
    Jobs added_;
    std::jthread thread_;
};

}  // namespace patchbay::store
