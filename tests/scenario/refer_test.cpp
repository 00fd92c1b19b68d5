// SPDX-License-Identifier: Apache-2.0
#include "media/memory_source.hpp"
#include "media/tone.hpp"
#include "media/tone_detector.hpp"
#include "support/voice_audio.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace patchbay::test {
namespace {

using namespace call;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// Phone 0 is called, phone 1 is the other party, and phone 2 the one after him.
struct Refer : testing::Test {
    std::optional<World> world;
    SessionKey session;

    void start(lab::PhoneBehaviour other = {}) {
        WorldOptions options;
        options.phones = {{}, std::move(other), {}};
        world.emplace(options);
        CallOption option;
        option.caller = "sip:alice@example.com";
        session = world->dial(option);
        ASSERT_TRUE(world->run_until([&] { return world->happened(session, "answer"); }));
        world->phone(0).play(tone(500));
        world->phone(1).play(tone(900));
    }
    static std::unique_ptr<media::FrameSource> tone(double frequency) {
        return std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = frequency, .level = -20});
    }
    void refer(ReferOption options = {}) {
        world->command(session, command::Refer{.caller = "",
                                               .callee = World::phone_uri(1),
                                               .options = std::move(options)});
    }
    void refer_and_answer(ReferOption options = {}) {
        refer(std::move(options));
        ASSERT_TRUE(world->run_until([&] { return world->phone(1).is_answered(); }));
        world->run(Seconds(1));
    }
    double heard_by(std::size_t phone) {
        const auto& audio = world->phone_audio(phone).left;
        const auto found = media::find_tone(std::span(audio).last(8000), media::kSampleRate);
        return found ? found->frequency : 0;
    }
    void hangs_up(std::size_t phone) {
        world->at_phone([&](auto& p, auto& out) { p.hang_up(world->now(), out); }, phone);
        world->run(Seconds(1));
    }
    std::vector<event::Hangup> hangups() { return world->all<event::Hangup>(session); }
    void expect_nothing_left() {
        world->run(Seconds(40));
        EXPECT_EQ(world->exchange().session_count(), 0U);
        EXPECT_EQ(world->open_ports(), 0U);
        EXPECT_FALSE(world->phone(0).in_call());
        EXPECT_FALSE(world->phone(1).in_call());
    }
    void expect_only_the_main_call() {
        world->run(Seconds(40));
        EXPECT_EQ(world->exchange().session_count(), 1U);
        EXPECT_EQ(world->open_ports(), 1U);
        EXPECT_TRUE(world->phone(0).in_call());
        EXPECT_FALSE(world->phone(1).in_call());
    }
};

TEST_F(Refer, RingsIsAnsweredAndBothPartiesHearEachOther) {
    start();
    refer_and_answer();
    EXPECT_NEAR(heard_by(0), 900, 5);
    EXPECT_NEAR(heard_by(1), 500, 5);
    EXPECT_THAT(world->story(session),
                ElementsAre("trackStart", "ringing", "answer", "trackStart", "ringing", "answer"));
    const auto answers = world->all<event::Answer>(session);
    EXPECT_EQ(answers[0].refer, std::nullopt);
    EXPECT_EQ(answers[1].refer, true);
    EXPECT_EQ(answers[1].track_id, TrackId("serverSideTrack"));
    EXPECT_EQ(world->all<event::Ringing>(session)[1].refer, true);
}

TEST_F(Refer, TheOtherPartySeesTheCallerThatTheClientNames) {
    start();
    world->command(
        session, command::Refer{.caller = "sip:carol@example.com", .callee = World::phone_uri(1)});
    world->run(Milliseconds(50));
    EXPECT_THAT(world->ladder(), Contains(StartsWith("> INVITE sip:bob@192.0.2.11")));
    EXPECT_THAT(world->phone_events(1),
                Contains(testing::VariantWith<lab::PhoneRinging>(
                    testing::Field(&lab::PhoneRinging::caller, HasSubstr("carol@example.com")))));
}

TEST_F(Refer, WithoutACallerTheOtherPartySeesThatOfTheMainCall) {
    start();
    refer();
    world->run(Milliseconds(50));
    EXPECT_THAT(world->phone_events(1),
                Contains(testing::VariantWith<lab::PhoneRinging>(
                    testing::Field(&lab::PhoneRinging::caller, HasSubstr("alice@example.com")))));
}

TEST_F(Refer, HeadersSayWhoReferredAndTheClientsOwnAreThere) {
    start();
    SipOption sip;
    sip.headers = {{"X-Queue", "sales"}};
    refer({.sip = sip});
    world->run(Milliseconds(50));
    const auto invite =
        std::find_if(world->wire().begin(), world->wire().end(), [](const World::WireMessage& one) {
            return one.datagram.bytes.starts_with("INVITE sip:bob@192.0.2.11");
        });
    ASSERT_NE(invite, world->wire().end());
    EXPECT_THAT(invite->datagram.bytes, HasSubstr("X-Queue: sales\r\n"));
    EXPECT_THAT(invite->datagram.bytes,
                HasSubstr("X-Referred-To: " + World::phone_uri(0) + "\r\n"));
    EXPECT_THAT(invite->datagram.bytes, HasSubstr("X-Referred-From: sip:alice@example.com\r\n"));
    EXPECT_THAT(invite->datagram.bytes, HasSubstr("X-Referred-Id: call\r\n"));
}

TEST_F(Refer, TheOtherPartysVoiceIsToldAsThatOfTheSecondLeg) {
    start();
    VadOption vad;
    vad.type = "webrtc";
    refer_and_answer({.vad = vad});
    world->phone(0).play(nullptr);
    world->phone(1).play(std::make_unique<media::MemorySource>(
        spoken("one two three four five six seven eight nine ten")));
    world->run(Seconds(5));
    const auto speaking = world->all<event::Speaking>(session);
    ASSERT_FALSE(speaking.empty());
    EXPECT_EQ(speaking[0].refer, true);
    EXPECT_EQ(speaking[0].track_id, TrackId("serverSideTrack"));
    ASSERT_TRUE(world->happened(session, "silence"));
    EXPECT_EQ(world->all<event::Silence>(session)[0].refer, true);
}

TEST_F(Refer, TheClientsNameForTheSecondLegIsItsCallId) {
    start();
    refer_and_answer({.call_id = "leg-7"});
    EXPECT_TRUE(world->exchange().find(SessionId("leg-7")));
    const auto summaries = world->history(*world->exchange().find(SessionId("leg-7"))).summaries;
    ASSERT_FALSE(summaries.empty());
    EXPECT_EQ(summaries.back().main_call, SessionId("call"));
    EXPECT_EQ(summaries.back().call_id, "leg-7");
}

TEST_F(Refer, AnAcknowledgedCommandForTheSecondLegIsAnsweredToTheSameClient) {
    start();
    refer_and_answer();
    Effects effects;
    world->exchange().handle_command(world->now(), session, {command::Hangup{.refer = true}, "r-1"},
                                     effects);
    world->perform(std::move(effects));
    const auto acks = world->all<event::Ack>(session);
    ASSERT_EQ(acks.size(), 1U);
    EXPECT_EQ(acks[0].request_id, "r-1");
}

TEST_F(Refer, ACallerWhoIsMutedIsNotHeardByTheOtherParty) {
    start();
    refer_and_answer();
    world->command(session, command::Mute{.track_id = TrackId("call")});
    world->run(Seconds(1));
    EXPECT_EQ(heard_by(1), 0);
    EXPECT_NEAR(heard_by(0), 900, 5);
    world->command(session, command::Unmute{});
    world->command(session, command::Mute{.track_id = TrackId("serverSideTrack")});
    world->run(Seconds(1));
    EXPECT_NEAR(heard_by(1), 500, 5);
    EXPECT_EQ(heard_by(0), 0);
}

TEST_F(Refer, TheMusicLoopsUntilTheAnswer) {
    start({.answer_after = Seconds(3)});
    world->add_file("moh.wav", [] {
        return std::make_unique<media::ToneSource>(
            media::ToneSpec{.frequency = 700, .level = -20, .length = Seconds(1)});
    });
    refer({.moh = "moh.wav"});
    world->run(Milliseconds(2500));
    EXPECT_NEAR(heard_by(0), 700, 5);
    ASSERT_TRUE(world->run_until([&] { return world->phone(1).is_answered(); }));
    world->run(Seconds(1));
    EXPECT_NEAR(heard_by(0), 900, 5);
    EXPECT_NEAR(heard_by(1), 500, 5);
    std::size_t rounds = 0;
    for (const auto& end : world->all<event::TrackEnd>(session)) {
        rounds += end.play_id == PlayId("moh.wav") ? 1 : 0;
    }
    EXPECT_GE(rounds, 3U);
    // The leg's own track begins when it is heard.
    EXPECT_EQ(world->story(session).back(), "trackStart");
}

TEST_F(Refer, MusicThatCannotBePlayedIsOneErrorAndTheOtherPartyIsCalledAllTheSame) {
    start({.answer_after = Seconds(3)});
    refer_and_answer({.moh = "missing.wav"});
    EXPECT_EQ(world->all<event::Error>(session).size(), 1U);
    EXPECT_NEAR(heard_by(0), 900, 5);
}

TEST_F(Refer, WhatIsSpokenIsInterrupted) {
    start();
    world->command(session, command::Tts{.text = "one two three four five six seven eight"});
    world->run(Milliseconds(300));
    refer();
    EXPECT_TRUE(world->happened(session, "interruption"));
}

TEST_F(Refer, EarlyMediaOfTheOtherPartyIsHeard) {
    start({.answer_after = Seconds(5), .early_media = true});
    world->phone(1).set_echo(true);
    refer();
    world->run(Seconds(2));
    EXPECT_FALSE(world->phone(1).is_answered());
    EXPECT_NEAR(heard_by(0), 500, 5);  // what it hears itself comes back
    EXPECT_EQ(world->all<event::Ringing>(session).back().early_media, true);
}

TEST_F(Refer, ABusyPartyIsARejectAndTheMainCallGoesOn) {
    start({.reject = sip::Rejection{.status = 486}});
    refer();
    world->run(Seconds(2));
    const auto reject = world->all<event::Reject>(session);
    ASSERT_EQ(reject.size(), 1U);
    EXPECT_EQ(reject[0].code, 486);
    EXPECT_EQ(reject[0].refer, true);
    EXPECT_EQ(world->all<event::Error>(session).back().code, 486);
    expect_only_the_main_call();
    ASSERT_EQ(hangups().size(), 1U);
    EXPECT_EQ(hangups()[0].refer, true);
}

TEST_F(Refer, ATimeoutCancelsTheLegAndStopsTheMusic) {
    start({.answer_after = std::nullopt});
    refer({.timeout = Seconds(3), .moh = "tone.wav"});
    world->run(Seconds(5));
    EXPECT_THAT(world->ladder(), Contains(StartsWith("> CANCEL")));
    const auto reject = world->all<event::Reject>(session);
    ASSERT_EQ(reject.size(), 1U);
    EXPECT_EQ(reject[0].code, 408);
    EXPECT_EQ(reject[0].reason, "Timeout when refer");
    EXPECT_EQ(reject[0].refer, true);
    EXPECT_EQ(world->all<event::TrackEnd>(session).back().play_id, PlayId("tone.wav"));
    EXPECT_EQ(heard_by(0), 0);
    expect_only_the_main_call();
}

TEST_F(Refer, TheOtherPartyHangsUpAndTheMainCallGoesOn) {
    start();
    refer_and_answer();
    hangs_up(1);
    ASSERT_EQ(hangups().size(), 1U);
    EXPECT_EQ(hangups()[0].refer, true);
    EXPECT_EQ(hangups()[0].reason, "byCallee");
    EXPECT_TRUE(hangups()[0].answer_time);
    world->command(session, command::Tts{.text = "one two three"});
    world->run(Seconds(1));
    EXPECT_EQ(world->story(session).back(), "trackEnd");
    expect_only_the_main_call();
}

TEST_F(Refer, WithAutoHangupTheMainCallEndsWithTheOtherParty) {
    start();
    refer_and_answer({.auto_hangup = true});
    hangs_up(1);
    ASSERT_EQ(hangups().size(), 2U);
    EXPECT_EQ(hangups()[0].refer, true);
    EXPECT_EQ(hangups()[1].refer, std::nullopt);
    EXPECT_EQ(hangups()[1].reason, "byRefer");
    EXPECT_EQ(world->story(session).back(), "hangup");
    expect_nothing_left();
}

TEST_F(Refer, WithAutoHangupAPartyThatWasNotReachedDoesNotEndTheMainCall) {
    start({.reject = sip::Rejection{.status = 486}});
    refer({.auto_hangup = true});
    world->run(Seconds(2));
    expect_only_the_main_call();
}

// When the main call ends, the second leg ends before it.
enum class ReferMoment { Ringing, Early, Answered };
struct ReferEnd : Refer, testing::WithParamInterface<ReferMoment> {
    void bring_to_moment() {
        lab::PhoneBehaviour other{.answer_after = std::nullopt,
                                  .early_media = GetParam() == ReferMoment::Early};
        if (GetParam() == ReferMoment::Answered) {
            other.answer_after = Milliseconds(200);
        }
        start(other);
        refer({.timeout = Seconds(300)});
        world->run(Seconds(2));
    }
    void expect_both_ended() {
        ASSERT_EQ(hangups().size(), 2U);
        EXPECT_EQ(hangups()[0].refer, true);
        EXPECT_EQ(hangups()[1].refer, std::nullopt);
        EXPECT_EQ(world->story(session).back(), "hangup");
        EXPECT_EQ(world->all<event::TrackStart>(session).size(),
                  world->all<event::TrackEnd>(session).size());
        expect_nothing_left();
    }
};

TEST_P(ReferEnd, TheCallerHangsUpAndTheOtherPartyIsLetGo) {
    bring_to_moment();
    hangs_up(0);
    expect_both_ended();
}

TEST_P(ReferEnd, AHangupCommandActsAtOnceOnBoth) {
    bring_to_moment();
    const Instant before = world->now();
    world->command(session, command::Hangup{.reason = "done", .initiator = "bot"});
    EXPECT_EQ(world->now(), before);
    EXPECT_EQ(hangups().back().reason, "done");
    expect_both_ended();
}

TEST_P(ReferEnd, TheClientGoesAwayAndBothEnd) {
    bring_to_moment();
    world->close(session);
    expect_both_ended();
}

TEST_P(ReferEnd, AHangupForTheSecondLegSparesTheMainCall) {
    bring_to_moment();
    world->command(session, command::Hangup{.reason = "enough", .refer = true});
    ASSERT_EQ(hangups().size(), 1U);
    EXPECT_EQ(hangups()[0].refer, true);
    EXPECT_EQ(hangups()[0].reason, "enough");
    expect_only_the_main_call();
}

TEST_P(ReferEnd, AnotherReferTakesThePlaceOfTheFirst) {
    bring_to_moment();
    world->phone(2).play(tone(1300));
    world->command(session, command::Refer{.caller = "", .callee = World::phone_uri(2)});
    ASSERT_EQ(hangups().size(), 1U);
    EXPECT_EQ(hangups()[0].refer, true);
    EXPECT_FALSE(world->happened(session, "error"));
    ASSERT_TRUE(world->run_until([&] { return world->phone(2).is_answered(); }));
    world->run(Seconds(1));
    EXPECT_FALSE(world->phone(1).in_call());
    EXPECT_NEAR(heard_by(0), 1300, 5);
    EXPECT_NEAR(heard_by(2), 500, 5);
    EXPECT_EQ(world->exchange().session_count(), 2U);
    hangs_up(2);
    EXPECT_EQ(hangups().size(), 2U);
    expect_only_the_main_call();
}

INSTANTIATE_TEST_SUITE_P(EachMoment,
                         ReferEnd,
                         testing::Values(ReferMoment::Ringing,
                                         ReferMoment::Early,
                                         ReferMoment::Answered));

TEST_F(Refer, KeysGoOverToTheOtherParty) {
    start();
    refer_and_answer();
    ASSERT_TRUE(world->phone(0).press("4"));
    world->run(Seconds(1));
    EXPECT_EQ(world->all<event::Dtmf>(session).size(), 1U);
    EXPECT_THAT(world->phone_events(1),
                Contains(testing::VariantWith<lab::PhoneDigit>(testing::_)));
}

TEST_F(Refer, KeysStayWhereTheClientSaysSo) {
    start();
    refer_and_answer({.forward_dtmf = false});
    ASSERT_TRUE(world->phone(1).press("7"));
    world->run(Seconds(1));
    ASSERT_EQ(world->all<event::Dtmf>(session).size(), 1U);
    EXPECT_EQ(world->all<event::Dtmf>(session)[0].refer, true);
    EXPECT_THAT(world->phone_events(0),
                Not(Contains(testing::VariantWith<lab::PhoneDigit>(testing::_))));
}

TEST_F(Refer, TheRecordingHoldsTheOtherPartyOnTheRight) {
    WorldOptions options;
    options.phones = {{}, {}};
    world.emplace(options);
    CallOption option;
    option.recorder = RecorderOption{};
    session = world->dial(option);
    ASSERT_TRUE(world->run_until([&] { return world->happened(session, "answer"); }));
    world->phone(1).play(tone(900));
    refer_and_answer();
    const auto& right = world->history(session).recording->right;
    const auto found = media::find_tone(std::span(right).last(8000), media::kSampleRate);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->frequency, 900, 5);
}

TEST_F(Refer, AnotherOneBeforeTheAnswerBeginsItsOwnMusic) {
    start({.answer_after = std::nullopt});
    world->add_file("other.wav", [] { return tone(1100); });
    refer({.moh = "tone.wav"});
    world->run(Seconds(1));
    refer({.moh = "other.wav"});
    world->run(Seconds(1));
    EXPECT_NEAR(heard_by(0), 1100, 5);
    EXPECT_FALSE(world->happened(session, "error"));
    world->command(session, command::Hangup{});
    EXPECT_EQ(hangups().size(), 3U);
    expect_nothing_left();
}

TEST_F(Refer, ASecondOneFollowsTheFirst) {
    start();
    refer_and_answer();
    hangs_up(1);
    refer_and_answer();
    EXPECT_NEAR(heard_by(0), 900, 5);
}

TEST_F(Refer, ToNobodyIsOneErrorAndLeavesNothingBehind) {
    start();
    world->command(session, command::Refer{.caller = "", .callee = "sip:[broken"});
    world->run(Seconds(1));
    EXPECT_TRUE(world->happened(session, "error"));
    expect_only_the_main_call();
}

TEST_F(Refer, ACommandForASecondLegThatIsNotThereIsAnError) {
    start();
    world->command(session, command::Hangup{.refer = true});
    EXPECT_EQ(world->all<event::Error>(session).back().code, 409);
    EXPECT_FALSE(world->happened(session, "hangup"));
}

}  // namespace
}  // namespace patchbay::test
