// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"
#include "base/random.hpp"

#include <cstdint>
#include <span>

namespace patchbay::test {

// Repeatable, and on request the place where a bug of ours shows: engines draw identifiers in the
// middle of their steps, so a draw that breaks an invariant is a bug in any step a test likes.
class FragileRandom final : public Random {
  public:
    explicit FragileRandom(std::uint64_t seed) : sound_(seed) {}

    // The next `draws` draws break.
    void break_next(unsigned draws = 1) { broken_draws_ = draws; }

    void fill(std::span<std::uint8_t> out) override {
        if (broken_draws_ > 0) {
            --broken_draws_;
            broken_invariant("a bug of ours");
        }
        sound_.fill(out);
    }

  private:
    SeededRandom sound_;
    unsigned broken_draws_ = 0;
};

}  // namespace patchbay::test
