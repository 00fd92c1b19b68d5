// SPDX-License-Identifier: Apache-2.0
#include "lab/phone_engine.hpp"

#include "lab/listener.hpp"
#include "media/tone.hpp"
#include "support/netem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::lab {
namespace {

using testing::Ge;
using testing::SizeIs;

constexpr Instant kStart{Seconds(1000)};
constexpr WallAnchor kWall{kStart, WallTime{1'700'000'000'000}};

// One datagram of SIP, RTP or RTCP.
struct Packet {
    SocketAddress from;
    SocketAddress to;
    std::string bytes;
};

// A phone with its sockets, in memory.
class Party : public media::PacketSink {
  public:
    Party(std::uint8_t host, PhoneConfig config, std::vector<Packet>& wire)
        : sip_address{IpAddress::v4(192, 0, 2, host), 5060},
          rtp_address{IpAddress::v4(192, 0, 2, host), 4000},
          random_(host),
          wire_(wire),
          phone(with_addresses(std::move(config)), kWall, random_) {
        phone.listen(&listener);
    }

    // `now` of the packets that the phone sends from its tick.
    void send(const SocketAddress& to, ByteView packet) override {
        const bool rtcp = packet[1] >= 192 && packet[1] <= 223;
        SocketAddress from = rtp_address;
        from.port = static_cast<std::uint16_t>(from.port + (rtcp ? 1 : 0));
        wire_.push_back({from, to, std::string(as_text(packet))});
    }
    void act(const std::function<void(PhoneOutputs&)>& step) {
        PhoneOutputs out;
        step(out);
        for (sip::Transmit& transmit : out.transmits) {
            wire_.push_back({sip_address, transmit.flow.remote, std::move(transmit.bytes)});
        }
        for (PhoneEvent& event : out.events) {
            events.push_back(std::move(event));
        }
    }
    void receive(Instant now, const Packet& packet) {
        act([&](PhoneOutputs& out) {
            if (packet.to == sip_address) {
                const sip::Flow flow{.local = sip_address, .remote = packet.from};
                phone.handle_sip(now, flow, as_bytes(packet.bytes), out);
            } else if (packet.to == rtp_address) {
                phone.handle_rtp(now, packet.from, as_bytes(packet.bytes), out);
            } else {
                phone.handle_rtcp(now, packet.from, as_bytes(packet.bytes), out);
            }
        });
    }
    template <class E>
    std::vector<E> events_of() const {
        std::vector<E> found;
        for (const PhoneEvent& event : events) {
            if (const E* one = std::get_if<E>(&event)) {
                found.push_back(*one);
            }
        }
        return found;
    }
    std::string digits() const {
        std::string keys;
        for (const PhoneDigit& digit : events_of<PhoneDigit>()) {
            keys += digit.digit;
        }
        return keys;
    }

    const SocketAddress sip_address;
    const SocketAddress rtp_address;
    Listener listener;
    std::vector<PhoneEvent> events;

  private:
    PhoneConfig with_addresses(PhoneConfig config) {
        config.sip = sip_address;
        config.rtp = {call::RtpPort(rtp_address.port), rtp_address, this};
        return config;
    }

    SeededRandom random_;
    std::vector<Packet>& wire_;

  public:
    PhoneEngine phone;
};

// A phone that calls another through an emulated network.
class TwoPhones {
  public:
    explicit TwoPhones(PhoneConfig caller_config = {},
                       PhoneConfig callee_config = {},
                       const test::NetemProfile& profile = {.delay = Milliseconds(5)})
        : network_(profile, 7),
          caller(1, std::move(caller_config), wire_),
          callee(2, std::move(callee_config), wire_) {}

    void call() {
        caller.act([&](PhoneOutputs& out) {
            ASSERT_TRUE(caller.phone.call(now, "sip:callee@192.0.2.2", callee.sip_address, out));
        });
    }
    void run_for(Milliseconds duration) {
        for (Milliseconds passed{0}; passed < duration; passed += Milliseconds(5)) {
            step();
            now += Milliseconds(5);
        }
    }
    void hang_up(Party& party) {
        party.act([&](PhoneOutputs& out) { party.phone.hang_up(now, out); });
    }

    Instant now = kStart;

  private:
    void step() {
        for (Party* party : {&caller, &callee}) {
            party->act([&](PhoneOutputs& out) {
                if (const auto due = party->phone.next_timeout(); due && *due <= now) {
                    party->phone.handle_timeout(now, out);
                }
                party->phone.tick(now, out);
            });
        }
        for (Packet& packet : std::exchange(wire_, {})) {
            network_.send(now, std::move(packet));
        }
        std::vector<Packet> arrived;
        network_.receive(now, arrived);
        for (const Packet& packet : arrived) {
            (packet.to.ip == caller.sip_address.ip ? caller : callee).receive(now, packet);
        }
    }

    std::vector<Packet> wire_;
    test::Netem<Packet> network_;

  public:
    Party caller;
    Party callee;
};

std::unique_ptr<media::FrameSource> tone(double frequency, Milliseconds length) {
    return std::make_unique<media::ToneSource>(
        media::ToneSpec{.frequency = frequency, .level = -16, .length = length});
}

TEST(PhoneEngine, RingsThenAnswersAtItsTime) {
    TwoPhones world({}, {.behaviour = {.answer_after = Milliseconds(1000)}});
    world.call();
    world.run_for(Milliseconds(900));
    EXPECT_THAT(world.callee.events_of<PhoneRinging>(), SizeIs(1));
    EXPECT_THAT(world.caller.events_of<PhoneRinging>(), SizeIs(1));
    EXPECT_FALSE(world.caller.phone.is_answered());
    world.run_for(Milliseconds(200));
    ASSERT_THAT(world.caller.events_of<PhoneAnswered>(), SizeIs(1));
    EXPECT_EQ(world.caller.events_of<PhoneAnswered>()[0].codec, "PCMU/8000");
    EXPECT_TRUE(world.callee.phone.is_answered());
}

TEST(PhoneEngine, SaysWhoCalls) {
    TwoPhones world({.user = "alice"});
    world.call();
    world.run_for(Milliseconds(100));
    ASSERT_THAT(world.callee.events_of<PhoneRinging>(), SizeIs(1));
    EXPECT_EQ(world.callee.events_of<PhoneRinging>()[0].caller, "sip:alice@192.0.2.1:5060");
}

TEST(PhoneEngine, HearsTheTonePlayedAtTheOtherEndAsLongAndAsLoud) {
    TwoPhones world;
    world.caller.phone.play(tone(440, Milliseconds(1000)));
    world.callee.phone.play(tone(660, Milliseconds(600)));
    world.call();
    world.run_for(Milliseconds(2500));
    const auto by_callee = world.callee.listener.take().passages;
    const auto by_caller = world.caller.listener.take().passages;
    ASSERT_THAT(by_callee, SizeIs(1));
    ASSERT_THAT(by_caller, SizeIs(1));
    EXPECT_NEAR(by_callee[0].frequency.value_or(0), 440, 5);
    EXPECT_NEAR(static_cast<double>(by_callee[0].length().count()), 1000, 40);
    EXPECT_NEAR(by_callee[0].level, -16, 1);
    EXPECT_NEAR(by_caller[0].frequency.value_or(0), 660, 5);
    EXPECT_NEAR(static_cast<double>(by_caller[0].length().count()), 600, 40);
}

TEST(PhoneEngine, PressesItsKeysAfterTheAnswerAndHearsEachOnce) {
    TwoPhones world({}, {.behaviour = {.keys = "55#", .keys_after = Milliseconds(300)}});
    world.call();
    world.run_for(Milliseconds(2500));
    EXPECT_EQ(world.caller.digits(), "55#");
}

TEST(PhoneEngine, SaysWhenSoundComesAndWhenItsLastPacketCame) {
    TwoPhones world;
    world.callee.phone.play(tone(440, Milliseconds(500)));
    world.call();
    world.run_for(Milliseconds(2000));
    const auto began = world.caller.events_of<PhoneSoundBegan>();
    const auto stopped = world.caller.events_of<PhoneSoundStopped>();
    ASSERT_THAT(began, SizeIs(1));
    ASSERT_THAT(stopped, SizeIs(1));
    EXPECT_NEAR(began[0].level, -16, 1.5);
    EXPECT_EQ(whole_milliseconds(stopped[0].at - began[0].at), Milliseconds(480));
}

TEST(PhoneEngine, RejectsWithItsStatus) {
    TwoPhones world({}, {.behaviour = {.answer_after = Milliseconds(50),
                                       .reject = sip::Rejection{486, {}, {}}}});
    world.call();
    world.run_for(Milliseconds(500));
    ASSERT_THAT(world.caller.events_of<PhoneRejected>(), SizeIs(1));
    EXPECT_EQ(world.caller.events_of<PhoneRejected>()[0].status, 486);
    EXPECT_EQ(world.caller.events_of<PhoneRejected>()[0].reason, "Busy Here");
}

TEST(PhoneEngine, RingsUntilTheCallerGivesUp) {
    TwoPhones world({}, {.behaviour = {.answer_after = std::nullopt}});
    world.call();
    world.run_for(Milliseconds(3000));
    world.hang_up(world.caller);
    world.run_for(Milliseconds(200));
    ASSERT_THAT(world.callee.events_of<PhoneEnded>(), SizeIs(1));
    EXPECT_TRUE(world.callee.events_of<PhoneEnded>()[0].by_far_end);
    EXPECT_THAT(world.callee.events_of<PhoneAnswered>(), SizeIs(0));
}

TEST(PhoneEngine, HangsUpAtItsTimeWhicheverSideCalled) {
    TwoPhones world({.behaviour = {.hang_up_after = Milliseconds(700)}});
    world.call();
    world.run_for(Milliseconds(1500));
    ASSERT_THAT(world.callee.events_of<PhoneEnded>(), SizeIs(1));
    const PhoneEnded ended = world.callee.events_of<PhoneEnded>()[0];
    EXPECT_TRUE(ended.by_far_end);
    EXPECT_THAT(ended.audio.session.packets_received, Ge(30U));
    EXPECT_EQ(ended.audio.session.packets_lost, 0);
}

TEST(PhoneEngine, EchoesWhatItHears) {
    TwoPhones world;
    world.callee.phone.set_echo(true);
    world.caller.phone.play(tone(880, Milliseconds(500)));
    world.call();
    world.run_for(Milliseconds(2000));
    const auto heard = world.caller.listener.take().passages;
    ASSERT_THAT(heard, SizeIs(1));
    EXPECT_NEAR(heard[0].frequency.value_or(0), 880, 8);
}

// A source that cannot be read.
class BrokenSource final : public media::FrameSource {
  public:
    State read(media::Frame& out) override {
        out = {};
        return State::Failed;
    }
    std::optional<Error> failure() const override { return Error{Errc::NotFound, "file", 0}; }
};

TEST(PhoneEngine, SaysOnceThatWhatItShouldPlayCannotBePlayed) {
    TwoPhones world;
    world.callee.phone.play(std::make_unique<BrokenSource>());
    world.call();
    world.run_for(Milliseconds(1000));
    ASSERT_THAT(world.callee.events_of<PhoneProblem>(), SizeIs(1));
    EXPECT_EQ(world.callee.events_of<PhoneProblem>()[0].error.code, Errc::NotFound);
    EXPECT_TRUE(world.callee.phone.is_answered());
}

TEST(PhoneEngine, TakesTheNextCallAfterTheLast) {
    TwoPhones world;
    for (int i = 0; i < 2; ++i) {
        world.call();
        world.run_for(Milliseconds(800));
        world.hang_up(world.caller);
        world.run_for(Milliseconds(200));
    }
    EXPECT_THAT(world.callee.events_of<PhoneEnded>(), SizeIs(2));
    EXPECT_FALSE(world.callee.phone.in_call());
}

TEST(PhoneEngine, TalksThroughALossyAndJitteryNetwork) {
    TwoPhones world({}, {.behaviour = {.keys = "1234", .keys_after = Milliseconds(300)}},
                    {.loss = 0.05, .delay = Milliseconds(20), .jitter = Milliseconds(30)});
    world.call();
    world.run_for(Milliseconds(6000));
    EXPECT_EQ(world.caller.digits(), "1234");
}

}  // namespace
}  // namespace patchbay::lab
