// SPDX-License-Identifier: Apache-2.0
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;

class ReInvite : public testing::Test {
  protected:
    void SetUp() override {
        call = world.dial();
        ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
        world.command(call, command::Play{.url = "tone.wav"});
        world.run(Seconds(1));
    }
    void reoffer(sdp::Direction direction,
                 std::optional<std::vector<std::string>> codecs = std::nullopt) {
        world.at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
            phone.reoffer(world.now(), direction, std::move(codecs), out);
        });
        world.run(Seconds(1));
    }
    std::size_t packets_of_the_next_second() {
        const std::size_t before = world.heard_packets().size();
        world.run(Seconds(1));
        return world.heard_packets().size() - before;
    }
    std::vector<bool> holds() {
        std::vector<bool> all;
        for (const event::Hold& hold : world.all<event::Hold>(call)) {
            all.push_back(hold.on_hold);
        }
        return all;
    }

    World world;
    SessionKey call;
};

TEST_F(ReInvite, HoldStopsOurPacketsAndResumeBringsThemBack) {
    reoffer(sdp::Direction::SendOnly);
    EXPECT_EQ(packets_of_the_next_second(), 0U);
    EXPECT_THAT(holds(), ElementsAre(true));
    reoffer(sdp::Direction::SendRecv);
    EXPECT_NEAR(static_cast<double>(packets_of_the_next_second()), 50, 2);
    EXPECT_THAT(holds(), ElementsAre(true, false));
    EXPECT_FALSE(world.happened(call, "hangup"));
}

TEST_F(ReInvite, ARefreshThatChangesNothingIsNoNews) {
    reoffer(sdp::Direction::SendRecv);
    reoffer(sdp::Direction::SendRecv);
    EXPECT_THAT(holds(), ElementsAre());
    EXPECT_NEAR(static_cast<double>(packets_of_the_next_second()), 50, 2);
}

TEST_F(ReInvite, AnotherCodecIsSpokenWithoutAGap) {
    const std::size_t before = world.heard_packets().size();
    reoffer(sdp::Direction::SendRecv, {{"PCMA"}});
    world.run(Seconds(2));
    EXPECT_EQ(world.phone().audio()->negotiated()->codec.name, "PCMA");
    EXPECT_NEAR(static_cast<double>(world.heard_packets().size() - before), 150, 3);
    const auto heard = media::find_tone(std::span(world.phone_audio().left).last(16000), 16000);
    ASSERT_TRUE(heard);
    EXPECT_NEAR(heard->frequency, 440, 2);
}

TEST_F(ReInvite, OneWithoutAnOfferGetsOurs) {
    world.at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.ask_for_offer(world.now(), out);
    });
    world.run(Seconds(1));
    EXPECT_NEAR(static_cast<double>(packets_of_the_next_second()), 50, 2);
    EXPECT_FALSE(world.happened(call, "error"));
    EXPECT_FALSE(world.happened(call, "hangup"));
}

TEST_F(ReInvite, ACodecThatWeLackIsRefusedAndTheCallGoesOn) {
    reoffer(sdp::Direction::SendRecv, {{"opus"}});
    EXPECT_NEAR(static_cast<double>(packets_of_the_next_second()), 50, 2);
    EXPECT_TRUE(world.phone().in_call());
    EXPECT_FALSE(world.happened(call, "hangup"));
}

}  // namespace
}  // namespace patchbay::test
