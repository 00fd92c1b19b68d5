// SPDX-License-Identifier: Apache-2.0
#include "lab/phone_note.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::lab {
namespace {

constexpr WallTime kTime{1'640'995'200'000};

std::vector<PhoneNote> one_of_each() {
    return {note::Listening{kTime, "sip:phone@127.0.0.1:5070"},
            note::Registered{kTime, 300},
            note::NotRegistered{kTime, 403},
            note::Ringing{kTime, "sip:alice@192.0.2.1"},
            note::Ringing{kTime, ""},
            note::Answered{kTime, "PCMU/8000"},
            note::SoundBegan{kTime, -16.5},
            note::SoundStopped{kTime},
            note::Digit{kTime, "#"},
            note::Rejected{kTime, 486, "Busy Here"},
            note::Ended{.timestamp = kTime,
                        .by_far_end = true,
                        .heard = 2500,
                        .level = -20.5,
                        .passages = {{.from = 0, .to = 1000, .level = -16, .frequency = 440},
                                     {.from = 1200, .to = 2000, .level = -30}},
                        .digits = "5#",
                        .packets_received = 125,
                        .packets_lost = 1,
                        .jitter = 0.5,
                        .packets_sent = 120},
            note::Problem{kTime, "no answer"}};
}

TEST(PhoneNotes, ComeBackFromJsonAsTheyWere) {
    for (const PhoneNote& note : one_of_each()) {
        const std::string json = encode_note(note);
        const auto decoded = decode_note(json);
        ASSERT_TRUE(decoded) << json;
        EXPECT_EQ(encode_note(*decoded), json);
        EXPECT_EQ(decoded->index(), note.index());
        EXPECT_EQ(timestamp_of(*decoded), kTime);
    }
}

TEST(PhoneNotes, AreOneLineOfJsonWithTheirName) {
    EXPECT_EQ(encode_note(note::Digit{kTime, "#"}),
              R"({"event":"digit","timestamp":1640995200000,"digit":"#"})");
}

TEST(PhoneNotes, TellAPersonWhatWasHeard) {
    EXPECT_EQ(describe(one_of_each()[10]),
              "the far end hung up\n"
              "  heard 2.50 s, -20.5 dBFS\n"
              "    tone 440 Hz     -16.0 dBFS  from    0.00 to    1.00 s\n"
              "    sound           -30.0 dBFS  from    1.20 to    2.00 s\n"
              "  keys 5#\n"
              "  packets 125 in, 1 lost, jitter 0.5 ms; 120 out");
    EXPECT_EQ(describe(note::Rejected{kTime, 486, "Busy Here"}), "not accepted: 486 Busy Here");
    EXPECT_EQ(describe(note::Ringing{kTime, ""}), "the far end rings");
}

}  // namespace
}  // namespace patchbay::lab
