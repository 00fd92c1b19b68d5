// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace patchbay::call {

// Cuts text that arrives in pieces of any size (the tokens of a language model) into sentences, the
// smallest thing that a synthesizer can speak with the right melody.
class SentenceSplitter {
  public:
    void add(std::string_view piece) { pending_ += piece; }

    // The next sentence that is surely complete: its end mark is followed by white space, so that
    // "3.14" is never cut, or is one of the full-width marks, which nothing needs to follow.
    std::optional<std::string> next();
    // What is left, when it reads like a whole sentence: for when no more text came for a while.
    std::optional<std::string> next_if_complete();
    // What is left, whatever it is. Empty when nothing is.
    std::string rest();

    bool empty() const { return pending_.empty(); }

  private:
    std::string take(std::size_t length);

    std::string pending_;
};

}  // namespace patchbay::call
