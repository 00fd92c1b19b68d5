// SPDX-License-Identifier: Apache-2.0
#include "call/sentence_splitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace patchbay::call {
namespace {

using testing::ElementsAre;

std::vector<std::string> sentences_of(std::string_view text, std::size_t piece) {
    SentenceSplitter splitter;
    std::vector<std::string> sentences;
    for (std::size_t at = 0; at < text.size(); at += piece) {
        splitter.add(text.substr(at, piece));
        while (auto sentence = splitter.next()) {
            sentences.push_back(*sentence);
        }
    }
    if (std::string rest = splitter.rest(); !rest.empty()) {
        sentences.push_back(std::move(rest));
    }
    return sentences;
}

TEST(SentenceSplitter, GivesTheSameSentencesForPiecesOfEverySize) {
    const std::string text = "Good morning. It is 3.14 euros! Is that all right?\nThank you";
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
        EXPECT_THAT(sentences_of(text, piece), ElementsAre("Good morning.", "It is 3.14 euros!",
                                                           "Is that all right?", "Thank you"))
            << piece;
    }
}

TEST(SentenceSplitter, KnowsFullWidthMarks) {
    EXPECT_THAT(sentences_of("你好。再见！", 3), ElementsAre("你好。", "再见！"));
}

TEST(SentenceSplitter, GivesAnEndedSentenceWhenNoMoreTextComes) {
    SentenceSplitter splitter;
    splitter.add("One moment");
    EXPECT_EQ(splitter.next_if_complete(), std::nullopt);
    splitter.add(" please.");
    EXPECT_EQ(splitter.next(), std::nullopt);
    EXPECT_EQ(splitter.next_if_complete(), "One moment please.");
    EXPECT_TRUE(splitter.empty());
}

}  // namespace
}  // namespace patchbay::call
