// SPDX-License-Identifier: Apache-2.0
#include "store/disk_thread.hpp"

#include "store/limits.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace patchbay::store {

DiskThread::DiskThread(Priority priority)
    : thread_([this, priority](const std::stop_token& stop) {
          if (priority == Priority::Low) {
              // On Linux the nice value belongs to the thread.
              ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kCompressionNice);
          }
          run(stop);
      }) {}

DiskThread::~DiskThread() = default;

void DiskThread::add(std::unique_ptr<DiskJob> job) {
    {
        const std::lock_guard lock(mutex_);
        added_.push_back(std::move(job));
    }
    wake_.notify_one();
}

void DiskThread::run(const std::stop_token& stop) {
    Jobs jobs;
    while (!stop.stop_requested()) {
        wait_for_work(stop, jobs);
        std::erase_if(jobs,
                      [](const auto& job) { return job->step() == DiskJob::State::Finished; });
    }
    take_added(jobs);
    for (const auto& job : jobs) {
        job->stop();
    }
}

void DiskThread::wait_for_work(const std::stop_token& stop, Jobs& jobs) {
    {
        std::unique_lock lock(mutex_);
        const auto anything_new = [this] { return !added_.empty(); };
        if (jobs.empty()) {
            wake_.wait(lock, stop, anything_new);
        } else {
            wake_.wait_for(lock, stop, kDiskRound, anything_new);
        }
    }
    take_added(jobs);
}

void DiskThread::take_added(Jobs& jobs) {
    const std::lock_guard lock(mutex_);
    std::ranges::move(added_, std::back_inserter(jobs));
    added_.clear();
}

}  // namespace patchbay::store
