// SPDX-License-Identifier: Apache-2.0
#include "app/calls/event_log.hpp"

#include "app/limits.hpp"
#include "base/text.hpp"

namespace patchbay::app {

void EventLog::add(std::uint64_t sequence, const call::Event& event) {
    const std::lock_guard lock(mutex_);
    entries_.emplace_back(sequence, event);
    if (entries_.size() > kResumableEvents) {
        forgotten_ = entries_.front().first;
        entries_.pop_front();
    }
}

Result<void> EventLog::check(std::string_view token, std::uint64_t last_sequence) const {
    if (!equals_in_constant_time(token_, token)) {
        return fail(Errc::Forbidden, "resume token");
    }
    const std::lock_guard lock(mutex_);
    if (last_sequence < forgotten_) {
        return fail(Errc::OutOfRange, "events of the call");
    }
    return {};
}

std::vector<EventLog::Entry> EventLog::after(std::uint64_t last_sequence) const {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> missed;
    for (const Entry& entry : entries_) {
        if (entry.first > last_sequence) {
            missed.push_back(entry);
        }
    }
    return missed;
}

}  // namespace patchbay::app
