// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::speech {

// Text in the letters that an English voice can read, and where each came from.
struct PlainText {
    std::string text;                 // printable ASCII
    std::vector<std::size_t> origin;  // per character, and for the end: its byte in the given text
};

// UTF-8 to ASCII: typographic quotes and dashes by their plain twins, accented Latin letters by
// their base letter, everything else (other scripts, emoji, control characters, broken UTF-8) by a
// space.
PlainText to_plain_text(std::string_view utf8);

// A stretch of text that is synthesized in one go.
struct Sentence {
    std::size_t begin = 0;
    std::size_t end = 0;
};

// Cuts after '.', '!', '?', ';' or ':' that a space follows, and, so that the first audio never
// waits for long, within kMaxSentence characters. Stretches without a letter or digit are left out.
std::vector<Sentence> split_sentences(std::string_view text);

}  // namespace patchbay::speech
