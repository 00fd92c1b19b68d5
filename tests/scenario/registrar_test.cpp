// SPDX-License-Identifier: Apache-2.0
// Users of the server: phones that register and are called by name, with no PBX between.
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "sip/digest_server.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

const char* const kHost = "192.0.2.1";
const IpAddress kFirstPhone = IpAddress::v4(192, 0, 2, 10);

// A world whose phones are users of the server.
class Users : public testing::Test {
  protected:
    World& world() {
        if (!world_) {
            RouteTable::Settings table;
            auto accounts = std::make_shared<sip::DigestAccounts>();
            for (const char* user : {"phone0", "phone1", "family"}) {
                table.users.insert(user);
                accounts->emplace(user, sip::DigestSecret::of(user, "home", "secret"));
            }
            options_.exchange.routes = std::make_shared<const RouteTable>(std::move(table));
            ServicesConfig& services = options_.exchange.services;
            services.gate.accounts = std::move(accounts);
            services.gate.digest.realm = "home";
            services.gate.hosts = {kHost};
            services.locations = &locations_;
            world_.emplace(options_);
        }
        return *world_;
    }
    SessionKey dial(const std::string& user) {
        CallOption option;
        option.callee = "sip:" + user + "@" + kHost;
        const SessionKey call = world().open();
        world().command(call, command::Invite{option});
        return call;
    }
    template <class E>
    bool phone_had(std::size_t i) {
        for (const lab::PhoneEvent& event : world().phone_events(i)) {
            if (std::holds_alternative<E>(event)) {
                return true;
            }
        }
        return false;
    }
    std::size_t count(std::string_view line) {
        return static_cast<std::size_t>(
            std::count_if(world().ladder().begin(), world().ladder().end(),
                          [&](const std::string& one) { return one.starts_with(line); }));
    }
    void expect_nothing_left() {
        world().run(Seconds(40));
        EXPECT_EQ(world().exchange().session_count(), 0U);
        EXPECT_EQ(world().open_ports(), 0U);
    }

    WorldOptions options_{.phones = {{}, {}}, .phone_password = "secret"};
    sip::Locations locations_;
    call::Effects ignored_;
    std::optional<World> world_;
};

TEST_F(Users, APhoneRegistersByDigest) {
    world().register_phone(0);
    EXPECT_TRUE(phone_had<lab::PhoneRegistered>(0));
    EXPECT_THAT(world().ladder(),
                ElementsAre("< REGISTER sip:192.0.2.1 SIP/2.0", "> SIP/2.0 401 Unauthorized",
                            "< REGISTER sip:192.0.2.1 SIP/2.0", "> SIP/2.0 200 OK"));
    EXPECT_THAT(*locations_.find("phone0", world().now()), SizeIs(1));
}

TEST_F(Users, APhoneIsCalledByItsName) {
    world().phone(0).play(
        std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 620, .level = -20}));
    world().register_phone(0);
    const SessionKey call = dial("phone0");
    world().run(Milliseconds(500));
    world().command(call, command::Play{.url = "tone.wav"});
    world().run(Seconds(3));
    EXPECT_TRUE(world().happened(call, "answer"));
    const auto heard = media::find_tone(std::span(world().phone_audio(0).left).last(16000), 16000);
    ASSERT_TRUE(heard);
    EXPECT_NEAR(heard->frequency, 440, 2);
    world().command(call, command::Hangup{});
    EXPECT_EQ(count("> BYE"), 1U);
    expect_nothing_left();
}

TEST_F(Users, WhoIsNotRegisteredIsTemporarilyUnavailable) {
    const SessionKey call = dial("phone1");
    world().run(Seconds(1));
    const auto rejected = world().all<event::Reject>(call);
    ASSERT_THAT(rejected, SizeIs(1));
    EXPECT_EQ(rejected[0].code, 480);
    EXPECT_EQ(count("> INVITE"), 0U);
}

TEST_F(Users, ABindingThatRanOutRingsNobody) {
    world().register_phone(0);
    // The phone's own refresh never reaches the server.
    locations_.expire(world().now() + Seconds(10'000));
    const SessionKey call = dial("phone0");
    world().run(Seconds(1));
    EXPECT_EQ(world().all<event::Reject>(call).at(0).code, 480);
}

TEST_F(Users, AllPhonesOfAUserRingAndTheFirstThatAnswersHasTheCall) {
    options_.phone_user = "family";
    options_.phones = {{.answer_after = Seconds(5)}, {.answer_after = Seconds(1)}};
    world().register_phone(0);
    world().register_phone(1);
    const SessionKey call = dial("family");
    world().run(Milliseconds(800));
    EXPECT_TRUE(phone_had<lab::PhoneRinging>(0));
    EXPECT_TRUE(phone_had<lab::PhoneRinging>(1));
    EXPECT_EQ(world().all<event::Ringing>(call).size(), 1U);
    world().run(Seconds(3));
    EXPECT_TRUE(world().phone(1).is_answered());
    EXPECT_FALSE(world().phone(0).in_call());
    EXPECT_EQ(count("> CANCEL"), 1U);
    EXPECT_EQ(world().all<event::Answer>(call).size(), 1U);
    world().command(call, command::Hangup{});
    expect_nothing_left();
    EXPECT_EQ(world().all<event::Hangup>(call).size(), 1U);
}

TEST_F(Users, APhoneThatIsBusyDoesNotEndTheRingingOfTheOther) {
    options_.phone_user = "family";
    options_.phones = {{.answer_after = Milliseconds(100), .reject = sip::Rejection{486, {}, {}}},
                       {.answer_after = Seconds(2)}};
    world().register_phone(0);
    world().register_phone(1);
    const SessionKey call = dial("family");
    world().run(Seconds(4));
    EXPECT_TRUE(world().happened(call, "answer"));
    EXPECT_FALSE(world().happened(call, "reject"));
}

TEST_F(Users, WhenAllPhonesRefuseTheBestAnswerIsTold) {  // RFC 3261 16.7
    options_.phone_user = "family";
    options_.phones = {{.answer_after = Milliseconds(100), .reject = sip::Rejection{503, {}, {}}},
                       {.answer_after = Seconds(2), .reject = sip::Rejection{486, {}, {}}}};
    world().register_phone(0);
    world().register_phone(1);
    const SessionKey call = dial("family");
    world().run(Seconds(4));
    ASSERT_THAT(world().all<event::Reject>(call), SizeIs(1));
    EXPECT_EQ(world().all<event::Reject>(call)[0].code, 486);
    expect_nothing_left();
}

TEST_F(Users, WhoDeclinesForEverybodyEndsTheRingingEverywhere) {
    options_.phone_user = "family";
    options_.phones = {{.answer_after = Milliseconds(500), .reject = sip::Rejection{603, {}, {}}},
                       {.answer_after = Seconds(5)}};
    world().register_phone(0);
    world().register_phone(1);
    const SessionKey call = dial("family");
    world().run(Seconds(2));
    EXPECT_EQ(world().all<event::Reject>(call).at(0).code, 603);
    EXPECT_FALSE(world().phone(1).in_call());
    expect_nothing_left();
}

TEST_F(Users, ACallIsGivenUpAtAllPhones) {
    options_.phone_user = "family";
    options_.phones = {{.answer_after = std::nullopt}, {.answer_after = std::nullopt}};
    world().register_phone(0);
    world().register_phone(1);
    const SessionKey call = dial("family");
    world().run(Seconds(1));
    world().command(call, command::Hangup{});
    world().run(Seconds(1));
    EXPECT_FALSE(world().phone(0).in_call());
    EXPECT_FALSE(world().phone(1).in_call());
    EXPECT_EQ(count("> CANCEL"), 2U);
    expect_nothing_left();
}

TEST_F(Users, AUserWhoCallsProvesWhoHeIs) {
    world().phone_calls("echo", 0);
    world().run(Seconds(1));
    EXPECT_TRUE(world().phone(0).is_answered());
    EXPECT_THAT(world().ladder(), Contains("> SIP/2.0 401 Unauthorized"));
}

TEST_F(Users, WhoGuessesIsHeardNoMoreForAWhile) {
    options_.exchange.services.gate.sources.strikes = {.rate = 0.01, .burst = 3};
    options_.phone_password = "guess";
    world();
    for (int i = 0; i < 6; ++i) {
        world().register_phone(0);
        world().run(Seconds(35));
    }
    EXPECT_FALSE(phone_had<lab::PhoneRegistered>(0));
    EXPECT_THAT(*locations_.find("phone0", world().now()), IsEmpty());
    EXPECT_FALSE(world().exchange().admits_message(world().now(), kFirstPhone));
    EXPECT_GE(world().exchange().gate_counts().wrong_passwords, 4U);
}

TEST_F(Users, AFloodOfOneAddressIsNoLossToAnother) {
    options_.exchange.services.gate.sources.messages = {.rate = 50, .burst = 100};
    world().register_phone(1);
    for (int i = 0; i < 2'000; ++i) {
        world().inject(
            {kFirstPhone, 5060}, {*IpAddress::parse(kHost), 5060},
            "OPTIONS sip:x@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP "
            "192.0.2.10;branch=z9hG4bK" +
                std::to_string(i) +
                "\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:x@h>\r\nCall-ID: " + std::to_string(i) +
                "\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
    }
    const SessionKey call = dial("phone1");
    world().run(Seconds(2));
    EXPECT_TRUE(world().happened(call, "answer"));
    EXPECT_GE(world().exchange().gate_counts().flooded, 1'800U);
}

// --- from phone to phone

class PhoneToPhone : public Users {
  protected:
    void ring(Milliseconds answer_after = Milliseconds(500)) {
        options_.phones = {{.answer_after = answer_after}, {}};
        world().phone(0).play(tone(620));
        world().phone(1).play(tone(1000));
        world().register_phone(0);
        world().phone_calls("phone0", 1);
    }
    static std::unique_ptr<media::FrameSource> tone(double frequency) {
        return std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = frequency, .level = -20});
    }
    double heard_by(std::size_t i) {
        const auto tone =
            media::find_tone(std::span(world().phone_audio(i).left).last(16000), 16000);
        return tone ? tone->frequency : 0;
    }
    void hang_up(std::size_t i) {
        world().at_phone([&](lab::PhoneEngine& phone,
                             lab::PhoneOutputs& out) { phone.hang_up(world().now(), out); },
                         i);
    }
    const lab::PhoneRejected* rejected(std::size_t i) {
        return world().phone_events(i).empty()
                   ? nullptr
                   : std::get_if<lab::PhoneRejected>(&world().phone_events(i).back());
    }
};

TEST_F(PhoneToPhone, BothHearEachOtherUntilOneHangsUp) {
    for (const std::size_t who : {0U, 1U}) {
        world_.reset();
        options_.exchange = {};
        ring();
        world().run(Milliseconds(300));
        EXPECT_EQ(count("> SIP/2.0 180"), 1U);
        world().run(Seconds(3));
        ASSERT_TRUE(world().phone(0).is_answered());
        ASSERT_TRUE(world().phone(1).is_answered());
        EXPECT_NEAR(heard_by(0), 1000, 3);
        EXPECT_NEAR(heard_by(1), 620, 3);
        EXPECT_EQ(world().exchange().session_count(), 2U);
        hang_up(who);
        world().run(Seconds(1));
        EXPECT_FALSE(world().phone(0).in_call());
        EXPECT_FALSE(world().phone(1).in_call());
        expect_nothing_left();
    }
}

TEST_F(PhoneToPhone, TheCallerMayGiveUpAtAnyMoment) {
    for (Milliseconds after{0}; after < Milliseconds(700); after += Milliseconds(35)) {
        world_.reset();
        options_.exchange = {};
        ring();
        world().run(after);
        hang_up(1);
        world().run(Seconds(1));
        EXPECT_FALSE(world().phone(0).in_call()) << after.count();
        EXPECT_FALSE(world().phone(1).in_call()) << after.count();
        expect_nothing_left();
    }
}

TEST_F(PhoneToPhone, ARefusalIsTheCallersAnswer) {
    options_.phones = {{.answer_after = Milliseconds(100), .reject = sip::Rejection{486, {}, {}}},
                       {}};
    world().register_phone(0);
    world().phone_calls("phone0", 1);
    world().run(Seconds(1));
    ASSERT_NE(rejected(1), nullptr);
    EXPECT_EQ(rejected(1)->status, 486);
    expect_nothing_left();
}

TEST_F(PhoneToPhone, WhoIsNotRegisteredIsTemporarilyUnavailable) {
    world().phone_calls("phone0", 1);
    world().run(Seconds(1));
    ASSERT_NE(rejected(1), nullptr);
    EXPECT_EQ(rejected(1)->status, 480);
}

TEST_F(PhoneToPhone, KeysPassThrough) {
    ring();
    world().run(Seconds(2));
    world().at_phone(
        [&](lab::PhoneEngine& phone, lab::PhoneOutputs&) { EXPECT_TRUE(phone.press("5")); }, 1);
    world().run(Seconds(1));
    EXPECT_TRUE(phone_had<lab::PhoneDigit>(0));
}

// --- overload

TEST_F(Users, AShardThatLagsRefusesNewCallsAndKeepsTheAudioOfThoseInProgress) {
    world().register_phone(0);
    world().phone_calls("tone", 0);
    world().run(Seconds(2));
    ASSERT_TRUE(world().phone(0).is_answered());
    world().set_tick_stride(3);  // two of three ticks are given up
    world().run(Seconds(3));
    world().phone_calls("echo", 1);
    world().run(Seconds(1));
    const auto* rejected = std::get_if<lab::PhoneRejected>(&world().phone_events(1).back());
    ASSERT_NE(rejected, nullptr);
    EXPECT_EQ(rejected->status, 503);
    EXPECT_EQ(
        world().exchange().open(world().now(), {.id = SessionId("late")}, ignored_).error().code,
        Errc::Unavailable);
    EXPECT_TRUE(world().phone(0).is_answered());
    const auto tone = media::find_tone(std::span(world().phone_audio(0).left).last(16000), 16000);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 440, 2);
    EXPECT_GE(world().exchange().gate_counts().overload_times, 1U);
    // And when the load has gone, calls are taken again.
    world().set_tick_stride(1);
    world().run(Seconds(4));
    world().phone_calls("echo", 1);
    world().run(Seconds(1));
    EXPECT_TRUE(world().phone(1).is_answered());
}

TEST_F(Users, AUserHasOnlySoManyCallsAtOnce) {
    LocalCallQuota quota;
    options_.exchange.services.quota = &quota;
    options_.exchange.services.user_calls = {.calls = 1, .rate = {}};
    options_.phone_user = "family";
    world().phone_calls("echo", 0);
    world().run(Seconds(1));
    ASSERT_TRUE(world().phone(0).is_answered());
    world().phone_calls("echo", 1);
    world().run(Seconds(1));
    const auto* rejected = std::get_if<lab::PhoneRejected>(&world().phone_events(1).back());
    ASSERT_NE(rejected, nullptr);
    EXPECT_EQ(rejected->status, 503);
    EXPECT_EQ(world().exchange().gate_counts().over_quota, 1U);
    world().at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
        phone.hang_up(world().now(), out);
    });
    world().run(Seconds(1));
    world().phone_calls("echo", 1);
    world().run(Seconds(1));
    EXPECT_TRUE(world().phone(1).is_answered());
}

}  // namespace
}  // namespace patchbay::test
