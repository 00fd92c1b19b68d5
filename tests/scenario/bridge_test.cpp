// SPDX-License-Identifier: Apache-2.0
// `bridge` and `unbridge`: two calls of one server hear each other, on one shard or on two.
#include "media/tone.hpp"
#include "support/sound.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::unique_ptr<media::FrameSource> endless_tone(double frequency) {
    return std::make_unique<media::ToneSource>(
        media::ToneSpec{.frequency = frequency, .level = -20});
}

double heard_by(World& world, std::size_t phone) {
    return frequency_of(std::span(world.phone_audio(phone).left).last(8000));
}

SessionKey call_phone(World& world,
                      const std::string& id,
                      std::size_t phone,
                      CallOption option = {}) {
    option.callee = World::phone_uri(phone);
    const SessionKey session = world.open(id);
    world.command(session, command::Invite{.option = std::move(option)});
    EXPECT_TRUE(world.run_until([&] { return world.happened(session, "answer"); }));
    return session;
}

// Calls "a" and "b" to phones 0 and 1, which sing 500 and 900 Hz.
class Bridge : public testing::Test {
  protected:
    Bridge() : world(three_phones()) {}

    static WorldOptions three_phones() {
        WorldOptions options;
        options.phones = {{}, {}, {}};
        return options;
    }
    void call_both(CallOption option = {}) {
        a = call_phone(world, "a", 0, std::move(option));
        b = call_phone(world, "b", 1);
        world.phone(0).play(endless_tone(500));
        world.phone(1).play(endless_tone(900));
    }
    void bridge(SessionKey session, const char* target) {
        world.command(session, command::Bridge{.target_session_id = SessionId(target)});
    }
    void expect_error(SessionKey session, int code) {
        const auto errors = world.all<event::Error>(session);
        ASSERT_THAT(errors, SizeIs(1));
        EXPECT_EQ(errors[0].code, code);
        EXPECT_EQ(errors[0].sender, "command");
        EXPECT_FALSE(world.happened(session, "hangup"));
    }
    std::vector<std::string> reports(SessionKey session) {
        std::vector<std::string> states;
        for (const event::Other& other : world.all<event::Other>(session)) {
            EXPECT_EQ(other.sender, "bridge");
            states.push_back(other.extra.at("state") + " " + other.extra.at("sessionId"));
        }
        return states;
    }

    World world;
    SessionKey a;
    SessionKey b;
};

TEST_F(Bridge, TwoCallsHearEachOther) {
    call_both();
    bridge(a, "b");
    world.run(Seconds(1));
    EXPECT_NEAR(heard_by(world, 0), 900, 5);
    EXPECT_NEAR(heard_by(world, 1), 500, 5);
    EXPECT_THAT(reports(a), ElementsAre("bridged b"));
    EXPECT_THAT(reports(b), ElementsAre("bridged a"));
}

TEST_F(Bridge, WhatIsSpokenInOneCallIsHeardByBoth) {
    call_both();
    world.phone(0).play(nullptr);
    world.phone(1).play(nullptr);
    bridge(a, "b");
    world.command(a, command::Play{.url = "tone.wav"});
    world.run(Seconds(1));
    EXPECT_NEAR(heard_by(world, 0), 440, 5);
    EXPECT_NEAR(heard_by(world, 1), 440, 5);
    world.command(a, command::Interrupt{});
    world.run(Seconds(1));
    EXPECT_EQ(heard_by(world, 0), 0);
    EXPECT_EQ(heard_by(world, 1), 0);
}

TEST_F(Bridge, EitherPartsAndBothGoOnAlone) {
    for (const bool first : {true, false}) {
        SCOPED_TRACE(first);
        World fresh(three_phones());
        const SessionKey one = call_phone(fresh, "a", 0);
        const SessionKey two = call_phone(fresh, "b", 1);
        fresh.phone(0).play(endless_tone(500));
        fresh.phone(1).play(endless_tone(900));
        fresh.command(one, command::Bridge{.target_session_id = SessionId("b")});
        fresh.run(Seconds(1));
        fresh.command(first ? one : two, command::Unbridge{});
        fresh.run(Seconds(1));
        EXPECT_EQ(heard_by(fresh, 0), 0);
        EXPECT_EQ(heard_by(fresh, 1), 0);
        EXPECT_EQ(fresh.all<event::Other>(one).size(), 2U);
        EXPECT_EQ(fresh.all<event::Other>(two).size(), 2U);
        fresh.command(two, command::Play{.url = "tone.wav"});
        fresh.run(Seconds(1));
        EXPECT_NEAR(heard_by(fresh, 1), 440, 5);
        EXPECT_EQ(heard_by(fresh, 0), 0);
    }
}

TEST_F(Bridge, TheEndOfOneCallIsNotThatOfTheOther) {
    call_both();
    bridge(a, "b");
    world.run(Seconds(1));
    world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); }, 0);
    world.run(Seconds(1));
    EXPECT_TRUE(world.happened(a, "hangup"));
    EXPECT_FALSE(world.happened(b, "hangup"));
    EXPECT_THAT(reports(b), ElementsAre("bridged a", "parted a"));
    EXPECT_EQ(heard_by(world, 1), 0);
}

TEST_F(Bridge, AfterwardsACallMayBeBridgedAgain) {
    call_both();
    const SessionKey c = call_phone(world, "c", 2);
    world.phone(2).play(endless_tone(1300));
    bridge(a, "b");
    world.run(Milliseconds(200));
    world.command(b, command::Unbridge{.target_session_id = SessionId("a")});
    world.run(Milliseconds(200));
    bridge(a, "c");
    world.run(Seconds(1));
    EXPECT_NEAR(heard_by(world, 0), 1300, 5);
    EXPECT_NEAR(heard_by(world, 2), 500, 5);
    EXPECT_EQ(heard_by(world, 1), 0);
    EXPECT_FALSE(world.happened(c, "error"));
}

TEST_F(Bridge, EachRecordingHoldsTheOtherCallOnTheRight) {
    CallOption recorded;
    recorded.recorder = RecorderOption{};
    call_both(recorded);
    bridge(a, "b");
    world.run(Seconds(1));
    const auto& recording = *world.history(a).recording;
    EXPECT_NEAR(frequency_of(std::span(recording.left).last(8000)), 500, 5);
    EXPECT_NEAR(frequency_of(std::span(recording.right).last(8000)), 900, 5);
}

TEST_F(Bridge, KeysGoOverAndAreToldToBothClientsOnce) {
    call_both();
    bridge(a, "b");
    world.run(Milliseconds(100));
    ASSERT_TRUE(world.phone(0).press("4"));
    world.run(Seconds(1));
    EXPECT_THAT(world.all<event::Dtmf>(a), SizeIs(1));
    EXPECT_THAT(world.all<event::Dtmf>(b), IsEmpty());
    EXPECT_THAT(world.phone_events(1),
                testing::Contains(testing::VariantWith<lab::PhoneDigit>(testing::_)));
}

TEST_F(Bridge, ACallThatIsMutedIsNotHeardByTheOther) {
    call_both();
    bridge(a, "b");
    world.command(a, command::Mute{.track_id = TrackId("a")});
    world.run(Seconds(1));
    EXPECT_EQ(heard_by(world, 1), 0);
    EXPECT_NEAR(heard_by(world, 0), 900, 5);
    world.command(a, command::Unmute{});
    world.run(Seconds(1));
    EXPECT_NEAR(heard_by(world, 1), 500, 5);
}

TEST_F(Bridge, ToNobodyIs404) {
    call_both();
    bridge(a, "nobody");
    expect_error(a, 404);
}

TEST_F(Bridge, WithItselfIs400) {
    call_both();
    bridge(a, "a");
    expect_error(a, 400);
}

TEST_F(Bridge, ToACallThatIsNotAnsweredIs409) {
    call_both();
    const SessionKey c = world.open("c");
    bridge(a, "c");
    expect_error(a, 409);
    EXPECT_FALSE(world.happened(c, "error"));
}

TEST_F(Bridge, ToACallThatIsJoinedAlreadyIs409AndChangesNothing) {
    call_both();
    const SessionKey c = call_phone(world, "c", 2);
    bridge(a, "b");
    bridge(c, "b");
    expect_error(c, 409);
    world.command(a, command::Refer{.caller = "", .callee = World::phone_uri(2)});
    expect_error(a, 409);
    world.run(Seconds(1));
    EXPECT_NEAR(heard_by(world, 0), 900, 5);
}

TEST_F(Bridge, PartingWithoutABridgeIs409AndFromAnotherCallIs404) {
    call_both();
    world.command(b, command::Unbridge{});
    expect_error(b, 409);
    bridge(a, "b");
    world.command(a, command::Unbridge{.target_session_id = SessionId("c")});
    expect_error(a, 404);
    EXPECT_THAT(reports(a), ElementsAre("bridged b"));
}

// Two worlds are two shards: each has its own Exchange, and its own thread in a real server.
class BridgeOfTwoShards : public testing::Test {
  protected:
    BridgeOfTwoShards() {
        here.on_bridge_elsewhere = [this](const BridgeRequest& request) {
            const Result<void> answer = there.accept_bridge(request);
            here.answer_bridge(request, answer);
        };
        a = call_phone(here, "a", 0);
        b = call_phone(there, "b", 0);
        here.phone(0).play(endless_tone(500));
        there.phone(0).play(endless_tone(900));
    }
    void run(Milliseconds duration) {
        for (Milliseconds passed{0}; passed < duration; passed += Milliseconds(5)) {
            here.run(Milliseconds(5));
            there.run(Milliseconds(5));
        }
    }

    World here;
    World there;
    SessionKey a;
    SessionKey b;
};

TEST_F(BridgeOfTwoShards, TheCallsHearEachOtherUntilOneParts) {
    here.command(a, command::Bridge{.target_session_id = SessionId("b")});
    run(Seconds(1));
    EXPECT_NEAR(heard_by(here, 0), 900, 5);
    EXPECT_NEAR(heard_by(there, 0), 500, 5);
    there.command(b, command::Unbridge{});
    run(Seconds(1));
    EXPECT_EQ(heard_by(here, 0), 0);
    EXPECT_EQ(heard_by(there, 0), 0);
    EXPECT_EQ(here.all<event::Other>(a).size(), 2U);
    EXPECT_EQ(there.all<event::Other>(b).size(), 2U);
}

TEST_F(BridgeOfTwoShards, TheEndOfOneCallIsNotThatOfTheOther) {
    here.command(a, command::Bridge{.target_session_id = SessionId("b")});
    run(Milliseconds(500));
    here.command(a, command::Hangup{});
    run(Seconds(1));
    EXPECT_FALSE(there.happened(b, "hangup"));
    EXPECT_EQ(there.all<event::Other>(b).size(), 2U);
    EXPECT_EQ(heard_by(there, 0), 0);
}

TEST_F(BridgeOfTwoShards, AnUnknownCallIs404) {
    here.command(a, command::Bridge{.target_session_id = SessionId("c")});
    ASSERT_THAT(here.all<event::Error>(a), SizeIs(1));
    EXPECT_EQ(here.all<event::Error>(a)[0].code, 404);
}

TEST_F(BridgeOfTwoShards, ACallThatEndsWhileTheOtherIsAskedLeavesItAlone) {
    std::optional<BridgeRequest> asked;
    here.on_bridge_elsewhere = [&](const BridgeRequest& request) { asked = request; };
    here.command(a, command::Bridge{.target_session_id = SessionId("b")});
    ASSERT_TRUE(asked);
    here.command(a, command::Hangup{});
    here.answer_bridge(*asked, there.accept_bridge(*asked));
    run(Milliseconds(100));
    EXPECT_FALSE(there.happened(b, "hangup"));
    EXPECT_EQ(there.all<event::Other>(b).size(), 2U) << "bridged, and parted at once";
}

}  // namespace
}  // namespace patchbay::test
