// SPDX-License-Identifier: Apache-2.0
#include "app/terminal/event_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::app {
namespace {

using namespace call;

TEST(EventText, SaysWhatAPersonWantsToKnow) {
    EXPECT_EQ(describe(Event(event::Ringing{})), "ringing");
    EXPECT_EQ(describe(Event(event::Ringing{.early_media = true})), "ringing with early media");
    EXPECT_EQ(describe(Event(event::Dtmf{.digit = "5"})), "dtmf 5");
    EXPECT_EQ(describe(Event(event::Reject{.reason = "Busy Here", .code = 486})),
              "reject 486 Busy Here");
    EXPECT_EQ(describe(Event(event::Hangup{.reason = "bySystem", .initiator = "system"})),
              "hangup bySystem, by system");
    EXPECT_EQ(describe(Event(
                  event::TrackEnd{.duration = Milliseconds(1840), .play_id = PlayId("greeting")})),
              "trackEnd greeting, 1840 ms");
    EXPECT_EQ(describe(Event(event::TrackStart{.track_id = TrackId("server")})),
              "trackStart server");
    EXPECT_EQ(describe(Event(event::Error{.sender = "tts", .error = "no voice"})),
              "error tts: no voice");
    EXPECT_EQ(describe(Event(event::Ping{})), "ping");
}

TEST(CommandText, NamesTheCommandAndItsObject) {
    EXPECT_EQ(describe(Command(command::Play{.url = "a.wav"})), "play a.wav");
    EXPECT_EQ(describe(Command(command::Tts{.text = "Hello"})), "tts \"Hello\"");
    EXPECT_EQ(describe(Command(command::Dtmf{.digits = "5"})), "dtmf 5");
    EXPECT_EQ(describe(Command(command::Interrupt{})), "interrupt");
}

TEST(CommandText, CutsLongTexts) {
    const std::string text(200, 'a');
    EXPECT_EQ(describe(Command(command::Tts{.text = text})),
              "tts \"" + std::string(60, 'a') + "...\"");
}

}  // namespace
}  // namespace patchbay::app
