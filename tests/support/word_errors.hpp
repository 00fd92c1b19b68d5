// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::test {

inline std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : std::string(text) + " ") {
        const auto letter = static_cast<unsigned char>(c);
        if (std::isalpha(letter) != 0 || c == '\'') {
            word += static_cast<char>(std::tolower(letter));
        } else if (!word.empty()) {
            out.push_back(std::move(word));
            word.clear();
        }
    }
    return out;
}

// Words that have to be changed, added or left out (Levenshtein's distance).
inline std::size_t word_errors(std::string_view said, std::string_view understood) {
    const auto wanted = words_of(said);
    const auto got = words_of(understood);
    std::vector<std::size_t> row(got.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < got.size(); ++j) {
            const std::size_t changed = diagonal + (wanted[i] == got[j] ? 0 : 1);
            diagonal = std::exchange(row[j + 1], std::min({row[j + 1] + 1, row[j] + 1, changed}));
        }
    }
    return row.back();
}

}  // namespace patchbay::test
