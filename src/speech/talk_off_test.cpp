// SPDX-License-Identifier: Apache-2.0
// Speech must not dial: a detector of keys that hears some in a voice is worse than none.
#include "media/in_band_keys.hpp"
#include "support/voice_audio.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace patchbay::speech {
namespace {

std::string keys_in(const test::Samples& sound) {
    media::InBandDetector detector;
    std::string keys;
    for (std::size_t at = 0; at + media::kFrameSamples <= sound.size();
         at += media::kFrameSamples) {
        media::Frame frame;
        std::copy_n(sound.begin() + static_cast<std::ptrdiff_t>(at), media::kFrameSamples,
                    frame.begin());
        detector.handle_frame(frame, keys);
    }
    return keys;
}

class TalkOff : public testing::TestWithParam<const char*> {};

// About 40 seconds of each voice: every vowel of English, and the words for digits.
TEST_P(TalkOff, AVoiceDialsNothing) {
    test::Samples all;
    for (const char* const text :
         {"The birch canoe slid on the smooth planks. Glue the sheet to the dark blue background.",
          "It is easy to tell the depth of a well. These days a chicken leg is a rare dish.",
          "Rice is often served in round bowls. The juice of lemons makes fine punch.",
          "The box was thrown beside the parked truck. The hogs were fed chopped corn and garbage.",
          "Four hours of steady work faced us. A large size in stockings is hard to sell.",
          "Zero one two three four five six seven eight nine, star, pound. Oh, eee, ooo, aah, why.",
          "Please hold the line while I connect you. Your call is number eleven in the queue."}) {
        const test::Samples part = test::spoken(text, GetParam());
        all.insert(all.end(), part.begin(), part.end());
    }
    ASSERT_GT(all.size(), 16000U * 25);
    EXPECT_EQ(keys_in(all), "");
}

INSTANTIATE_TEST_SUITE_P(Voices, TalkOff, testing::Values("slt", "rms", "kal16"));

TEST(TalkOff, KeysAreStillFoundBetweenWords) {
    test::Samples sound = test::spoken("Press one or two now.");
    media::InBandDialler dialler;
    ASSERT_TRUE(dialler.enqueue("12", {}));
    while (dialler.busy()) {
        media::Frame frame;
        dialler.read(frame);
        sound.insert(sound.end(), frame.begin(), frame.end());
    }
    const test::Samples after = test::spoken("Thank you.");
    sound.insert(sound.end(), after.begin(), after.end());
    EXPECT_EQ(keys_in(sound), "12");
}

}  // namespace
}  // namespace patchbay::speech
