// SPDX-License-Identifier: Apache-2.0
#include "app/directory.hpp"

#include <algorithm>
#include <tuple>

namespace patchbay::app {

Result<void> Directory::reserve(const call::SessionId& id, unsigned shard) {
    const std::lock_guard lock(mutex_);
    if (!entries_.try_emplace(id, Entry{.shard = shard, .summary = std::nullopt}).second) {
        return fail(Errc::Duplicate, "session id");
    }
    return {};
}

void Directory::update(unsigned shard, const call::SessionSummary& summary) {
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(summary.id, Entry{.shard = shard, .summary = summary});
}

void Directory::release(const call::SessionId& id) {
    const std::lock_guard lock(mutex_);
    entries_.erase(id);
}

std::optional<Directory::Entry> Directory::find(const call::SessionId& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

std::size_t Directory::count() const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(entries_.begin(), entries_.end(),
                      [](const auto& one) { return one.second.summary.has_value(); }));
}

std::vector<call::SessionSummary> Directory::list() const {
    std::vector<call::SessionSummary> calls;
    {
        const std::lock_guard lock(mutex_);
        for (const auto& [id, entry] : entries_) {
            if (entry.summary) {
                calls.push_back(*entry.summary);
            }
        }
    }
    std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) {
        return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
    });
    return calls;
}

}  // namespace patchbay::app
