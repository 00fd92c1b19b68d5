// SPDX-License-Identifier: Apache-2.0
// Whole calls with SRTP, keys in the description (RFC 4568).
#include "media/tone_detector.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::Contains;
using testing::HasSubstr;

class SrtpCall : public testing::Test {
  protected:
    // Dials a phone of that policy with the client's `sip.enableSrtp`.
    void dial(sdp::CryptoPolicy of_phone) {
        WorldOptions options;
        options.phone_crypto = of_phone;
        world = std::make_unique<World>(std::move(options));
        CallOption option;
        option.sip.emplace();
        option.sip->enable_srtp = true;
        call = world->dial(std::move(option));
        world->run(Seconds(1));
    }

    void hears_tone() {
        world->run(Seconds(1));
        const auto& heard = world->phone_audio().left;
        ASSERT_GE(heard.size(), 16000U);
        const auto tone = media::find_tone(std::span(heard).last(8000), 16000);
        ASSERT_TRUE(tone);
        EXPECT_NEAR(tone->frequency, 440, 2);
    }

    std::unique_ptr<World> world;
    SessionKey call;
};

TEST_F(SrtpCall, IsEncryptedBothWaysAndHeard) {
    dial(sdp::CryptoPolicy::Optional);
    ASSERT_TRUE(world->happened(call, "answer"));
    world->command(call, command::Play{.url = "tone.wav"});
    hears_tone();
    const CallAudio& phone = *world->phone().audio();
    EXPECT_TRUE(phone.negotiated()->crypto);
    EXPECT_GT(phone.track().statistics().srtp.accepted, 40U);
    EXPECT_EQ(phone.track().statistics().refused, 0U);
    EXPECT_TRUE(world->happened(call, "mediaReady"));  // the phone's packets were genuine here
}

TEST_F(SrtpCall, GoesOnThroughAReoffer) {
    dial(sdp::CryptoPolicy::Optional);
    world->command(call, command::Play{.url = "tone.wav"});
    for (const auto direction : {sdp::Direction::SendOnly, sdp::Direction::SendRecv}) {
        world->at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
            phone.reoffer(world->now(), direction, std::nullopt, out);
        });
        world->run(Seconds(1));
    }
    hears_tone();
    EXPECT_EQ(world->phone().audio()->track().statistics().refused, 0U);
}

// Who asks for encryption does not get a call without it.
TEST_F(SrtpCall, ToAPhoneThatCannotIsRefused) {
    dial(sdp::CryptoPolicy::Off);
    EXPECT_TRUE(world->happened(call, "reject"));
    EXPECT_FALSE(world->happened(call, "answer"));
    EXPECT_THAT(world->ladder(), Contains(HasSubstr("488")));
}

}  // namespace
}  // namespace patchbay::test
