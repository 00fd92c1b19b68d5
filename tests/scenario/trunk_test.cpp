// SPDX-License-Identifier: Apache-2.0
// Calls by trunks: numbers, accounts, headers, limits, and the next address when one fails.
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// Phones 0 and 1 are the two addresses of the trunk "carrier"; 192.0.2.99 is nobody.
class TrunkCall : public testing::Test {
  protected:
    TrunkCall() {
        options_.phones = {{}, {}};
        carrier_.name = "carrier";
        carrier_.addresses = {{"192.0.2.10", 0, sip::Transport::Udp},
                              {"192.0.2.11", 0, sip::Transport::Udp}};
    }
    World& world() {
        if (!world_) {
            RouteTable::Settings table;
            table.routes = {{.name = "out",
                             .callee = Pattern::compile("0(\\d+)").value(),
                             .anyone = anyone_,
                             .rewrite_callee = "+49\\1",
                             .destination = ToTrunk{{"carrier"}}}};
            options_.exchange.routes = std::make_shared<const RouteTable>(std::move(table));
            options_.exchange.services.gate.trunks =
                std::make_shared<const Trunks>(Trunks{carrier_});
            options_.exchange.services.quota = &quota_;
            world_.emplace(options_);
        }
        return *world_;
    }
    SessionKey dial(const std::string& id = "call", CallOption option = {}) {
        option.callee = "030 1234";
        const SessionKey call = world().open(id);
        world().command(call, command::Invite{option});
        return call;
    }
    int refused(SessionKey call) {
        const auto all = world().all<event::Reject>(call);
        return all.empty() ? 0 : all[0].code.value_or(-1);
    }

    WorldOptions options_;
    Trunk carrier_;
    std::optional<bool> anyone_;  // may call by it
    LocalCallQuota quota_;
    std::optional<World> world_;
};

TEST_F(TrunkCall, TheNumberIsRewrittenAndTheCallIsAnswered) {
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(call, "answer"));
    EXPECT_EQ(world().ladder().front(), "> INVITE sip:+49301234@192.0.2.10 SIP/2.0");
    EXPECT_EQ(quota_.count("trunk carrier"), 1U);
    world().command(call, command::Hangup{});
    world().run(Seconds(1));
    EXPECT_EQ(quota_.count("trunk carrier"), 0U);
}

class JoinedPhones : public TrunkCall {
  protected:
    JoinedPhones() {
        anyone_ = true;
        carrier_.addresses = {{"192.0.2.11", 0, sip::Transport::Udp}};
    }

    void talk(Nanoseconds time) {
        world().phone(0).play(tone(620));
        world().phone(1).play(tone(440));
        world().phone_calls("0301234", 0);
        world().run(time);
    }
    static std::unique_ptr<media::FrameSource> tone(double frequency) {
        return std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = frequency, .level = -20});
    }
    double heard_by(std::size_t phone) {
        const auto& sound = world().phone_audio(phone).left;
        const auto found = media::find_tone(std::span(sound).last(8000), 16000);
        return found ? found->frequency : 0;
    }
    // Of the last second, how many packets the one heard are those that the other one said.
    int passed_unchanged(std::size_t from, std::size_t to) {
        const auto& said = world().said_payloads(from);
        const auto heard = std::span(world().heard_packets(to)).last(50);
        return static_cast<int>(std::ranges::count_if(heard, [&](const World::Heard& packet) {
            return std::ranges::find(said, packet.payload) != said.end();
        }));
    }
    std::string keys_of(std::size_t phone) {
        std::string keys;
        for (const lab::PhoneEvent& event : world().phone_events(phone)) {
            if (const auto* digit = std::get_if<lab::PhoneDigit>(&event)) {
                keys += digit->digit;
            }
        }
        return keys;
    }
};

TEST_F(JoinedPhones, PacketsPassUndecodedAndTonesAreHeardAtBothEnds) {
    talk(Seconds(4));
    EXPECT_NEAR(heard_by(0), 440, 2);
    EXPECT_NEAR(heard_by(1), 620, 2);
    EXPECT_EQ(passed_unchanged(0, 1), 50);
    EXPECT_EQ(passed_unchanged(1, 0), 50);
}

TEST_F(JoinedPhones, KeysPassOnceEach) {
    talk(Seconds(2));
    world().at_phone(
        [](lab::PhoneEngine& phone, lab::PhoneOutputs&) { ASSERT_TRUE(phone.press("4422#")); });
    world().run(Seconds(3));
    EXPECT_EQ(keys_of(1), "4422#");
}

TEST_F(JoinedPhones, AKeyByInfoIsToldToTheOtherSideAndPacketsPassAgain) {
    talk(Seconds(2));
    world().at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.press_by_info(world().now(), '7', out);
    });
    world().run(Seconds(3));
    EXPECT_EQ(keys_of(1), "7");
    EXPECT_NEAR(heard_by(1), 620, 2);
    EXPECT_EQ(passed_unchanged(0, 1), 50);
}

TEST_F(JoinedPhones, AfterAHoldTheyHearEachOtherAgain) {
    talk(Seconds(2));
    for (const auto direction : {sdp::Direction::SendOnly, sdp::Direction::SendRecv}) {
        world().at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
            phone.reoffer(world().now(), direction, std::nullopt, out);
        });
        world().run(Seconds(2));
    }
    EXPECT_NEAR(heard_by(0), 440, 2);
    EXPECT_NEAR(heard_by(1), 620, 2);
}

TEST_F(JoinedPhones, WhenOneHangsUpNothingIsLeft) {
    talk(Seconds(2));
    world().at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.hang_up(world().now(), out);
    });
    world().run(Seconds(40));
    EXPECT_EQ(world().open_ports(), 0U);
    EXPECT_EQ(world().exchange().session_count(), 0U);
}

TEST_F(TrunkCall, AnAddressInTroubleIsLeftForTheNext) {
    options_.phones[0] = {.answer_after = Milliseconds(50), .reject = sip::Rejection{503, {}, {}}};
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_TRUE(world().happened(call, "answer"));
    EXPECT_FALSE(world().happened(call, "reject"));
    EXPECT_TRUE(world().phone(1).is_answered());
    world().command(call, command::Hangup{});
    world().run(Seconds(40));
    EXPECT_EQ(world().open_ports(), 0U);
    EXPECT_EQ(world().exchange().session_count(), 0U);
}

TEST_F(TrunkCall, AnAddressThatIsSilentIsLeftAfterTimerB) {
    carrier_.addresses.insert(carrier_.addresses.begin(), {"192.0.2.99", 0, sip::Transport::Udp});
    const SessionKey call = dial();
    world().run(Seconds(34));
    EXPECT_TRUE(world().happened(call, "answer"));
}

TEST_F(TrunkCall, ANameThatLeadsNowhereIsLeftAtOnce) {
    carrier_.addresses.insert(carrier_.addresses.begin(), {"gone.example", 0, sip::Transport::Udp});
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(call, "answer"));
}

TEST_F(TrunkCall, WhoIsBusyIsBusyOnEveryWay) {
    options_.phones[0] = {.answer_after = Milliseconds(50), .reject = sip::Rejection{486, {}, {}}};
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_EQ(refused(call), 486);
    EXPECT_FALSE(world().phone(1).in_call());
}

TEST_F(TrunkCall, TheLastRefusalIsTold) {
    options_.phones[0] = {.answer_after = Milliseconds(50), .reject = sip::Rejection{503, {}, {}}};
    options_.phones[1] = {.answer_after = Milliseconds(50), .reject = sip::Rejection{500, {}, {}}};
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_EQ(refused(call), 500);
    EXPECT_EQ(quota_.count("trunk carrier"), 0U);
}

TEST_F(TrunkCall, ATrunkHasOnlySoManyCalls) {
    carrier_.limit.calls = 1;
    const SessionKey first = dial("a");
    world().run(Seconds(1));
    const SessionKey second = dial("b");
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(first, "answer"));
    EXPECT_EQ(refused(second), 503);
    world().close(first);
    world().run(Seconds(1));
    const SessionKey third = dial("c");
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(third, "answer"));
}

TEST_F(TrunkCall, ADeniedNumberNeverLeaves) {
    options_.exchange.services.denied_prefixes = {"+4930"};
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_EQ(refused(call), 403);
    EXPECT_THAT(world().ladder(), testing::IsEmpty());
    EXPECT_EQ(world().exchange().gate_counts().denied_numbers, 1U);
}

TEST_F(TrunkCall, ItsCodecsComeBeforeTheServersUnlessTheClientNamesOne) {
    carrier_.codecs = {"PCMA"};
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_THAT(world().all<event::Answer>(call).at(0).sdp, HasSubstr("PCMA/8000"));
    EXPECT_THAT(world().all<event::Answer>(call).at(0).sdp, Not(HasSubstr("PCMU")));
    world().close(call);
    world().run(Seconds(1));
    CallOption option;
    option.codec = "pcmu";
    const SessionKey other = dial("other", option);
    world().run(Seconds(1));
    EXPECT_THAT(world().all<event::Answer>(other).at(0).sdp, HasSubstr("PCMU/8000"));
}

TEST_F(TrunkCall, WithEncryptionMandatoryAPhoneWithoutItIsNoCallee) {
    carrier_.crypto = sdp::CryptoPolicy::Mandatory;
    const SessionKey call = dial();
    world().run(Seconds(2));
    EXPECT_EQ(refused(call), 488);
}

TEST_F(TrunkCall, CallsFromItsAddressesComeByItAndCount) {
    carrier_.sources = {{IpAddress::v4(192, 0, 2, 10), 32}};
    carrier_.limit.calls = 1;
    world().phone_calls("echo", 0);
    world().run(Seconds(1));
    EXPECT_TRUE(world().phone(0).is_answered());
    EXPECT_EQ(quota_.count("trunk carrier"), 1U);
    EXPECT_EQ(refused(dial()), 503);
}

// Both addresses are asked every 30 seconds whether they are there.
class PingedTrunk : public TrunkCall {
  protected:
    PingedTrunk() {
        carrier_.ping = Seconds(30);
        options_.exchange.services.watched_trunks = {"carrier"};
        options_.exchange.services.trunk_states = &states_;
    }
    void start() {
        world().at_exchange([](Exchange& exchange, Instant now, Effects& out) {
            exchange.start_accounts(now, out);
        });
        world().run(Seconds(2));
    }
    // Requests that leave for a phone, from now on.
    void silence(std::size_t phone) {
        const auto ip = IpAddress::v4(192, 0, 2, static_cast<std::uint8_t>(10 + phone));
        world().drop = [ip](const Datagram& datagram) { return datagram.to.ip == ip; };
    }
    TrunkState state(std::size_t address) {
        const auto all = world().exchange().trunks();
        return all.size() > address ? all[address].state : TrunkState::Unknown;
    }
    std::size_t requests(std::string_view line) {
        return static_cast<std::size_t>(std::ranges::count_if(
            world().ladder(), [&](const std::string& one) { return one.starts_with(line); }));
    }

    LocalTrunkStates states_;
};

TEST_F(PingedTrunk, IsUpWhenItAnswersAndIsAskedAgainAndAgain) {
    start();
    EXPECT_EQ(state(0), TrunkState::Up);
    EXPECT_EQ(state(1), TrunkState::Up);
    world().run(Seconds(60));
    EXPECT_GE(requests("> OPTIONS sip:192.0.2.10 "), 3U);
    EXPECT_LE(requests("> OPTIONS sip:192.0.2.10 "), 4U);
}

TEST_F(PingedTrunk, AnAddressThatIsSilentGetsNoCallsUntilItAnswers) {
    start();
    silence(0);
    world().run(Seconds(45));
    EXPECT_EQ(state(0), TrunkState::Down);
    EXPECT_EQ(world().exchange().trunks()[0].last_status, 408);
    const SessionKey call = dial();
    world().run(Seconds(1));
    EXPECT_TRUE(world().happened(call, "answer"));
    EXPECT_EQ(requests("> INVITE sip:+49301234@192.0.2.10"), 0U);
    world().command(call, command::Hangup{});
    world().drop = nullptr;
    world().run(Seconds(60));
    EXPECT_EQ(state(0), TrunkState::Up);
    dial("again");
    world().run(Seconds(1));
    EXPECT_EQ(requests("> INVITE sip:+49301234@192.0.2.10"), 1U);
}

TEST_F(PingedTrunk, WithNoAddressLeftTheCallerIsToldAtOnce) {
    start();
    world().drop = [](const Datagram& datagram) { return datagram.bytes.starts_with("OPTIONS"); };
    world().run(Seconds(45));
    const SessionKey call = dial();
    world().run(Milliseconds(10));
    EXPECT_EQ(refused(call), 503);
    EXPECT_EQ(requests("> INVITE"), 0U);
}

TEST_F(PingedTrunk, ANameThatLeadsNowhereIsDown) {
    carrier_.addresses = {{"gone.example", 0, sip::Transport::Udp}};
    start();
    EXPECT_EQ(state(0), TrunkState::Down);
    EXPECT_EQ(world().exchange().trunks()[0].last_status, 503);
}

TEST_F(PingedTrunk, ANameIsLookedUpEachTime) {
    carrier_.addresses = {{"carrier.example", 0, sip::Transport::Udp}};
    world().add_host("carrier.example", IpAddress::v4(192, 0, 2, 11));
    start();
    EXPECT_EQ(state(0), TrunkState::Up);
    EXPECT_GE(requests("> OPTIONS sip:carrier.example"), 1U);
}

TEST_F(PingedTrunk, WithoutPingsLineBreaksKeepTheWayOpen) {  // RFC 5626 3.5.1
    carrier_.ping.reset();
    carrier_.keep_alive = true;
    std::size_t breaks = 0;
    world().on_send = [&](const Datagram& datagram) {
        breaks += datagram.bytes == "\r\n\r\n" ? 1 : 0;
    };
    start();
    world().run(Seconds(60));
    EXPECT_GE(breaks, 6U);  // two addresses, at least every 29 seconds
    EXPECT_LE(breaks, 8U);
    EXPECT_EQ(requests("> OPTIONS"), 0U);
    EXPECT_TRUE(world().exchange().trunks().empty());
}

}  // namespace
}  // namespace patchbay::test
