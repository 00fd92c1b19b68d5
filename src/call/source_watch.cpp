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

SourceWatch::Verdict LocalSourceWatch::hear(Instant now, const IpAddress& ip) {
    if (is_exempt(ip)) {
        return Verdict::Heard;
    }
    Source& source = find_or_add(now, ip);
    if (holds(source.banned_until, now)) {
        return Verdict::Banned;
    }
    return source.messages.take(now, limits_.messages) ? Verdict::Heard : Verdict::Flooding;
}

SourceWatch::Ban LocalSourceWatch::strike(Instant now, const IpAddress& ip) {
    if (is_exempt(ip) || find_or_add(now, ip).strikes.take(now, limits_.strikes)) {
        return Ban::None;
    }
    return ban(now, ip);
}

SourceWatch::Ban LocalSourceWatch::ban(Instant now, const IpAddress& ip) {
    if (is_exempt(ip)) {
        return Ban::None;
    }
    Source& source = find_or_add(now, ip);
    const bool before = holds(source.banned_until, now);
    source.banned_until = now + limits_.ban;
    return before ? Ban::Renewed : Ban::New;
}

bool LocalSourceWatch::is_banned(Instant now, const IpAddress& ip) const {
    const auto found = by_ip_.find(ip);
    return found != by_ip_.end() && holds(found->second->banned_until, now);
}

LocalSourceWatch::Source& LocalSourceWatch::find_or_add(Instant now, const IpAddress& ip) {
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
void LocalSourceWatch::make_room(Instant now) {
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
