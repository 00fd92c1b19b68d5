// SPDX-License-Identifier: Apache-2.0
// Parties of two calls on two shards are brought together: the attended transfer of a phone that
// does not know REFER. Two worlds are two shards.
#include "call/third_party.hpp"
#include "media/tone.hpp"
#include "support/sound.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::IsEmpty;

// In each world phone 0 calls phone 1. Here they say 500 and 700 Hz, there 900 and 1100.
class ConnectAcrossShards : public testing::Test {
  protected:
    ConnectAcrossShards() : here(two_phones(1)), there(two_phones(2)) {
        here.on_bridge_elsewhere = [this](const BridgeRequest& request) {
            const Result<void> answer = there.accept_bridge(request);
            here.answer_bridge(request, answer);
        };
        double frequency = 500;
        for (World* const world : {&here, &there}) {
            for (const std::size_t i : {0U, 1U}) {
                world->phone(i).play(
                    std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = frequency}));
                frequency += 200;
            }
            world->at_exchange([](Exchange& exchange, Instant now, Effects& out) {
                exchange.start_call(now, OperationId(1),
                                    {.caller = World::phone_uri(0),
                                     .callee = World::phone_uri(1),
                                     .ring_time = {},
                                     .headers = {},
                                     .recorder = {}},
                                    out);
            });
        }
        run(Seconds(2));
    }
    // No two shards give a call the same name.
    static WorldOptions two_phones(std::uint64_t seed) {
        WorldOptions options;
        options.seed = seed;
        options.phones = {{}, {}};
        return options;
    }
    void run(Milliseconds duration) {
        for (Milliseconds passed{0}; passed < duration; passed += Milliseconds(5)) {
            here.run(Milliseconds(5));
            there.run(Milliseconds(5));
        }
    }
    static SessionSummary party(const World& world, PartyRole role) {
        for (const auto& [key, history] : world.histories()) {
            if (!history.ended && history.summaries.back().role == role) {
                return history.summaries.back();
            }
        }
        return {};
    }
    // The caller of here and the callee of there.
    void connect() {
        const SessionKey party = ConnectAcrossShards::party(here, PartyRole::Caller).key;
        const SessionId other = ConnectAcrossShards::party(there, PartyRole::Callee).id;
        here.at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
            exchange.connect(now, OperationId(2), party, other, out);
        });
    }
    std::vector<ThirdPartyStage> stages() const {
        std::vector<ThirdPartyStage> all;
        for (const auto& one : here.third_parties()) {
            if (one.operation == OperationId(2)) {
                all.push_back(one.status.stage);
            }
        }
        return all;
    }
    double heard_by(World& world, std::size_t i) {
        run(Milliseconds(300));
        const std::size_t begin = world.phone_audio(i).left.size();
        run(Milliseconds(500));
        return frequency_of(std::span(world.phone_audio(i).left).subspan(begin));
    }
    static void hang_up(World& world, std::size_t i) {
        world.at_phone([&](lab::PhoneEngine& phone,
                           lab::PhoneOutputs& out) { phone.hang_up(world.now(), out); },
                       i);
    }
    void expect_nothing_left() {
        run(Seconds(2));
        here.run(Seconds(40));
        there.run(Seconds(40));
        for (World* const world : {&here, &there}) {
            EXPECT_EQ(world->exchange().session_count(), 0U);
            EXPECT_EQ(world->open_ports(), 0U);
            EXPECT_THAT(world->broken(), IsEmpty());
        }
    }

    World here;
    World there;
};

TEST_F(ConnectAcrossShards, TheTwoTalkAndTheOthersAreHungUp) {
    connect();
    run(Seconds(1));
    EXPECT_THAT(stages(), ElementsAre(ThirdPartyStage::CalleeCalled, ThirdPartyStage::CalleeRings,
                                      ThirdPartyStage::CalleeAnswered));
    EXPECT_NEAR(heard_by(here, 0), 1100, 5);
    EXPECT_NEAR(heard_by(there, 1), 500, 5);
    EXPECT_FALSE(here.phone(1).in_call());
    EXPECT_FALSE(there.phone(0).in_call());
}

TEST_F(ConnectAcrossShards, EachNamesTheOther) {
    connect();
    run(Seconds(1));
    const SessionSummary a = party(here, PartyRole::Caller);
    const SessionSummary b = party(there, PartyRole::Callee);
    EXPECT_EQ(a.partner, b.id);
    EXPECT_EQ(b.partner, a.id);
}

TEST_F(ConnectAcrossShards, TheEndOfEitherIsThatOfBoth) {
    connect();
    run(Seconds(1));
    hang_up(there, 1);
    run(Seconds(1));
    EXPECT_FALSE(here.phone(0).in_call());
    expect_nothing_left();
}

TEST_F(ConnectAcrossShards, AnEndHereIsAnEndThere) {
    connect();
    run(Seconds(1));
    hang_up(here, 0);
    run(Seconds(1));
    EXPECT_FALSE(there.phone(1).in_call());
    expect_nothing_left();
}

TEST_F(ConnectAcrossShards, APartyThatIsConnectedCanBeRedirected) {
    connect();
    run(Seconds(1));
    here.at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
        exchange.redirect(now, OperationId(3), party(here, PartyRole::Caller).key,
                          World::phone_uri(1), out);
    });
    run(Seconds(2));
    EXPECT_NEAR(heard_by(here, 0), 700, 5);
    EXPECT_FALSE(there.phone(1).in_call());
    hang_up(here, 0);
    expect_nothing_left();
}

TEST_F(ConnectAcrossShards, AnUnknownPartyLeavesTheCallAsItWas) {
    here.at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
        exchange.connect(now, OperationId(2), party(here, PartyRole::Caller).key,
                         SessionId("nobody"), out);
    });
    EXPECT_THAT(stages(), ElementsAre(ThirdPartyStage::Failed));
    EXPECT_NEAR(heard_by(here, 0), 700, 5);
}

TEST_F(ConnectAcrossShards, APartyThatHangsUpWhileTheOtherIsAskedLeavesNothing) {
    std::optional<BridgeRequest> asked;
    here.on_bridge_elsewhere = [&](const BridgeRequest& request) { asked = request; };
    connect();
    ASSERT_TRUE(asked);
    const Result<void> answer = there.accept_bridge(*asked);
    hang_up(here, 0);
    run(Seconds(1));
    here.answer_bridge(*asked, answer);
    EXPECT_THAT(stages(), ElementsAre(ThirdPartyStage::Failed));
    expect_nothing_left();
}

}  // namespace
}  // namespace patchbay::test
