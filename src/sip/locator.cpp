// SPDX-License-Identifier: Apache-2.0
#include "sip/locator.hpp"

#include "sip/limits.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::sip {
namespace {

// A place in a full map: what is over goes first, else what would be over soonest.
template <class Map, class Until>
void make_room(Map& map, std::size_t limit, Instant now, Until until) {
    if (map.size() < limit) {
        return;
    }
    std::erase_if(map, [&](const auto& entry) { return until(entry.second) <= now; });
    if (map.size() >= limit) {
        map.erase(std::min_element(map.begin(), map.end(), [&](const auto& a, const auto& b) {
            return until(a.second) < until(b.second);
        }));
    }
}

}  // namespace

LookupId Locator::locate(Instant now, const Uri& uri, Outputs& out) {
    const LookupId id(++last_id_);
    if (lookups_.size() >= kMaxLookups) {
        out.emplace_back(Located{id, fail(Errc::Unavailable, "lookup")});
        return id;
    }
    lookups_.emplace(id, Lookup{uri, now + kLookupTime, {}, {}});
    go_on(now, id, out);
    return id;
}

void Locator::forget(LookupId lookup) {
    lookups_.erase(lookup);
}

void Locator::go_on(Instant now, LookupId id, Outputs& out) {
    Lookup& lookup = lookups_.at(id);
    while (true) {
        auto location = sip::locate(lookup.uri, lookup.known, policy_, random_);
        if (!location) {
            return finish(now, id, tl::unexpected(location.error()), out);
        }
        if (location->questions.empty()) {
            return finish(now, id, std::move(location->targets), out);
        }
        bool learned = false;
        for (const DnsQuestion& question : location->questions) {
            if (const DnsAnswer* const answer = cached(now, question)) {
                lookup.known.emplace(question, *answer);
                learned = true;
            } else if (!lookup.waiting.contains(question)) {
                const bool asked = std::ranges::any_of(lookups_, [&](const auto& other) {
                    return other.second.waiting.contains(question);
                });
                lookup.waiting.insert(question);
                if (!asked) {
                    out.emplace_back(question);
                }
            }
        }
        if (!learned) {
            return;
        }
    }
}

void Locator::handle_answer(Instant now,
                            const DnsQuestion& question,
                            Result<DnsAnswer> answer,
                            Outputs& out) {
    if (answer) {
        const Seconds time = std::min(answer->time_to_live, kMaxDnsTime);
        keep(now, question, *answer, time);
    } else if (answer.error().code == Errc::NotFound) {
        keep(now, question, {}, kNegativeDnsTime);
    }
    std::vector<LookupId> waiting;
    for (auto& [id, lookup] : lookups_) {
        if (lookup.waiting.erase(question) != 0) {
            lookup.known.emplace(question, answer.value_or(DnsAnswer{}));
            waiting.push_back(id);
        }
    }
    for (const LookupId id : waiting) {
        go_on(now, id, out);
    }
}

void Locator::finish(Instant now, LookupId id, Result<std::vector<Target>> targets, Outputs& out) {
    lookups_.erase(id);
    if (targets) {
        put_resting_last(now, *targets);
    }
    out.emplace_back(Located{id, std::move(targets)});
}

const DnsAnswer* Locator::cached(Instant now, const DnsQuestion& question) const {
    const auto found = cache_.find(question);
    return found != cache_.end() && now < found->second.until ? &found->second.answer : nullptr;
}

void Locator::keep(Instant now,
                   const DnsQuestion& question,
                   const DnsAnswer& answer,
                   Seconds time) {
    cache_.erase(question);
    if (time <= Seconds{0}) {
        return;
    }
    make_room(cache_, kMaxDnsAnswers, now, [](const Cached& one) { return one.until; });
    cache_.emplace(question, Cached{answer, now + time});
}

void Locator::rest(Instant now, const Target& target) {
    resting_.erase(target);
    make_room(resting_, kMaxRestingTargets, now, [](Instant until) { return until; });
    resting_.emplace(target, now + kTargetRest);
}

// None is left out: when all of them rest, the call has its chance all the same.
void Locator::put_resting_last(Instant now, std::vector<Target>& targets) const {
    std::vector<Target> rested;
    std::erase_if(targets, [&](const Target& target) {
        const auto found = resting_.find(target);
        const bool rests = found != resting_.end() && now < found->second;
        if (rests) {
            rested.push_back(target);
        }
        return rests;
    });
    targets.insert(targets.end(), rested.begin(), rested.end());
}

void Locator::handle_timeout(Instant now, Outputs& out) {
    std::vector<LookupId> over;
    for (const auto& [id, lookup] : lookups_) {
        if (lookup.deadline <= now) {
            over.push_back(id);
        }
    }
    for (const LookupId id : over) {
        finish(now, id, fail(Errc::Timeout, "lookup"), out);
    }
}

std::optional<Instant> Locator::next_timeout() const {
    std::optional<Instant> first;
    for (const auto& [id, lookup] : lookups_) {
        first = std::min(first.value_or(lookup.deadline), lookup.deadline);
    }
    return first;
}

}  // namespace patchbay::sip
