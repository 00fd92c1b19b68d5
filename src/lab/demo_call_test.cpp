// SPDX-License-Identifier: Apache-2.0
#include "lab/demo_call.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace patchbay::lab {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The client of the demonstration against a server that the test plays, in virtual time.
class DemoCallTest : public testing::Test {
  protected:
    void SetUp() override {
        DemoCall::Commands commands;
        call.start(now, commands);
        take(commands);
    }
    void happens(const call::Event& event) {
        DemoCall::Commands commands;
        call.handle_event(now, event, commands);
        take(commands);
    }
    void pass(Milliseconds time) {
        const Instant end = now + time;
        for (auto due = call.next_timeout(); due && *due <= end; due = call.next_timeout()) {
            now = *due;
            DemoCall::Commands commands;
            call.handle_timeout(now, commands);
            take(commands);
        }
        now = end;
    }
    void take(const DemoCall::Commands& commands) {
        for (const call::Command& command : commands) {
            sent.emplace_back(call::name_of(command));
        }
    }
    static call::Event key(std::string digit) {
        return call::event::Dtmf{.digit = std::move(digit)};
    }
    static call::Event begins(const std::string& play_id) {
        return call::event::TrackStart{.play_id = call::PlayId(play_id)};
    }
    static call::Event ends(const std::string& play_id, int length) {
        return call::event::TrackEnd{.duration = Milliseconds(length),
                                     .play_id = call::PlayId(play_id)};
    }
    void answer() {
        happens(call::event::Ringing{});
        pass(Milliseconds(600));
        happens(call::event::Answer{});
    }
    void press_keys() {
        happens(key("5"));
        happens(key("#"));
    }

    DemoScript script;
    DemoCall call{script, "sip:phone@192.0.2.1"};
    Instant now{Seconds(1000)};
    std::vector<std::string> sent;
};

TEST_F(DemoCallTest, DoesOneThingAfterTheOther) {
    EXPECT_THAT(sent, ElementsAre("invite"));
    answer();
    EXPECT_THAT(sent, ElementsAre("invite"));
    press_keys();
    EXPECT_THAT(sent, ElementsAre("invite", "tts"));
    happens(ends("sentence", 4000));
    pass(script.pause);
    EXPECT_THAT(sent, ElementsAre("invite", "tts", "play"));
    happens(ends(script.wav_name, 1200));
    pass(script.pause);
    happens(begins(script.mp3_name));
    pass(script.interrupt_after - Milliseconds(1));
    EXPECT_THAT(sent, ElementsAre("invite", "tts", "play", "play"));
    pass(Milliseconds(1));
    EXPECT_THAT(sent, ElementsAre("invite", "tts", "play", "play", "interrupt"));
    happens(ends(script.mp3_name, 1500));
    pass(script.pause);
    EXPECT_EQ(sent.back(), "hangup");
    happens(call::event::Hangup{.reason = "bySystem"});
    EXPECT_TRUE(call.is_over());
    EXPECT_THAT(call.record().errors, IsEmpty());
    EXPECT_EQ(call.record().digits, "5#");
    EXPECT_EQ(call.record().speech, Milliseconds(4000));
    EXPECT_EQ(call.record().wav, Milliseconds(1200));
    EXPECT_EQ(call.record().mp3, Milliseconds(1500));
    EXPECT_TRUE(call.record().interrupted.has_value());
}

TEST_F(DemoCallTest, APhoneThatNeverAnswersEndsInAnErrorAndAHangup) {
    happens(call::event::Ringing{});
    pass(Seconds(15));
    EXPECT_THAT(sent, ElementsAre("invite", "hangup"));
    EXPECT_THAT(call.record().errors, ElementsAre("waited in vain for the answer"));
    happens(call::event::Hangup{});
    EXPECT_TRUE(call.is_over());
}

TEST_F(DemoCallTest, AServerThatNeverHangsUpIsLeft) {
    pass(Seconds(15));
    pass(Seconds(5));
    EXPECT_TRUE(call.is_over());
    EXPECT_THAT(call.record().errors, ElementsAre("waited in vain for the answer",
                                                  "waited in vain for the end of the call"));
}

TEST_F(DemoCallTest, AnEarlyEndIsAnError) {
    answer();
    happens(call::event::Hangup{});
    EXPECT_TRUE(call.is_over());
    EXPECT_THAT(call.record().errors, ElementsAre("the call ended early"));
}

TEST_F(DemoCallTest, ErrorEventsAreKept) {
    happens(call::event::Error{.sender = "tts", .error = "no voice"});
    EXPECT_THAT(call.record().errors, ElementsAre("tts: no voice"));
    EXPECT_FALSE(call.is_over());
}

TEST_F(DemoCallTest, ALostConnectionEndsIt) {
    call.handle_closed("no server");
    EXPECT_TRUE(call.is_over());
    EXPECT_THAT(call.record().errors, ElementsAre("no server"));
    EXPECT_EQ(call.next_timeout(), std::nullopt);
}

}  // namespace
}  // namespace patchbay::lab
