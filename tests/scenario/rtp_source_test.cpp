// SPDX-License-Identifier: Apache-2.0
// RTP bleed and injection (CVE-2025-53399): at eight moments of a call, six kinds of forgery. No
// packet of ours goes to the attacker, and nothing of his is heard, recorded, or taken for a key or
// for the end of the stream.
#include "media/g711.hpp"
#include "media/level.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "rtp/packet.hpp"
#include "rtp/rtcp.hpp"
#include "rtp/telephone_event.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

namespace patchbay::test {
namespace {

using namespace call;

const SocketAddress kAttacker{IpAddress::v4(203, 0, 113, 66), 4000};
constexpr double kOfTheAttacker = 1500;  // hertz
constexpr double kOfThePhone = 620;

std::string text_of(ByteView packet) {
    return {packet.begin(), packet.end()};
}

// Packets that claim to be the phone's stream, or one of their own.
class Forger {
  public:
    explicit Forger(double frequency) : tone_({.frequency = frequency, .level = -6}, 8000) {}

    std::string audio(const rtp::RtpHeader& header) {
        std::array<std::int16_t, 160> samples{};
        std::array<std::uint8_t, 160> payload{};
        tone_.generate(samples);
        media::encode_ulaw(samples, payload);
        return packet(header, payload);
    }
    static std::string packet(const rtp::RtpHeader& header, ByteView payload) {
        std::array<std::uint8_t, 256> buffer{};
        return text_of(rtp::write_rtp(header, payload, buffer));
    }

  private:
    media::ToneGenerator tone_;
};

struct Moment {
    const char* name;
    bool answered;  // by the end of the attack
    std::function<void(World&, SessionKey)> reach;
};

struct Forgery {
    const char* name;
    SocketAddress from;
    Milliseconds pace;
    bool phones_numbers;  // SSRC, sequence and timestamp as the phone's next packet has them
    enum class What : std::uint8_t { Audio, Keys, Reports } what = What::Audio;
};

void reoffer(World& world, sdp::Direction direction) {
    world.at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.reoffer(world.now(), direction, std::nullopt, out);
    });
}

const std::array kMoments{
    Moment{"WhileItRings", false,
           [](World& world, SessionKey call) {
               world.run_until([&] { return world.happened(call, "ringing"); });
           }},
    Moment{"InEarlyMedia", false,
           [](World& world, SessionKey call) {
               world.run_until([&] { return world.happened(call, "ringing"); });
           }},
    Moment{"AtTheAnswer", true,
           [](World& world, SessionKey call) {
               world.run_until([&] { return world.happened(call, "answer"); });
           }},
    Moment{"InTheFirstSecond", true,
           [](World& world, SessionKey call) {
               world.run_until([&] { return world.happened(call, "answer"); });
               world.run(Milliseconds(300));
           }},
    Moment{"InTheMiddle", true,
           [](World& world, SessionKey call) {
               world.run_until([&] { return world.happened(call, "answer"); });
               world.run(Seconds(3));
           }},
    Moment{"OnHold", true,
           [](World& world, SessionKey call) {
               world.run_until([&] { return world.happened(call, "answer"); });
               world.run(Seconds(2));
               reoffer(world, sdp::Direction::SendOnly);
               world.run(Milliseconds(200));
           }},
    Moment{"DuringARefresh", true,
           [](World& world, SessionKey call) {
               world.run_until([&] { return world.happened(call, "answer"); });
               world.run(Seconds(2));
               reoffer(world, sdp::Direction::SendRecv);
           }},
    Moment{"AfterTheEnd", true,
           [](World& world, SessionKey call) {
               world.run_until([&] { return world.happened(call, "answer"); });
               world.run(Seconds(1));
               world.command(call, command::Hangup{});
               world.run(Milliseconds(500));
           }},
};

const std::array kForgeries{
    Forgery{"AStreamFromElsewhere", kAttacker, Milliseconds(20), false},
    Forgery{"AFloodFromElsewhere", kAttacker, Milliseconds(1), false},
    Forgery{"ThePhonesNumbersFromElsewhere", kAttacker, Milliseconds(20), true},
    Forgery{
        "AnotherPortOfThePhonesHost", {IpAddress::v4(192, 0, 2, 10), 5998}, Milliseconds(5), false},
    Forgery{"KeysFromElsewhere", kAttacker, Milliseconds(20), true, Forgery::What::Keys},
    Forgery{"ReportsFromElsewhere", kAttacker, Milliseconds(50), true, Forgery::What::Reports},
    // No forgery: what shows that the others would be noticed.
    Forgery{"ThePhoneItself", {IpAddress::v4(192, 0, 2, 10), 30000}, Milliseconds(20), true},
};

class RtpSource : public testing::TestWithParam<std::tuple<std::size_t, std::size_t>> {
  protected:
    RtpSource()
        : moment_(kMoments.at(std::get<0>(GetParam()))),
          forgery_(kForgeries.at(std::get<1>(GetParam()))) {
        lab::PhoneBehaviour behaviour{.ring_after = Milliseconds(50), .answer_after = Seconds(2)};
        behaviour.early_media = std::string_view(moment_.name) == "InEarlyMedia";
        WorldOptions options;
        options.phones = {behaviour};
        world_ = std::make_unique<World>(std::move(options));
        world_->phone().play(std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = kOfThePhone, .level = -20}));
        CallOption option;
        option.recorder = RecorderOption{};
        option.codec = "pcmu";
        call_ = world_->dial(std::move(option));
        world_->command(call_, command::Play{.url = "tone.wav"});
    }

    // The numbers of the packet that the phone is about to send, as far as they can be known.
    rtp::RtpHeader next_header() {
        rtp::RtpHeader header{.payload_type = 0,
                              .sequence = own_sequence_++,
                              .timestamp = own_timestamp_ += 160,
                              .ssrc = rtp::Ssrc(0x66666666)};
        const auto& last = world_->last_media_of_phone();
        const auto seen = last ? rtp::RtpPacketView::parse(as_bytes(last->bytes))
                               : Result<rtp::RtpPacketView>(fail(Errc::NotFound, "packet"));
        if (forgery_.phones_numbers && seen) {
            header.ssrc = seen->header.ssrc;
            header.sequence = static_cast<std::uint16_t>(seen->header.sequence + 1);
            header.timestamp = seen->header.timestamp + 160;
        }
        return header;
    }

    void forge() {
        rtp::RtpHeader header = next_header();
        switch (forgery_.what) {
            case Forgery::What::Audio: inject(server_rtp(), forger_.audio(header)); return;
            case Forgery::What::Keys: {
                header.payload_type = 101;
                header.marker = true;
                inject(server_rtp(),
                       Forger::packet(header,
                                      rtp::TelephoneEvent{.event = 9, .duration = 800}.to_bytes()));
                return;
            }
            case Forgery::What::Reports: {
                const std::array<rtp::RtcpPacket, 2> compound{rtp::ReceiverReport{header.ssrc, {}},
                                                              rtp::Goodbye{{header.ssrc}, {}}};
                const Bytes goodbye = rtp::write_rtcp(compound);
                SocketAddress rtcp = server_rtp();
                ++rtcp.port;
                inject(rtcp, text_of(goodbye));
                inject(server_rtp(), text_of(goodbye));
                return;
            }
        }
    }
    void inject(const SocketAddress& to, std::string bytes) {
        world_->inject(forgery_.from, to, std::move(bytes));
    }
    SocketAddress server_rtp() const { return {IpAddress::v4(192, 0, 2, 1), kFirstRtpPort}; }

    static constexpr std::uint16_t kFirstRtpPort = 20002;  // of a World's first call
    const Moment& moment_;
    const Forgery& forgery_;
    std::unique_ptr<World> world_;
    SessionKey call_;
    Forger forger_{kOfTheAttacker};
    std::uint16_t own_sequence_ = 100;
    std::uint32_t own_timestamp_ = 0;
};

TEST_P(RtpSource, NothingGoesToTheAttackerAndNothingOfHisIsMixedIn) {
    moment_.reach(*world_, call_);
    for (Nanoseconds spent{0}; spent < Milliseconds(800); spent += forgery_.pace) {
        forge();
        world_->run(forgery_.pace);
    }
    EXPECT_TRUE(world_->strays().empty()) << world_->strays().size() << " packets, the first to "
                                          << world_->strays().front().to.to_string();
    EXPECT_FALSE(world_->happened(call_, "dtmf"));
    if (const auto& recording = world_->history(call_).recording) {
        ASSERT_FALSE(recording->left.empty());
        EXPECT_LT(media::tone_level(recording->left, kOfTheAttacker, 16000), -60);
    }
    EXPECT_LT(media::tone_level(world_->phone_audio().left, kOfTheAttacker, 16000), -60);
}

TEST_P(RtpSource, TheCallGoesOnAsIfNothingWere) {
    moment_.reach(*world_, call_);
    for (Nanoseconds spent{0}; spent < Milliseconds(400); spent += forgery_.pace) {
        forge();
        world_->run(forgery_.pace);
    }
    if (std::string_view(moment_.name) == "AfterTheEnd") {
        EXPECT_EQ(world_->open_ports(), 0U);
        return;
    }
    if (std::string_view(moment_.name) == "OnHold") {
        reoffer(*world_, sdp::Direction::SendRecv);
    }
    world_->run(Seconds(4));
    const auto heard = media::find_tone(std::span(world_->phone_audio().left).last(8000), 16000);
    ASSERT_TRUE(heard);
    EXPECT_NEAR(heard->frequency, 440, 2);
    const auto& recording = *world_->history(call_).recording;
    const auto said = media::find_tone(std::span(recording.left).last(8000), 16000);
    ASSERT_TRUE(said);
    EXPECT_NEAR(said->frequency, kOfThePhone, 2);
    EXPECT_FALSE(world_->happened(call_, "hangup"));
}

class RtpSourceControl : public RtpSource {};

TEST_P(RtpSourceControl, PacketsFromThePhonesOwnAddressAreHeard) {
    moment_.reach(*world_, call_);
    for (Nanoseconds spent{0}; spent < Milliseconds(800); spent += forgery_.pace) {
        forge();
        world_->run(forgery_.pace);
    }
    const auto& recording = *world_->history(call_).recording;
    EXPECT_GT(media::tone_level(std::span(recording.left).last(16000), kOfTheAttacker, 16000), -30);
}

INSTANTIATE_TEST_SUITE_P(InTheMiddle,
                         RtpSourceControl,
                         testing::Values(std::tuple<std::size_t, std::size_t>(4, 6)));

std::string case_name(const testing::TestParamInfo<RtpSource::ParamType>& info) {
    return std::string(kMoments.at(std::get<0>(info.param)).name) +
           kForgeries.at(std::get<1>(info.param)).name;
}

INSTANTIATE_TEST_SUITE_P(EightMomentsSixForgeries,
                         RtpSource,
                         testing::Combine(testing::Range<std::size_t>(0, kMoments.size()),
                                          testing::Range<std::size_t>(0, kForgeries.size() - 1)),
                         case_name);

}  // namespace
}  // namespace patchbay::test
