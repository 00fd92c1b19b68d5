// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/unique_function.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

namespace patchbay::net {

using Task = UniqueFunction<void()>;

// Bounded queue of tasks from any thread to one shard; a task carries values, never references to
// what a shard owns. A full mailbox refuses and counts, it never waits. Tasks of one sender run in
// the order in which they were put in.
class Mailbox {
  public:
    explicit Mailbox(std::size_t capacity) : capacity_(capacity) {}

    // Any thread. True when the mailbox was empty, so that the sender has to wake the receiver;
    // Errc::Unavailable when it is full.
    Result<bool> put(Task task);

    // The receiving thread. At most `count` tasks, oldest first.
    std::vector<Task> take(std::size_t count);

    // Any thread.
    bool empty() const;
    std::uint64_t refused() const;

  private:
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::deque<Task> tasks_;
    std::uint64_t refused_ = 0;
};

}  // namespace patchbay::net
