// SPDX-License-Identifier: Apache-2.0
// Whole calls in what two parties may agree on: Opus, comfort noise, keys as tones, and SRTP by
// policy for calls that come in.
#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace patchbay::test {
namespace {

using namespace call;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

double frequency(const std::vector<std::int16_t>& sound) {
    const auto tone = media::find_tone(std::span(sound).last(8000), 16000);
    return tone ? tone->frequency : 0;
}

std::unique_ptr<media::FrameSource> tone(double hertz) {
    return std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = hertz, .level = -20});
}

class FormatsCall : public testing::Test {
  protected:
    void begin() { world = std::make_unique<World>(options); }
    void dial() {
        begin();
        world->phone().play(tone(620));
        CallOption option;
        option.recorder = RecorderOption{};
        call = world->dial(std::move(option));
        ASSERT_TRUE(world->run_until([&] { return world->happened(call, "answer"); }));
        world->command(call, command::Play{.url = "tone.wav"});
        world->run(Seconds(2));
    }
    // 440 Hz of the server and 620 Hz of the phone.
    void expect_both_tones() {
        EXPECT_NEAR(frequency(world->phone_audio().left), 440, 2);
        EXPECT_NEAR(frequency(world->history(call).recording->left), 620, 2);
    }
    std::string digits_of_the_phone() const {
        std::string digits;
        for (const lab::PhoneEvent& event : world->phone_events()) {
            if (const auto* digit = std::get_if<lab::PhoneDigit>(&event)) {
                digits += digit->digit;
            }
        }
        return digits;
    }
    std::string digits_of_the_caller() const {
        std::string digits;
        for (const event::Dtmf& dtmf : world->all<event::Dtmf>(call)) {
            digits += dtmf.digit;
        }
        return digits;
    }

    WorldOptions options;
    std::unique_ptr<World> world;
    SessionKey call;
};

TEST_F(FormatsCall, OpusIsHeardBothWays) {
    options.exchange.codecs = {"opus"};
    options.phone_codecs = {"opus"};
    dial();
    EXPECT_EQ(world->phone().audio()->negotiated()->codec.name, "opus");
    expect_both_tones();
}

TEST_F(FormatsCall, OpusCarriesKeysBesideItBothWays) {
    options.exchange.codecs = {"opus"};
    options.phone_codecs = {"opus"};
    dial();
    EXPECT_EQ(world->phone().audio()->negotiated()->telephone_event->clock_rate, 48000U);
    world->command(call, command::Dtmf{.digits = "19#"});
    world->at_phone(
        [](lab::PhoneEngine& phone, lab::PhoneOutputs&) { ASSERT_TRUE(phone.press("A7")); });
    world->run(Seconds(2));
    EXPECT_EQ(digits_of_the_phone(), "19#");
    EXPECT_EQ(digits_of_the_caller(), "A7");
}

TEST_F(FormatsCall, ALossyLineIsHeardInOpus) {
    options.exchange.codecs = {"opus"};
    options.phone_codecs = {"opus"};
    options.media = {.loss = 0.1, .delay = Milliseconds(20), .jitter = Milliseconds(15)};
    dial();
    world->run(Seconds(3));
    expect_both_tones();
}

TEST_F(FormatsCall, AReinviteChangesFromOpusToG711AndBack) {
    options.exchange.codecs = {"opus", "PCMU"};
    options.phone_codecs = {"opus", "PCMU"};
    dial();
    for (const std::string codec : {"PCMU", "opus"}) {
        world->at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
            phone.reoffer(world->now(), sdp::Direction::SendRecv, {{codec}}, out);
        });
        world->run(Seconds(2));
        EXPECT_EQ(world->phone().audio()->negotiated()->codec.name, codec);
        expect_both_tones();
    }
}

TEST_F(FormatsCall, WithoutTelephoneEventsKeysAreTonesBothWays) {
    options.phone_telephone_event = false;
    dial();
    world->command(call, command::Interrupt{});
    world->command(call, command::Dtmf{.digits = "159#"});
    world->run(Seconds(2));
    EXPECT_EQ(digits_of_the_phone(), "159#");
    world->phone().play(nullptr);
    world->at_phone(
        [](lab::PhoneEngine& phone, lab::PhoneOutputs&) { ASSERT_TRUE(phone.press("4807*")); });
    world->run(Seconds(2));
    EXPECT_EQ(digits_of_the_caller(), "4807*");
}

TEST_F(FormatsCall, ThePauseBetweenKeysIsTheOneOfTheCommand) {
    options.phone_telephone_event = false;
    dial();
    world->command(call, command::Interrupt{});
    world->run(Milliseconds(300));
    const std::size_t before = world->phone_audio().left.size();
    world->command(
        call,
        command::Dtmf{.digits = "12", .duration = Milliseconds(200), .gap = Milliseconds(600)});
    world->run(Seconds(2));
    const auto heard = std::span(world->phone_audio().left).subspan(before);
    std::size_t sounding = 0;
    for (std::size_t at = 0; at + 320 <= heard.size(); at += 320) {
        sounding += media::rms_level(heard.subspan(at, 320)) > -30 ? 1 : 0;
    }
    EXPECT_NEAR(static_cast<double>(sounding), 20, 3);  // twice 200 ms
    const auto first = std::ranges::find_if(heard, [](std::int16_t s) { return s > 3000; });
    const auto last =
        std::ranges::find_if(heard.rbegin(), heard.rend(), [](std::int16_t s) { return s > 3000; });
    EXPECT_NEAR(static_cast<double>(last.base() - first), 16 * 1000, 400);
}

TEST_F(FormatsCall, OurSilenceIsDescribedWhereBothSidesAgreeOnComfortNoise) {
    options.exchange.comfort_noise = true;
    options.phone_comfort_noise = true;
    dial();
    expect_both_tones();
    world->command(call, command::Interrupt{});
    world->run(Seconds(1));
    const std::size_t before = world->heard_packets().size();
    world->run(Seconds(4));
    EXPECT_LE(world->heard_packets().size() - before, 12U);
    EXPECT_FALSE(world->happened(call, "hangup"));
}

struct PolicyRow {
    const char* name;
    sdp::CryptoPolicy ours;
    sdp::CryptoPolicy phones;
    bool answered;
    bool encrypted;
};

class IncomingSrtp : public testing::TestWithParam<PolicyRow> {};

// The echo is built in; every call that comes in has the policy of the configuration.
TEST_P(IncomingSrtp, IsByPolicyAndHeard) {
    WorldOptions options;
    options.exchange.crypto = GetParam().ours;
    options.phone_crypto = GetParam().phones;
    World world(std::move(options));
    world.phone().play(tone(620));
    world.phone_calls("echo");
    world.run(Seconds(3));
    if (!GetParam().answered) {
        EXPECT_THAT(world.ladder(), Contains(HasSubstr("488")));
        EXPECT_EQ(world.open_ports(), 0U);
        return;
    }
    const CallAudio& audio = *world.phone().audio();
    EXPECT_EQ(audio.negotiated()->crypto.has_value(), GetParam().encrypted);
    EXPECT_EQ(audio.track().statistics().srtp.accepted > 50, GetParam().encrypted);
    EXPECT_NEAR(frequency(world.phone_audio().left), 620, 2);
}

using Policy = sdp::CryptoPolicy;
INSTANTIATE_TEST_SUITE_P(
    Policies,
    IncomingSrtp,
    testing::Values(PolicyRow{"OffOff", Policy::Off, Policy::Off, true, false},
                    PolicyRow{"OffOptional", Policy::Off, Policy::Optional, true, false},
                    PolicyRow{"OffMandatory", Policy::Off, Policy::Mandatory, false, false},
                    PolicyRow{"OptionalOff", Policy::Optional, Policy::Off, true, false},
                    PolicyRow{"OptionalOptional", Policy::Optional, Policy::Optional, true, true},
                    PolicyRow{"OptionalMandatory", Policy::Optional, Policy::Mandatory, true, true},
                    PolicyRow{"MandatoryOff", Policy::Mandatory, Policy::Off, false, false},
                    PolicyRow{"MandatoryOptional", Policy::Mandatory, Policy::Optional, true, true},
                    PolicyRow{"MandatoryMandatory", Policy::Mandatory, Policy::Mandatory, true,
                              true}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace patchbay::test
