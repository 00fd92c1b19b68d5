// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "webrtc/ice/candidate.hpp"
#include "webrtc/ice/candidate_pair.hpp"

#include <cstddef>
#include <deque>
#include <vector>

namespace patchbay::webrtc {

// The check list of one component and its queue of triggered checks (RFC 8445 6.1.2): which pairs
// there are, best first, and which is to be checked next. It knows neither messages nor time.
class Checklist {
  public:
    // Adds the pair unless there is one with this path. Null when the list is full of better ones.
    CandidatePair* add(const LocalCandidate& local, const Candidate& remote, IceRole role);
    CandidatePair* find(const IcePath& path);
    const CandidatePair* find(const IcePath& path) const;

    // The order depends on who is controlling.
    void set_role(IceRole role);
    // RFC 8445 6.1.2.6: of each foundation the best pair waits, the others are frozen.
    void unfreeze_first_of_each_foundation();
    // RFC 8445 7.2.5.3.3: what resembles a pair that works probably works too.
    void unfreeze_like(const CandidatePair& succeeded);

    // The peer has just been heard there, so this one is checked before all others.
    void trigger(CandidatePair& pair);
    // RFC 8445 6.1.4.2: the pair to check now, or null.
    CandidatePair* next();
    bool has_next() const;
    // RFC 8445 8.1.2: a path is selected, so those that are worse need no check any more.
    void give_up_below(std::uint64_t priority);

    // A check that has not ended yet, one way or the other.
    bool undecided() const;
    bool undecided_above(std::uint64_t priority) const;
    std::size_t count(PairState state) const;
    const std::vector<CandidatePair>& pairs() const { return pairs_; }
    void clear();

  private:
    void sort();
    bool foundation_is_busy(const CandidatePair& pair) const;
    CandidatePair* best(PairState state);
    bool make_room(std::uint64_t priority);

    std::vector<CandidatePair> pairs_;  // best first
    std::deque<IcePath> triggered_;
};

}  // namespace patchbay::webrtc
