// SPDX-License-Identifier: Apache-2.0
// The embedded recognizer: where sentences are, and what is understood of them by telephone.
#include "speech/asr/sentence_recognizer.hpp"

#include "media/g711.hpp"
#include "media/resampler.hpp"
#include "support/voice_audio.hpp"
#include "support/word_errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string_view>

namespace patchbay::speech {
namespace {

using test::Samples;
using testing::IsEmpty;
using testing::SizeIs;

// Writes down what it is asked.
class Scribe final : public SphinxDecoder {
  public:
    explicit Scribe(std::vector<std::string>& log) : log_(log) {}

    void begin() override { samples_ = 0; }
    void write(std::span<const std::int16_t> samples) override { samples_ += samples.size(); }
    std::string partial() override { return "w" + std::to_string(samples_ / 16000); }
    std::string end() override {
        log_.push_back(std::to_string(samples_ / 160) + "0 ms");
        return "all";
    }

  private:
    std::vector<std::string>& log_;
    std::size_t samples_ = 0;
};

std::vector<Transcript> heard_of(SentenceRecognizer& recognizer, const Samples& audio) {
    std::vector<Transcript> out;
    for (std::size_t at = 0; at + media::kFrameSamples <= audio.size();
         at += media::kFrameSamples) {
        media::Frame frame;
        std::copy_n(audio.begin() + static_cast<std::ptrdiff_t>(at), frame.size(), frame.begin());
        recognizer.write(at, frame, out);
    }
    return out;
}

Samples with_pauses(const Samples& voice) {
    Samples out(8000);
    out.insert(out.end(), voice.begin(), voice.end());
    out.resize(out.size() + 16000);
    return out;
}

// As a caller sounds at the far end of a G.711 line.
Samples by_telephone(const Samples& wide) {
    auto down = *media::Resampler::make(16000, 8000);
    Samples narrow(wide.size() / 2);
    narrow.resize(down.process(wide, narrow).produced);
    for (std::int16_t& sample : narrow) {
        sample = media::decode_ulaw(media::encode_ulaw(sample));
    }
    auto up = *media::Resampler::make(8000, 16000);
    Samples out(narrow.size() * 2);
    out.resize(up.process(narrow, out).produced);
    return out;
}

TEST(SentenceRecognizer, ADecoderHearsTheSentenceWithALeadAndNothingElse) {
    std::vector<std::string> log;
    SentenceRecognizer recognizer(std::make_unique<Scribe>(log));
    const Samples voice = test::spoken("The birch canoe slid on the smooth planks.");
    const auto heard = heard_of(recognizer, with_pauses(voice));
    ASSERT_THAT(log, SizeIs(1));
    ASSERT_FALSE(heard.empty());
    EXPECT_TRUE(heard.back().final);
    EXPECT_EQ(heard.back().text, "all");
    const double begin = static_cast<double>(heard.back().begin->count()) / 1e6;
    EXPECT_NEAR(begin, 500 + 150, 200);
    const double end = static_cast<double>(heard.back().end->count()) / 1e6;
    EXPECT_NEAR(end, 500 + static_cast<double>(voice.size()) / 16, 350);
}

TEST(SentenceRecognizer, PartialsComeWhileItIsSaidAndOnlyWhenTheyChange) {
    std::vector<std::string> log;
    SentenceRecognizer recognizer(std::make_unique<Scribe>(log));
    const auto heard =
        heard_of(recognizer, with_pauses(test::spoken("Four hours of steady work faced us.")));
    ASSERT_GE(heard.size(), 3U);
    for (std::size_t i = 0; i + 1 < heard.size(); ++i) {
        EXPECT_EQ(heard[i].text, "w" + std::to_string(i));
        EXPECT_FALSE(heard[i].final);
        EXPECT_EQ(heard[i].begin, heard.back().begin);
    }
    EXPECT_TRUE(heard.back().final);
}

TEST(SentenceRecognizer, SilenceAndNoiseAreNoSentences) {
    std::vector<std::string> log;
    SentenceRecognizer recognizer(std::make_unique<Scribe>(log));
    EXPECT_THAT(heard_of(recognizer, Samples(160000)), IsEmpty());
    EXPECT_THAT(heard_of(recognizer, test::pink_noise(160000, -45)), IsEmpty());
}

TEST(SentenceRecognizer, WhoNeverPausesIsToldInPieces) {
    std::vector<std::string> log;
    SentenceRecognizer recognizer(std::make_unique<Scribe>(log));
    Samples endless;
    const Samples voice = test::spoken("Rice is often served in round bowls");
    while (endless.size() < std::size_t{50} * 16000) {
        endless.insert(endless.end(), voice.begin() + 4000, voice.end() - 4000);
    }
    heard_of(recognizer, with_pauses(endless));
    EXPECT_THAT(log, SizeIs(3));
}

TEST(HighBandFill, MakesAHighBandForTheTelephoneOnly) {
    const Samples voice = test::spoken("She sells sea shells by the sea shore.");
    for (const bool narrow : {true, false}) {
        Samples audio = narrow ? by_telephone(voice) : voice;
        const Samples before = audio;
        HighBandFill fill;
        for (std::size_t at = 0; at + 320 <= audio.size(); at += 320) {
            fill.process(std::span(audio).subspan(at, 320));
        }
        EXPECT_EQ(fill.is_filling(), narrow);
        // The end of a wide-band stream is as it was.
        const bool same = std::equal(audio.end() - 3200, audio.end(), before.end() - 3200);
        EXPECT_EQ(same, !narrow);
    }
}

bool has_model() {
    return std::filesystem::exists(std::string(kSphinxModel) + "/cmudict-en-us.dict");
}

std::string understood(SphinxDecoder& decoder, const Samples& audio) {
    HighBandFill fill;
    Samples filled = audio;
    fill.process(filled);
    decoder.begin();
    decoder.write(filled);
    return decoder.end();
}

TEST(SphinxDecoder, AGrammarIsUnderstoodByTelephone) {
    if (!has_model()) {
        GTEST_SKIP() << "pocketsphinx-en-us is not installed";
    }
    const auto task = SphinxTask::from({{"phrases", "yes, no, operator, good morning"}});
    ASSERT_TRUE(task);
    auto decoder = make_sphinx_decoder(*task, make_sphinx_language());
    ASSERT_TRUE(decoder) << describe(decoder.error());
    for (const char* phrase : {"yes", "no", "operator", "good morning"}) {
        EXPECT_EQ(understood(**decoder, by_telephone(with_pauses(test::spoken(phrase, "rms")))),
                  phrase);
    }
}

TEST(SphinxDecoder, KeywordsAreSpottedInWhatElseIsSaid) {
    if (!has_model()) {
        GTEST_SKIP() << "pocketsphinx-en-us is not installed";
    }
    const auto task = SphinxTask::from({{"keywords", "operator"}, {"keywordThreshold", "1e-20"}});
    ASSERT_TRUE(task);
    auto decoder = make_sphinx_decoder(*task, make_sphinx_language());
    ASSERT_TRUE(decoder) << describe(decoder.error());
    EXPECT_THAT(understood(**decoder,
                           by_telephone(with_pauses(test::spoken("the operator please", "rms")))),
                testing::HasSubstr("operator"));
    EXPECT_EQ(
        understood(**decoder, by_telephone(with_pauses(test::spoken("one two three four", "rms")))),
        "");
}

// "person him the" sounds the same; that nobody says so is what the language model knows.
TEST(SphinxDecoder, ADictationWeighsWhichWordsFollowEachOther) {
    if (!has_model()) {
        GTEST_SKIP() << "pocketsphinx-en-us is not installed";
    }
    auto decoder = make_sphinx_decoder({}, make_sphinx_language());
    ASSERT_TRUE(decoder) << describe(decoder.error());
    const std::string_view said = "i would like to speak to a person in the billing department";
    EXPECT_EQ(understood(**decoder, with_pauses(test::spoken(said, "rms"))), said);
}

TEST(SphinxDecoder, WhatCannotBeListenedForIsRefused) {
    const auto code = [](ProviderParameters extra) {
        const auto task = SphinxTask::from(extra);
        return task ? std::optional<Errc>() : task.error().code;
    };
    EXPECT_EQ(code({{"phrases", "yes"}, {"keywords", "no"}}), Errc::Malformed);
    EXPECT_EQ(code({{"phrases", "a;<b>"}}), Errc::Malformed);
    EXPECT_EQ(code({{"phrases", ""}}), Errc::Malformed);
    EXPECT_EQ(code({{"keywords", "yes"}, {"keywordThreshold", "2"}}), Errc::OutOfRange);
    EXPECT_EQ(code({{"grammar", std::string(100'000, 'x')}}), Errc::TooLarge);
    EXPECT_EQ(code({{"other", "x"}}), std::nullopt);
    if (!has_model()) {
        GTEST_SKIP() << "pocketsphinx-en-us is not installed";
    }
    for (const char* grammar : {"no grammar", "#JSGF V1.0; grammar g; public <g> = xqzzy;"}) {
        EXPECT_FALSE(
            make_sphinx_decoder({SphinxTask::Kind::Grammar, grammar}, make_sphinx_language()))
            << grammar;
    }
}

}  // namespace
}  // namespace patchbay::speech
