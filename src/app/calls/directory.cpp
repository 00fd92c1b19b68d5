// SPDX-License-Identifier: Apache-2.0
#include "app/calls/directory.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace patchbay::app {

Result<void> Directory::reserve(const call::SessionId& id, unsigned shard) {
    const std::lock_guard lock(mutex_);
    if (!entries_.try_emplace(id, Entry{.shard = shard, .summary = std::nullopt, .log = nullptr})
             .second) {
        return fail(Errc::Duplicate, "session id");
    }
    return {};
}

void Directory::update(unsigned shard, const call::SessionSummary& summary) {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[summary.id];
    entry.shard = shard;
    entry.summary = summary;
}

void Directory::release(const call::SessionId& id) {
    const std::lock_guard lock(mutex_);
    entries_.erase(id);
}

void Directory::end(const call::SessionId& id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(id); found != entries_.end()) {
        found->second.summary.reset();
    }
}

// The guard is the caller's. Few calls wait at any time, but the list may be long: a Call-ID is
// looked for only where the id is not known.
std::map<call::SessionId, Directory::Entry>::iterator Directory::find_offered(
    const call::SessionId& id) {
    if (const auto found = entries_.find(id); found != entries_.end()) {
        return found;
    }
    return std::find_if(entries_.begin(), entries_.end(), [&](const auto& one) {
        const auto& summary = one.second.summary;
        return summary && summary->awaits_application && summary->call_id == id.value();
    });
}

Result<Directory::Claim> Directory::claim(const call::SessionId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = find_offered(id);
    if (found == entries_.end()) {
        return fail(Errc::NotFound, "session id");
    }
    Entry& entry = found->second;
    if (entry.claimed || !entry.summary || !entry.summary->awaits_application) {
        return fail(Errc::Duplicate, "session id");
    }
    entry.claimed = true;
    return Claim{found->first, entry.shard};
}

void Directory::unclaim(const call::SessionId& id) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(id); found != entries_.end()) {
        found->second.claimed = false;
    }
}

void Directory::keep_log(const call::SessionId& id, std::shared_ptr<EventLog> log) {
    const std::lock_guard lock(mutex_);
    if (const auto found = entries_.find(id); found != entries_.end()) {
        found->second.log = std::move(log);
    }
}

std::optional<Directory::Entry> Directory::find(const call::SessionId& id) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? std::nullopt : std::optional(found->second);
}

// The Call-ID of a call that we began is its session id; those of calls that came in are searched.
std::optional<call::SessionSummary> Directory::find_call(std::string_view name) const {
    const std::lock_guard lock(mutex_);
    const auto by_id = entries_.find(call::SessionId(std::string(name)));
    if (by_id != entries_.end() && by_id->second.summary) {
        return by_id->second.summary;
    }
    const auto by_call_id = std::find_if(entries_.begin(), entries_.end(), [&](const auto& one) {
        return one.second.summary && one.second.summary->call_id == name;
    });
    return by_call_id == entries_.end() ? std::nullopt : by_call_id->second.summary;
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
