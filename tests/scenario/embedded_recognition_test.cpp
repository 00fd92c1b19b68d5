// SPDX-License-Identifier: Apache-2.0
// A flite voice speaks ten sentences through G.711 into a call, and the embedded recognizer hears
// them there.
#include "media/memory_source.hpp"
#include "speech/asr/sentence_recognizer.hpp"
#include "support/voice_audio.hpp"
#include "support/word_errors.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

namespace patchbay::test {
namespace {

using namespace call;
using testing::SizeIs;

constexpr std::string_view kSentences[] = {
    "I would like to speak to a person in the billing department.",
    "My account number is four seven two nine.",
    "Can you tell me when the store opens tomorrow?",
    "The package has not arrived and it is two weeks late.",
    "Please cancel my order and send the money back.",
    "Yes that is the right address.",
    "I need to change my appointment to next Monday.",
    "There is something wrong with the internet at my house.",
    "How much does it cost to call another country?",
    "Thank you very much for your help.",
};

// The real one, in the time of the world.
class Sphinx final : public EmbeddedRecognizer {
  public:
    explicit Sphinx(std::unique_ptr<speech::SphinxDecoder> decoder)
        : recognizer_(std::move(decoder)) {}

    std::vector<speech::Transcript> write(const media::Frame& frame) override {
        std::vector<speech::Transcript> out;
        recognizer_.write(position_, frame, out);
        position_ += frame.size();
        return out;
    }

  private:
    speech::SentenceRecognizer recognizer_;
    std::uint64_t position_ = 0;
};

// Figures that were measured with this voice and these sentences, and those of the design: 21.5 %
// by telephone, with and without the high band filled.
TEST(EmbeddedRecognition, TenSentencesThroughG711AreUnderstoodAsWellAsTheModelCan) {
    if (!std::filesystem::exists(std::string(speech::kSphinxModel) + "/en-us.lm.bin")) {
        GTEST_SKIP() << "pocketsphinx-en-us is not installed";
    }
    constexpr double kMostWordErrors = 0.215;
    World world;
    const auto language = speech::make_sphinx_language();
    world.set_recognizer([&](const speech::RecognitionRequest&) {
        auto decoder = speech::make_sphinx_decoder({}, language);
        EXPECT_TRUE(decoder.has_value());
        return std::make_unique<Sphinx>(std::move(*decoder));
    });
    CallOption option;
    option.asr = TranscriptionOption{};
    const SessionKey call = world.dial(option);
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    std::size_t errors = 0;
    std::size_t words = 0;
    for (std::size_t i = 0; i < std::size(kSentences); ++i) {
        world.run(Milliseconds(700));
        const Samples voice = spoken(kSentences[i], "rms");
        world.phone().play(std::make_unique<media::MemorySource>(voice));
        world.run(media::duration_of(voice.size()) + Seconds(1));
        const auto finals = world.all<event::AsrFinal>(call);
        ASSERT_THAT(finals, SizeIs(i + 1)) << kSentences[i];
        EXPECT_EQ(finals[i].index, i);
        errors += word_errors(kSentences[i], finals[i].text);
        words += words_of(kSentences[i]).size();
        RecordProperty("heard_" + std::to_string(i), finals[i].text);
    }
    const double rate = static_cast<double>(errors) / static_cast<double>(words);
    RecordProperty("word_errors_percent", std::to_string(100 * rate));
    EXPECT_LE(rate, kMostWordErrors);
}

}  // namespace
}  // namespace patchbay::test
