// SPDX-License-Identifier: Apache-2.0
#include "call/sentence_splitter.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace patchbay::call {
namespace {

constexpr std::string_view kAsciiMarks = ".!?;:";
// Ideographic full stop, and full-width exclamation mark, question mark and semicolon, in UTF-8.
constexpr std::array<std::string_view, 4> kWideMarks = {"\xE3\x80\x82", "\xEF\xBC\x81",
                                                        "\xEF\xBC\x9F", "\xEF\xBC\x9B"};

std::size_t wide_mark_at(std::string_view text) {
    const auto found = std::find_if(kWideMarks.begin(), kWideMarks.end(),
                                    [&](std::string_view m) { return text.starts_with(m); });
    return found == kWideMarks.end() ? 0 : found->size();
}

bool is_mark(char c) {
    return kAsciiMarks.find(c) != std::string_view::npos;
}

// Length of the first complete sentence, or 0.
std::size_t complete_length(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (const std::size_t wide = wide_mark_at(text.substr(i))) {
            return i + wide;
        }
        if (text[i] == '\n' || (is_mark(text[i]) && i + 1 < text.size() && is_space(text[i + 1]))) {
            return i + 1;
        }
    }
    return 0;
}

}  // namespace

std::string SentenceSplitter::take(std::size_t length) {
    std::string sentence(trim(std::string_view(pending_).substr(0, length)));
    pending_.erase(0, length);
    return sentence;
}

std::optional<std::string> SentenceSplitter::next() {
    while (const std::size_t length = complete_length(pending_)) {
        if (std::string sentence = take(length); !sentence.empty()) {
            return sentence;
        }
    }
    return std::nullopt;
}

std::optional<std::string> SentenceSplitter::next_if_complete() {
    const std::string_view text = trim(pending_);
    if (text.empty() || !is_mark(text.back())) {
        return std::nullopt;
    }
    return take(pending_.size());
}

std::string SentenceSplitter::rest() {
    return take(pending_.size());
}

}  // namespace patchbay::call
