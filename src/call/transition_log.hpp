// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "call/limits.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::call {

// One change of one small machine of a call. The texts are names of states and inputs with static
// storage, so that noting a change costs a copy.
struct Transition {
    Instant at;
    std::string_view machine;
    std::string_view from;
    std::string_view input;
    std::string_view to;
};

// The last state changes of a call, printed when the call breaks and by whoever asks why it went
// wrong. Owned by the session.
class TransitionLog {
  public:
    void note(const Transition& transition) {
        if (entries_.size() < kTransitionsKept) {
            entries_.push_back(transition);
        } else {
            entries_[count_ % kTransitionsKept] = transition;
        }
        ++count_;
    }
    std::size_t total() const { return count_; }

    // Oldest first, one line each: "+1250 ms leg: Ringing --Answer--> Answered"; times count from
    // `start`.
    std::string to_string(Instant start) const;

  private:
    std::vector<Transition> entries_;  // most calls have few
    std::size_t count_ = 0;
};

}  // namespace patchbay::call
