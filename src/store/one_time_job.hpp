// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/disk_thread.hpp"

#include <memory>
#include <utility>

namespace patchbay::store {

// A function for the disk thread: run once, also when the server ends first.
template <class Task>
class OneTimeJob final : public DiskJob {
  public:
    explicit OneTimeJob(Task task) : task_(std::move(task)) {}

    State step() override {
        task_();
        return State::Finished;
    }
    void stop() override { task_(); }

  private:
    Task task_;
};

template <class Task>
std::unique_ptr<DiskJob> make_one_time_job(Task task) {
    return std::make_unique<OneTimeJob<Task>>(std::move(task));
}

}  // namespace patchbay::store
