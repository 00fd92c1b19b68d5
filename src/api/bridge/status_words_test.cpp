// SPDX-License-Identifier: Apache-2.0
#include "api/bridge/status_words.hpp"

#include "bridge/graph/error_meaning.hpp"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::api::bridge {
namespace {

namespace graph = patchbay::bridge::graph;

TEST(StatusWords, WhatDiffersStaysInItsPlace) {
    EXPECT_EQ(status_text("the PBX does not answer (408)", Language::Portuguese),
              "o PBX não responde (408)");
    EXPECT_EQ(status_text("the PBX does not answer (408)", Language::English),
              "the PBX does not answer (408)");
    EXPECT_EQ(status_text("a call came 120 s late, and was not taken: is the clock of this "
                          "machine right?",
                          Language::Portuguese),
              "uma chamada chegou 120 s atrasada e não foi atendida: o relógio desta máquina está "
              "certo?");
}

TEST(StatusWords, ASentenceWithoutATranslationStaysAsItIs) {
    EXPECT_EQ(status_text("something new", Language::Portuguese), "something new");
}

TEST(StatusWords, AStarThatIsAKeyIsNoHole) {
    EXPECT_EQ(status_text("digits must be of 0-9 * # A-D", Language::Portuguese),
              "digits deve ser de 0-9 * # A-D");
}

TEST(StatusWords, EveryErrorOfGraphHasATranslation) {
    for (const graph::ErrorMeaning& meaning : graph::error_meanings()) {
        const std::string words = graph::trouble_of(graph::GraphError{.code = meaning.code}).words;
        EXPECT_NE(status_text(words, Language::Portuguese), words);
    }
}

}  // namespace
}  // namespace patchbay::api::bridge
