// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice/checklist.hpp"

#include "webrtc/limits.hpp"

#include <algorithm>

namespace patchbay::webrtc {
namespace {

std::uint64_t priority_of(const CandidatePair& pair, IceRole role) {
    return role == IceRole::Controlling ? pair_priority(pair.local_priority, pair.remote_priority)
                                        : pair_priority(pair.remote_priority, pair.local_priority);
}

bool is_undecided(PairState state) {
    return state == PairState::Frozen || state == PairState::Waiting ||
           state == PairState::InProgress;
}

}  // namespace

CandidatePair* Checklist::add(const LocalCandidate& local, const Candidate& remote, IceRole role) {
    CandidatePair pair;
    pair.path = {local.base, remote.address};
    pair.foundation = local.candidate.foundation + ':' + remote.foundation;
    pair.local_priority = local.candidate.priority;
    pair.remote_priority = remote.priority;
    pair.priority = priority_of(pair, role);
    if (CandidatePair* known = find(pair.path)) {
        return known;
    }
    if (!make_room(pair.priority)) {
        return nullptr;
    }
    const IcePath path = pair.path;
    pairs_.push_back(std::move(pair));
    sort();
    return find(path);
}

// RFC 8445 6.1.2.5: the worst pair goes. One that is being checked or has worked stays.
bool Checklist::make_room(std::uint64_t priority) {
    if (pairs_.size() < limits::kPairs) {
        return true;
    }
    const auto disposable = [&](const CandidatePair& pair) {
        return pair.priority < priority && pair.state != PairState::InProgress &&
               pair.state != PairState::Succeeded;
    };
    const auto worst = std::find_if(pairs_.rbegin(), pairs_.rend(), disposable);
    if (worst == pairs_.rend()) {
        return false;
    }
    std::erase(triggered_, worst->path);
    pairs_.erase(std::next(worst).base());
    return true;
}

CandidatePair* Checklist::find(const IcePath& path) {
    const auto found = std::ranges::find(pairs_, path, &CandidatePair::path);
    return found == pairs_.end() ? nullptr : &*found;
}

const CandidatePair* Checklist::find(const IcePath& path) const {
    const auto found = std::ranges::find(pairs_, path, &CandidatePair::path);
    return found == pairs_.end() ? nullptr : &*found;
}

void Checklist::set_role(IceRole role) {
    for (CandidatePair& pair : pairs_) {
        pair.priority = priority_of(pair, role);
    }
    sort();
}

// Equal priorities are told apart by the path, so that the order is the same in every run.
void Checklist::sort() {
    std::ranges::sort(pairs_, [](const CandidatePair& a, const CandidatePair& b) {
        return a.priority != b.priority ? a.priority > b.priority : a.path < b.path;
    });
}

bool Checklist::foundation_is_busy(const CandidatePair& pair) const {
    return std::ranges::any_of(pairs_, [&](const CandidatePair& other) {
        return other.foundation == pair.foundation &&
               (other.state == PairState::Waiting || other.state == PairState::InProgress);
    });
}

void Checklist::unfreeze_first_of_each_foundation() {
    for (CandidatePair& pair : pairs_) {
        if (pair.state == PairState::Frozen && !foundation_is_busy(pair)) {
            pair.state = PairState::Waiting;
        }
    }
}

void Checklist::unfreeze_like(const CandidatePair& succeeded) {
    for (CandidatePair& pair : pairs_) {
        if (pair.state == PairState::Frozen && pair.foundation == succeeded.foundation) {
            pair.state = PairState::Waiting;
        }
    }
}

void Checklist::trigger(CandidatePair& pair) {
    pair.state = PairState::Waiting;
    if (std::ranges::find(triggered_, pair.path) == triggered_.end()) {
        triggered_.push_back(pair.path);
    }
}

CandidatePair* Checklist::best(PairState state) {
    const auto found = std::ranges::find(pairs_, state, &CandidatePair::state);
    return found == pairs_.end() ? nullptr : &*found;
}

CandidatePair* Checklist::next() {
    while (!triggered_.empty()) {
        CandidatePair* pair = find(triggered_.front());
        triggered_.pop_front();
        if (pair != nullptr && pair->state == PairState::Waiting) {
            return pair;
        }
    }
    if (CandidatePair* waiting = best(PairState::Waiting)) {
        return waiting;
    }
    unfreeze_first_of_each_foundation();
    return best(PairState::Waiting);
}

bool Checklist::has_next() const {
    return !triggered_.empty() || std::ranges::any_of(pairs_, [&](const CandidatePair& pair) {
        return pair.state == PairState::Waiting ||
               (pair.state == PairState::Frozen && !foundation_is_busy(pair));
    });
}

void Checklist::give_up_below(std::uint64_t priority) {
    for (CandidatePair& pair : pairs_) {
        if (pair.priority < priority && is_undecided(pair.state)) {
            pair.state = PairState::Failed;
            std::erase(triggered_, pair.path);
        }
    }
}

bool Checklist::undecided() const {
    return std::ranges::any_of(pairs_,
                               [](const CandidatePair& pair) { return is_undecided(pair.state); });
}

bool Checklist::undecided_above(std::uint64_t priority) const {
    return std::ranges::any_of(pairs_, [&](const CandidatePair& pair) {
        return pair.priority > priority && is_undecided(pair.state);
    });
}

std::size_t Checklist::count(PairState state) const {
    return static_cast<std::size_t>(std::ranges::count(pairs_, state, &CandidatePair::state));
}

void Checklist::clear() {
    pairs_.clear();
    triggered_.clear();
}

}  // namespace patchbay::webrtc
