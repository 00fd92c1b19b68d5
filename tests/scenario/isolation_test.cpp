// SPDX-License-Identifier: Apache-2.0
#include "base/ensure.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::HasSubstr;

// A bug of ours, on the tick of one call.
class BrokenSource final : public media::FrameSource {
  public:
    State read(media::Frame& /*out*/) override { broken_invariant("a bug of ours"); }
};

TEST(Isolation, ABrokenInvariantEndsItsOwnCallAndSparesTheOthers) {
    WorldOptions options;
    options.phones = {{}, {}, {}};
    World world(options);
    world.add_file("broken.wav", [] { return std::make_unique<BrokenSource>(); });
    std::vector<SessionKey> calls;
    for (std::size_t i = 0; i < 3; ++i) {
        calls.push_back(
            world.dial(CallOption{.callee = World::phone_uri(i)}, "call" + std::to_string(i)));
    }
    world.run(Seconds(1));
    world.command(calls[0], command::Play{.url = "tone.wav"});
    world.command(calls[2], command::Play{.url = "tone.wav"});
    world.command(calls[1], command::Play{.url = "broken.wav"});
    world.run(Seconds(2));

    EXPECT_THAT(world.story(calls[1]), ElementsAre("trackStart", "ringing", "answer", "trackStart",
                                                   "error", "trackEnd", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Error>(calls[1]).front().code, 500);
    EXPECT_EQ(world.all<event::Hangup>(calls[1]).front().reason, "failed");
    EXPECT_FALSE(world.phone(1).in_call());
    ASSERT_EQ(world.broken().size(), 1U);
    EXPECT_THAT(world.broken().front(), HasSubstr("a bug of ours"));
    EXPECT_THAT(world.broken().front(), HasSubstr("leg: Ringing --Answer--> Answered"));

    EXPECT_EQ(world.exchange().session_count(), 2U);
    EXPECT_EQ(world.open_ports(), 2U);
    for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
        EXPECT_TRUE(world.phone(i).in_call());
        const std::size_t before = world.heard_packets(i).size();
        world.run(Seconds(1));
        EXPECT_NEAR(static_cast<double>(world.heard_packets(i).size() - before), 50, 2);
    }
}

// The same inside the SIP stack, where the server acts on a message of the far end.
TEST(Isolation, ABrokenInvariantInTheDialogOfOneCallSparesTheOthers) {
    WorldOptions options;
    options.phones = {{}, {.answer_after = Seconds(2)}, {}};
    World world(options);
    std::vector<SessionKey> calls;
    for (std::size_t i = 0; i < 3; ++i) {
        calls.push_back(
            world.dial(CallOption{.callee = World::phone_uri(i)}, "call" + std::to_string(i)));
    }
    ASSERT_TRUE(world.run_until([&] { return world.phone(1).is_answered(); }));
    world.random().break_next();  // its 200 is under way; the next draw is the branch of the ACK
    world.run(Seconds(2));

    EXPECT_THAT(world.story(calls[1]),
                ElementsAre("trackStart", "ringing", "error", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Hangup>(calls[1]).front().reason, "failed");
    ASSERT_EQ(world.broken().size(), 1U);
    EXPECT_THAT(world.broken().front(), HasSubstr("a bug of ours"));
    EXPECT_EQ(world.exchange().session_count(), 2U);
    EXPECT_EQ(world.open_ports(), 2U);
    EXPECT_TRUE(world.phone(0).in_call());
    EXPECT_TRUE(world.phone(2).in_call());
    world.command(calls[0], command::Hangup{});
    world.run(Seconds(1));
    EXPECT_FALSE(world.phone(0).in_call());
}

TEST(Isolation, TheEndOfTheServerEndsEveryCall) {
    WorldOptions options;
    options.phones = {{}, {}, {.answer_after = std::nullopt}};
    World world(options);
    std::vector<SessionKey> calls;
    for (std::size_t i = 0; i < 3; ++i) {
        calls.push_back(
            world.dial(CallOption{.callee = World::phone_uri(i)}, "call" + std::to_string(i)));
    }
    calls.push_back(world.open("idle"));
    world.run(Seconds(1));
    Effects effects;
    world.exchange().hang_up_all(world.now(), effects);
    std::size_t hangups = 0;
    for (const Effect& effect : effects) {
        const auto* emitted = std::get_if<EmitEvent>(&effect);
        hangups += emitted != nullptr && name_of(emitted->event) == "hangup" ? 1 : 0;
    }
    EXPECT_EQ(hangups, 4U);
    EXPECT_EQ(world.exchange().session_count(), 0U);
}

// 100 calls at once share the four ticks and nothing else.
TEST(Isolation, CallsSpreadOverThePhasesByTheArrivalOfTheirPackets) {
    WorldOptions options;
    options.phones.assign(4, {});
    World world(options);
    for (std::size_t i = 0; i < 4; ++i) {
        world.dial(CallOption{.callee = World::phone_uri(i)}, "call" + std::to_string(i));
    }
    world.run(Seconds(5));
    EXPECT_EQ(world.exchange().session_count(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_NEAR(static_cast<double>(world.heard_packets(i).size()), 240, 10);
    }
}

}  // namespace
}  // namespace patchbay::test
