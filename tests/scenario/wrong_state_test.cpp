// SPDX-License-Identifier: Apache-2.0
#include "call/command_rules.hpp"
#include "support/world.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace patchbay::test {
namespace {

using namespace call;

template <std::size_t... Index>
std::vector<Command> one_of_each(std::index_sequence<Index...>) {
    return {Command(std::in_place_index<Index>)...};
}

// Brings a call into the state, as far as the API lets a client see it.
SessionKey call_in(World& world, LegState state) {
    if (state == LegState::Idle) {
        return world.open();
    }
    const SessionKey call = world.dial();
    if (state == LegState::Ringing || state == LegState::Early) {
        world.run_until([&] { return world.happened(call, "ringing"); });
    } else if (state == LegState::Answered) {
        world.run_until([&] { return world.happened(call, "answer"); });
    }
    return call;
}

WorldOptions options_for(LegState state) {
    WorldOptions options;
    options.phones = {{.answer_after = Milliseconds(500), .early_media = state == LegState::Early}};
    return options;
}

TEST(WrongState, EveryCommandThatIsNotLegalIsOneErrorAndTheCallGoesOn) {
    const auto commands = one_of_each(std::make_index_sequence<std::variant_size_v<Command>>{});
    for (const LegState state : {LegState::Idle, LegState::Inviting, LegState::Ringing,
                                 LegState::Early, LegState::Answered}) {
        World world(options_for(state));
        const SessionKey call = call_in(world, state);
        std::size_t refused = 0;
        for (const Command& command : commands) {
            if (judge(command, state, false) == Verdict::Serve) {
                continue;
            }
            world.command(call, command);
            const auto errors = world.all<event::Error>(call);
            ASSERT_EQ(errors.size(), ++refused) << name_of(command);
            EXPECT_EQ(errors.back().sender, "command") << name_of(command);
            EXPECT_EQ(errors.back().code, 409) << name_of(command);
            EXPECT_NE(errors.back().error.find(name_of(command)), std::string::npos);
        }
        if (state == LegState::Idle) {
            world.command(call,
                          command::Invite{.option = CallOption{.callee = World::phone_uri()}});
        }
        EXPECT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }))
            << to_string(state);
        world.run(Seconds(1));
        EXPECT_FALSE(world.happened(call, "hangup")) << to_string(state);
    }
}

TEST(WrongState, ASecondInviteIsAnErrorAndTheFirstCallGoesOn) {
    World world;
    const SessionKey call = world.dial();
    world.command(call, command::Invite{.option = CallOption{.callee = World::phone_uri()}});
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    world.command(call, command::Invite{.option = CallOption{.callee = World::phone_uri()}});
    world.run(Seconds(1));
    EXPECT_EQ(world.all<event::Error>(call).size(), 2U);
    EXPECT_EQ(world.all<event::Error>(call).front().code, 409);
    EXPECT_TRUE(world.phone().in_call());
    EXPECT_FALSE(world.happened(call, "hangup"));
}

TEST(WrongState, ACommandForACallThatIsGoneIsIgnored) {
    World world;
    const SessionKey call = world.dial();
    world.command(call, command::Hangup{});
    const std::size_t events = world.history(call).events.size();
    world.command(call, command::Hangup{});
    world.command(call, command::Tts{.text = "too late"});
    world.close(call);
    EXPECT_EQ(world.history(call).events.size(), events);
}

}  // namespace
}  // namespace patchbay::test
