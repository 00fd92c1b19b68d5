// SPDX-License-Identifier: Apache-2.0
#include "net/mailbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace patchbay::net {

Result<bool> Mailbox::put(Task task) {
    const std::lock_guard lock(mutex_);
    if (tasks_.size() >= capacity_) {
        ++refused_;
        return fail(Errc::Unavailable, "shard mailbox", static_cast<std::int64_t>(capacity_));
    }
    tasks_.push_back(std::move(task));
    return tasks_.size() == 1;
}

std::vector<Task> Mailbox::take(std::size_t count) {
    const std::lock_guard lock(mutex_);
    const auto end = tasks_.begin() + static_cast<std::ptrdiff_t>(std::min(count, tasks_.size()));
    std::vector<Task> taken(std::make_move_iterator(tasks_.begin()), std::make_move_iterator(end));
    tasks_.erase(tasks_.begin(), end);
    return taken;
}

bool Mailbox::empty() const {
    const std::lock_guard lock(mutex_);
    return tasks_.empty();
}

std::uint64_t Mailbox::refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
}

}  // namespace patchbay::net
