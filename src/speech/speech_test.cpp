// SPDX-License-Identifier: Apache-2.0
#include "base/random.hpp"
#include "media/frame.hpp"
#include "media/level.hpp"
#include "speech/flite.hpp"
#include "speech/limits.hpp"
#include "speech/plain_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <thread>
#include <vector>

namespace patchbay::speech {
namespace {

constexpr std::string_view kSentence = "The quick brown fox jumps over the lazy dog, twice a day.";

struct KeptSamples final : SampleSink {
    std::vector<std::int16_t> samples;
    int pieces = 0;
    int cancel_after = -1;
    CancelFlag cancel;

    Result<void> write(std::span<const std::int16_t> more) override {
        samples.insert(samples.end(), more.begin(), more.end());
        if (++pieces == cancel_after) {
            cancel.cancel();
        }
        return {};
    }
};

class Flite : public testing::Test {
  protected:
    std::vector<std::int16_t> say(const SpeechRequest& request) const {
        KeptSamples kept;
        const auto result = synthesizer_->synthesize(request, kept, kept.cancel);
        EXPECT_TRUE(result);
        return kept.samples;
    }
    static double seconds(const std::vector<std::int16_t>& samples) {
        return static_cast<double>(samples.size()) / 16000;
    }

    // The voices mix in noise that differs each time: as long to the sample, as loud in every
    // piece.
    static bool sounds_like(std::span<const std::int16_t> a, std::span<const std::int16_t> b) {
        constexpr std::size_t kPiece = 1600;
        constexpr double kAudible = -50;
        bool alike = a.size() == b.size();
        for (std::size_t at = 0; alike && at + kPiece <= a.size(); at += kPiece) {
            const double one = std::max(kAudible, media::rms_level(a.subspan(at, kPiece)));
            const double other = std::max(kAudible, media::rms_level(b.subspan(at, kPiece)));
            alike = std::abs(one - other) < 3;
        }
        return alike;
    }

    std::unique_ptr<Synthesizer> synthesizer_ = make_flite_synthesizer();
};

TEST_F(Flite, ASentenceIsHeardAtAPlausibleLengthAndLevel) {
    for (const std::string_view speaker : {"slt", "rms", "kal16"}) {
        const auto speech = say({.text = std::string(kSentence), .speaker = std::string(speaker)});
        EXPECT_GT(seconds(speech), 2.0) << speaker;
        EXPECT_LT(seconds(speech), 6.0) << speaker;
        EXPECT_GT(media::rms_level(speech), -35) << speaker;
        EXPECT_LT(media::rms_level(speech), -8) << speaker;
    }
}

TEST_F(Flite, SpeakersDifferAndAnUnknownOneIsTheDefault) {
    const std::string text = "Hello.";
    const auto slt = say({.text = text, .speaker = "slt"});
    EXPECT_TRUE(sounds_like(slt, say({.text = text})));
    EXPECT_TRUE(sounds_like(slt, say({.text = text, .speaker = "601003"})));
    EXPECT_FALSE(sounds_like(slt, say({.text = text, .speaker = "rms"})));
    EXPECT_FALSE(sounds_like(slt, say({.text = text, .speaker = "kal16"})));
}

TEST_F(Flite, SpeedChangesTheLengthAndVolumeTheLevel) {
    const std::string text(kSentence);
    const auto normal = say({.text = text});
    EXPECT_NEAR(seconds(say({.text = text, .speed = 2.0})), seconds(normal) / 2, 0.3);
    EXPECT_NEAR(seconds(say({.text = text, .speed = 0.5})), seconds(normal) * 2, 0.5);
    EXPECT_EQ(say({.text = text, .speed = 100}).size(), say({.text = text, .speed = 2}).size());
    EXPECT_NEAR(media::rms_level(say({.text = text, .volume = 2.5})), media::rms_level(normal) - 6,
                0.5);
    EXPECT_EQ(media::peak(say({.text = text, .volume = 0})), 0);
}

TEST_F(Flite, TheFirstAudioComesInPiecesLongBeforeTheLast) {
    KeptSamples kept;
    ASSERT_TRUE(synthesizer_->synthesize({.text = std::string(kSentence)}, kept, kept.cancel));
    EXPECT_GT(kept.pieces, 20);
}

TEST_F(Flite, CancellingStopsWithinOnePiece) {
    KeptSamples kept;
    kept.cancel_after = 3;
    const auto result =
        synthesizer_->synthesize({.text = std::string(kSentence)}, kept, kept.cancel);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::Closed);
    EXPECT_EQ(kept.pieces, 3);
}

TEST_F(Flite, TextWithoutAWordSaysNothing) {
    for (const std::string_view text : {"", "   ", "...", "!?", "\n\t", "\xF0\x9F\x98\x80"}) {
        EXPECT_TRUE(say({.text = std::string(text)}).empty()) << text;
    }
}

TEST_F(Flite, TextPastTheLimitIsRefused) {
    KeptSamples kept;
    const auto result =
        synthesizer_->synthesize({.text = std::string(kMaxTextBytes + 1, 'a')}, kept, kept.cancel);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::TooLarge);
}

TEST_F(Flite, EachWordHasItsPlaceInTextAndAudio) {
    const std::string text = "Dial 23. Caf\xC3\xA9 \xE2\x80\x9Cnow\xE2\x80\x9D!";
    KeptSamples kept;
    const auto result = synthesizer_->synthesize({.text = text}, kept, kept.cancel);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->duration, media::duration_of(kept.samples.size()));
    std::vector<std::string> words;
    Nanoseconds before{};
    for (const SpokenWord& word : result->words) {
        words.push_back(text.substr(word.text_begin, word.text_end - word.text_begin));
        EXPECT_GE(word.audio_begin, before);
        EXPECT_GT(word.audio_end, word.audio_begin);
        before = word.audio_end;
    }
    EXPECT_THAT(words, testing::ElementsAre("Dial", "23", "Caf\xC3\xA9", "now"));
    EXPECT_LE(before, result->duration);
}

TEST_F(Flite, OneVoiceServesFourThreadsAtOnce) {
    const SpeechRequest request{.text = "One voice, four threads."};
    const auto expected = say(request);
    std::vector<std::thread> threads;
    std::array<int, 4> right{};
    for (int& count : right) {
        threads.emplace_back([&] {
            for (int i = 0; i < 5; ++i) {
                count += sounds_like(say(request), expected) ? 1 : 0;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_THAT(right, testing::Each(5));
}

TEST_F(Flite, AnyTextIsSurvived) {
    SeededRandom random(3);
    for (int round = 0; round < 40; ++round) {
        std::string text;
        for (std::uint32_t i = random.below(60); i > 0; --i) {
            text += static_cast<char>(random.below(256));
        }
        say({.text = text, .speaker = "kal16"});
    }
    say({.text = std::string(1000, 'x'), .speaker = "kal16"});
    say({.text = "$1,234,567.89 on 12/31/1999 at 11:59pm (#42) a@b.com <br> &amp; 1e400",
         .speaker = "kal16"});
}

TEST(PlainText, ForeignLettersBecomeTheirPlainTwins) {
    EXPECT_EQ(to_plain_text("na\xC3\xAFve caf\xC3\xA9").text, "naive cafe");
    EXPECT_EQ(to_plain_text("\xC5\xBD\xC3\xA9l\xC3\xA9zny \xC5\x81ukasz").text, "Zelezny Lukasz");
    EXPECT_EQ(to_plain_text("\xE2\x80\x9CIt\xE2\x80\x99s\xE2\x80\x9D").text, "\"It's\"");
    EXPECT_EQ(to_plain_text("a\xE2\x80\x94z").text, "a, z");
    EXPECT_EQ(to_plain_text("\xE4\xBD\xA0\xE5\xA5\xBD").text, "  ");
    EXPECT_EQ(to_plain_text("tab\tand\nline").text, "tab and line");
}

TEST(PlainText, BrokenUtf8IsASpaceAndNoMore) {
    EXPECT_EQ(to_plain_text("a\xC3").text, "a ");
    EXPECT_EQ(to_plain_text("a\xFF\xFE z").text, "a   z");
    EXPECT_EQ(to_plain_text("\xE2\x80").text, "  ");
}

TEST(PlainText, EveryCharacterKnowsWhereItCameFrom) {
    const auto plain = to_plain_text("\xC3\xA9\xE2\x82\xACz");
    EXPECT_EQ(plain.text, "e euros z");
    EXPECT_EQ(plain.origin.front(), 0U);
    EXPECT_EQ(plain.origin[3], 2U);
    EXPECT_EQ(plain.origin[plain.text.size() - 1], 5U);
    EXPECT_EQ(plain.origin.back(), 6U);
}

TEST(PlainText, SentencesEndWhereASpaceFollows) {
    const std::string_view text = "Pi is 3.14. Really? Yes";
    std::vector<std::string_view> pieces;
    for (const Sentence sentence : split_sentences(text)) {
        pieces.push_back(text.substr(sentence.begin, sentence.end - sentence.begin));
    }
    EXPECT_THAT(pieces, testing::ElementsAre("Pi is 3.14.", " Really?", " Yes"));
}

TEST(PlainText, LongTextIsCutAtASpace) {
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += "word ";
    }
    for (const Sentence sentence : split_sentences(text)) {
        EXPECT_LE(sentence.end - sentence.begin, kMaxSentence);
        EXPECT_TRUE(sentence.end == text.size() || text[sentence.end] == ' ');
    }
    EXPECT_EQ(split_sentences(std::string(1000, 'x')).size(), 5U);
}

}  // namespace
}  // namespace patchbay::speech
