// SPDX-License-Identifier: Apache-2.0
#include "call/source_watch.hpp"

#include "call/limits.hpp"

#include <iterator>

namespace patchbay::call {
namespace {

bool holds(const std::optional<Instant>& banned_until, Instant now) {
    return banned_until && now < *banned_until;
}

}  // namespace

bool SourceWatch::admits(Instant now, const IpAddress& ip) {
    if (is_exempt(ip)) {
        return true;
    }
    Source& source = find_or_add(now, ip);
    if (holds(source.banned_until, now)) {
        ++counts_.banned;
        return false;
    }
    if (!source.messages.take(now, limits_.messages)) {
        ++counts_.flooded;
        return false;
    }
    return true;
}

bool SourceWatch::strike(Instant now, const IpAddress& ip) {
    ++counts_.strikes;
    if (is_exempt(ip) || find_or_add(now, ip).strikes.take(now, limits_.strikes)) {
        return false;
    }
    return ban(now, ip);
}

bool SourceWatch::ban(Instant now, const IpAddress& ip) {
    if (is_exempt(ip)) {
        return false;
    }
    Source& source = find_or_add(now, ip);
    counts_.bans += holds(source.banned_until, now) ? 0 : 1;
    source.banned_until = now + limits_.ban;
    return true;
}

bool SourceWatch::is_banned(Instant now, const IpAddress& ip) const {
    const auto found = by_ip_.find(ip);
    return found != by_ip_.end() && holds(found->second->banned_until, now);
}

SourceWatch::Source& SourceWatch::find_or_add(Instant now, const IpAddress& ip) {
    if (const auto found = by_ip_.find(ip); found != by_ip_.end()) {
        sources_.splice(sources_.begin(), sources_, found->second);
        return *found->second;
    }
    make_room(now);
    sources_.push_front(Source{ip, {}, {}, std::nullopt});
    by_ip_.emplace(ip, sources_.begin());
    return sources_.front();
}

// A banned source is spared while a few others stand behind it; a flood of banned ones is not worth
// more memory than any other.
void SourceWatch::make_room(Instant now) {
    if (sources_.size() < kWatchedSources) {
        return;
    }
    auto last = std::prev(sources_.end());
    for (int i = 0; i < 8 && holds(last->banned_until, now) && last != sources_.begin(); ++i) {
        --last;
    }
    by_ip_.erase(last->ip);
    sources_.erase(last);
}

}  // namespace patchbay::call
