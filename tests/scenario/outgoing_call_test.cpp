// SPDX-License-Identifier: Apache-2.0
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;

TEST(OutgoingCall, RingsIsAnsweredSpeaksPlaysHearsKeysAndHangsUp) {
    World world;
    CallOption option;
    option.recorder = RecorderOption{};
    const SessionKey call = world.dial(option);
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    world.command(call, command::Tts{.text = "one two three", .play_id = PlayId("hello")});
    world.run(Seconds(1));
    world.command(call, command::Play{.url = "tone.wav"});
    world.run(Seconds(1));
    ASSERT_TRUE(world.phone().press("5#"));
    world.run(Seconds(1));
    world.command(call, command::Interrupt{});
    world.run(Milliseconds(200));
    world.command(call, command::Hangup{.reason = "user_requested", .initiator = "user"});
    world.run(Seconds(1));
    EXPECT_THAT(world.story(call),
                ElementsAre("trackStart", "ringing", "answer", "trackStart", "trackEnd",
                            "trackStart", "dtmf", "dtmf", "trackEnd", "trackEnd", "hangup"));
    EXPECT_FALSE(world.phone().in_call());
    EXPECT_EQ(world.open_ports(), 0U);
    EXPECT_EQ(world.exchange().session_count(), 0U);
}

}  // namespace
}  // namespace patchbay::test
