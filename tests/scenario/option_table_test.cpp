// SPDX-License-Identifier: Apache-2.0
// The tables of docs/speech.md say which field of an option has an effect with which provider; they
// are held against what the providers say themselves, and that is what calls go by.
#include "call/recognition.hpp"
#include "call/synthesis_plan.hpp"
#include "speech/asr/recognizers.hpp"
#include "speech/tts/speech_protocol.hpp"
#include "support/source_path.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace patchbay::test {
namespace {

using Cells = std::vector<std::string>;

Cells cells_of(const std::string& line) {
    Cells out;
    std::string cell;
    for (const char c : line.substr(1)) {
        if (c == '|') {
            out.push_back(cell);
            cell.clear();
        } else if (c != ' ' && c != '`') {
            cell += c;
        }
    }
    return out;
}

// provider -> field -> cell, of the table whose head begins with `first`.
std::map<std::string, std::map<std::string, std::string>> table(const std::string& first) {
    std::ifstream file(source_path("docs/speech.md"));
    std::map<std::string, std::map<std::string, std::string>> out;
    Cells head;
    std::string line;
    while (std::getline(file, line)) {
        const bool row = line.starts_with("|");
        if (row && head.empty() && line.starts_with("| " + first + " |")) {
            head = cells_of(line);
        } else if (!row) {
            if (!head.empty()) {
                break;
            }
        } else if (!head.empty() && !line.starts_with("|---")) {
            const Cells cells = cells_of(line);
            for (std::size_t i = 1; i < head.size() && i < cells.size(); ++i) {
                out[cells[0]][head[i]] = cells[i];
            }
        }
    }
    return out;
}

template <class Provider>
std::string cell_for(const Provider& provider, std::string_view field) {
    for (const std::string_view one : provider.needs) {
        if (one == field) {
            return "needed";
        }
    }
    return provider.knows(field) ? "used" : "-";
}

template <class Providers>
void expect_table(const Providers& providers, const std::string& first, const Cells& fields) {
    const auto rows = table(first);
    EXPECT_EQ(rows.size(), providers.size());
    for (const auto& provider : providers) {
        for (const std::string& field : fields) {
            const auto row = rows.find(std::string(provider.name));
            ASSERT_NE(row, rows.end()) << provider.name;
            const auto cell = row->second.find(field);
            ASSERT_NE(cell, row->second.end()) << provider.name << " " << field;
            EXPECT_EQ(cell->second, cell_for(provider, field)) << provider.name << " " << field;
        }
    }
}

TEST(OptionTable, OfRecognitionIsTrue) {
    expect_table(speech::recognizer_providers(), "`asr.provider`",
                 {"language", "appId", "secretId", "secretKey", "modelType", "bufferSize",
                  "samplerate", "endpoint", "extra"});
}

TEST(OptionTable, OfSynthesisIsTrue) {
    expect_table(speech::speech_providers(), "`tts.provider`",
                 {"speaker", "volume", "speed", "samplerate", "appId", "secretId", "secretKey",
                  "codec", "subtitle", "emotion", "language", "model", "sessionId", "endpoint",
                  "extra", "maxConcurrentTasks"});
}

TEST(OptionTable, WhatIsGivenWithoutEffectIsKnownToTheCall) {
    call::SynthesisOption option;
    option.codec = "opus";
    option.emotion = "sad";
    option.speaker = "rms";
    const auto plan = call::plan_synthesis(option, "flite", {});
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->unused, (std::vector<std::string>{"codec", "emotion"}));
    call::TranscriptionOption asr;
    asr.language = "en";
    asr.samplerate = 8000;
    const auto recognition = call::plan_recognition(asr, "pocketsphinx", {});
    ASSERT_TRUE(recognition);
    EXPECT_EQ(recognition->unused, (std::vector<std::string>{"language", "samplerate"}));
}

}  // namespace
}  // namespace patchbay::test
