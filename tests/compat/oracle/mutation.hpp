// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace patchbay::test {

// One small change to a text, of the kind that tells parsers apart: a character replaced, doubled,
// put in or taken out, two neighbours exchanged. NUL is left out, for the oracles read C strings.
inline std::string mutated(std::string text, Random& random) {
    static constexpr std::string_view kTelling = "aZ09.-_:;@<>\"[]?&=,/%+ \t\r\n*!~'()$#|{}\\^";
    const auto telling = [&] {
        return kTelling[random.below(static_cast<std::uint32_t>(kTelling.size()))];
    };
    if (text.empty()) {
        return {telling()};
    }
    const std::size_t at = random.below(static_cast<std::uint32_t>(text.size()));
    switch (random.below(5)) {
        case 0: text[at] = telling(); break;
        case 1: text.insert(at, 1, text[at]); break;
        case 2: text.insert(at, 1, telling()); break;
        case 3: text.erase(at, 1); break;
        default: std::swap(text[at], text[(at + 1) % text.size()]); break;
    }
    return text;
}

// The texts themselves, and `count` that differ from one of them by one to three changes.
inline std::vector<std::string> with_mutations(std::vector<std::string> texts,
                                               std::size_t count,
                                               std::uint64_t seed) {
    SeededRandom random(seed);
    const auto given = static_cast<std::uint32_t>(texts.size());
    for (std::size_t i = 0; i < count; ++i) {
        std::string text = texts[random.below(given)];
        for (std::uint32_t change = 0; change <= random.below(3); ++change) {
            text = mutated(std::move(text), random);
        }
        texts.push_back(std::move(text));
    }
    return texts;
}

}  // namespace patchbay::test
