// SPDX-License-Identifier: Apache-2.0
#include "media/tone_detector.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

WorldOptions with_application() {
    WorldOptions options;
    options.exchange.routes =
        std::make_shared<const RouteTable>(RouteTable::Settings{.otherwise = ToApplication{}});
    return options;
}

// A world in which phone 0 calls "sales", and the application has been told.
struct IncomingCall : testing::Test {
    World world{with_application()};

    void call() {
        world.phone_calls("sales");
        ASSERT_TRUE(world.run_until([&] { return !world.offered().empty(); }));
    }
    SessionKey take() {
        call();
        return world.adopt();
    }
    SessionKey answer() {
        const SessionKey session = take();
        world.command(session, command::Accept{});
        EXPECT_TRUE(world.run_until([&] { return world.phone().is_answered(); }));
        return session;
    }
    void caller_hangs_up() {
        world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); });
        world.run(Seconds(1));
    }
    event::Hangup hangup(SessionKey session) {
        const auto hangups = world.all<event::Hangup>(session);
        EXPECT_EQ(hangups.size(), 1U);
        EXPECT_EQ(world.story(session).back(), "hangup");
        return hangups.empty() ? event::Hangup{} : hangups.back();
    }
    void expect_nothing_left() {
        world.run(Seconds(40));
        EXPECT_EQ(world.exchange().session_count(), 0U);
        EXPECT_EQ(world.open_ports(), 0U);
        EXPECT_FALSE(world.phone().in_call());
    }
};

TEST_F(IncomingCall, IsOfferedWithTheHeadersAndTheOffer) {
    call();
    const AskApplication& offer = world.offered().back();
    EXPECT_EQ(offer.callee, "sip:sales@192.0.2.1");
    EXPECT_THAT(offer.caller, HasSubstr("phone0"));
    EXPECT_THAT(offer.headers, Contains(StartsWith("Call-ID: ")));
    EXPECT_THAT(offer.offer, StartsWith("v=0"));
    EXPECT_THAT(world.ladder(), Not(Contains(StartsWith("> SIP/2.0 18"))));
}

TEST_F(IncomingCall, IsTakenRingsIsAcceptedAndTalks) {
    const SessionKey session = take();
    EXPECT_THAT(world.story(session), ElementsAre("incoming"));
    world.command(session, command::Ringing{});
    world.run(Seconds(1));
    EXPECT_THAT(world.ladder(), Contains("> SIP/2.0 180 Ringing"));
    world.command(session, command::Accept{});
    ASSERT_TRUE(world.run_until([&] { return world.phone().is_answered(); }));
    world.command(session, command::Tts{.text = "one two three"});
    world.run(Seconds(2));
    world.command(session, command::Hangup{});
    EXPECT_THAT(world.story(session), ElementsAre("incoming", "trackStart", "answer", "trackStart",
                                                  "trackEnd", "trackEnd", "hangup"));
    EXPECT_TRUE(world.all<event::Hangup>(session).front().ringing_time.has_value());
    expect_nothing_left();
}

TEST_F(IncomingCall, IsAcceptedAtOnceWithoutRinging) {
    const SessionKey session = answer();
    world.run(Seconds(1));
    EXPECT_THAT(world.story(session), ElementsAre("incoming", "trackStart", "answer"));
    EXPECT_TRUE(world.happened(session, "mediaReady"));
    EXPECT_THAT(world.all<event::Answer>(session).front().sdp, StartsWith("v=0"));
    EXPECT_THAT(world.all<event::Incoming>(session).front().sdp, StartsWith("v=0"));
}

TEST_F(IncomingCall, WithEarlyMediaRingsBy183AndTheRingtoneIsHeardUntilTheAnswer) {
    const SessionKey session = take();
    world.command(session, command::Ringing{.ringtone = "tone.wav"});
    world.run(Seconds(2));
    EXPECT_THAT(world.ladder(), Contains("> SIP/2.0 183 Session Progress"));
    const auto tone =
        media::find_tone(std::span(world.phone_audio().left).last(16000), media::kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 440, 2);
    world.command(session, command::Accept{});
    world.run(Seconds(2));
    EXPECT_TRUE(world.phone().is_answered());
    EXPECT_FALSE(
        media::find_tone(std::span(world.phone_audio().left).last(16000), media::kSampleRate));
    EXPECT_THAT(world.story(session),
                ElementsAre("incoming", "trackStart", "trackStart", "trackEnd", "answer"));
    EXPECT_EQ(world.all<event::TrackEnd>(session).front().play_id, PlayId("tone.wav"));
}

TEST_F(IncomingCall, WithoutAnOfferRingsBy180AndIsToldWhyThereIsNoEarlyMedia) {
    // RFC 3261 13.2.1: our offer travels in the 200.
    call();
    std::string invite;
    for (const std::string& line : world.offered().back().headers) {
        invite += line + "\r\n";
    }
    // The same INVITE as a new call, without its body.
    const auto renamed = [&](const std::string& name, const std::string& value) {
        const std::size_t begin = invite.find(name + ": ");
        invite.replace(begin, invite.find('\r', begin) - begin, name + ": " + value);
    };
    renamed("Call-ID", "late-offer");
    renamed("Content-Length", "0");
    renamed("Via", "SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKlate");
    world.inject({IpAddress::v4(192, 0, 2, 10), 5060}, {IpAddress::v4(192, 0, 2, 1), 5060},
                 "INVITE sip:sales@192.0.2.1 SIP/2.0\r\n" + invite + "\r\n");
    ASSERT_EQ(world.offered().size(), 2U);
    const SessionKey session = world.adopt();
    world.command(session, command::Ringing{.early_media = true});
    EXPECT_EQ(world.all<event::Error>(session).front().code, 488);
    EXPECT_FALSE(world.happened(session, "hangup"));
    world.run(Seconds(1));
    EXPECT_THAT(world.ladder(), Contains("> SIP/2.0 180 Ringing"));
}

TEST_F(IncomingCall, TheRecorderOfRingingIsNotOverriddenByAccept) {
    const SessionKey session = take();
    world.command(session,
                  command::Ringing{.recorder = RecorderOption{.recorder_file = "ringing.wav"},
                                   .early_media = true});
    world.run(Seconds(1));
    ASSERT_TRUE(world.history(session).recording);
    const auto recording = world.history(session).recording;
    command::Accept accept;
    accept.option.recorder = RecorderOption{.recorder_file = "accept.wav"};
    world.command(session, accept);
    world.run(Seconds(2));
    EXPECT_EQ(world.history(session).recording, recording);
    EXPECT_GT(recording->left.size(), 2.9 * media::kSampleRate);
}

TEST_F(IncomingCall, ARecorderGivenWithAcceptBeginsThenEvenAfterEarlyMedia) {
    const SessionKey session = take();
    world.command(session, command::Ringing{.early_media = true});
    world.run(Seconds(1));
    EXPECT_FALSE(world.history(session).recording);
    command::Accept accept;
    accept.option.recorder = RecorderOption{};
    world.command(session, accept);
    world.run(Seconds(1));
    EXPECT_TRUE(world.history(session).recording);
}

TEST_F(IncomingCall, TheClientsCodecIsPreferredAndNeverCostsTheCall) {
    const SessionKey session = take();
    command::Accept accept;
    accept.option.codec = "l16";
    world.command(session, accept);
    world.run(Seconds(1));
    EXPECT_TRUE(world.phone().is_answered());
    EXPECT_FALSE(world.happened(session, "error"));
}

TEST_F(IncomingCall, IsRejectedWithTheClientsCodeAndReason) {
    const SessionKey session = take();
    world.command(session, command::Reject{.reason = "Busy Here", .code = 486});
    world.run(Seconds(1));
    EXPECT_THAT(world.ladder(), Contains("> SIP/2.0 486 Busy Here"));
    EXPECT_EQ(hangup(session).reason, "Busy Here");
    EXPECT_EQ(hangup(session).initiator, "callee");
    EXPECT_EQ(world.history(session).ended->status, 486);
    EXPECT_THAT(world.story(session), ElementsAre("incoming", "hangup"));
    expect_nothing_left();
}

TEST_F(IncomingCall, ARejectionWithoutACodeIs603) {
    const SessionKey session = take();
    world.command(session, command::Ringing{});
    world.command(session, command::Reject{.reason = "not today"});
    world.run(Seconds(1));
    EXPECT_THAT(world.ladder(), Contains(StartsWith("> SIP/2.0 603")));
    EXPECT_THAT(world.story(session), ElementsAre("incoming", "trackStart", "trackEnd", "hangup"));
}

TEST_F(IncomingCall, ACodeThatRejectsNothingIsAnErrorAndTheCallStillRings) {
    const SessionKey session = take();
    for (const int code : {0, 99, 180, 200, 302, 399, 700, -1}) {
        world.command(session, command::Reject{.reason = "no", .code = code});
        EXPECT_EQ(world.all<event::Error>(session).back().code, 400) << code;
    }
    EXPECT_FALSE(world.happened(session, "hangup"));
    world.command(session, command::Accept{});
    EXPECT_TRUE(world.run_until([&] { return world.phone().is_answered(); }));
}

TEST_F(IncomingCall, ThatNobodyAcceptsIs408AfterTheAcceptTimeout) {
    call();
    EXPECT_TRUE(world.run_until([&] { return !world.phone().in_call(); }, Seconds(51)));
    EXPECT_THAT(world.ladder(), Contains(StartsWith("> SIP/2.0 408")));
    EXPECT_EQ(hangup(world.last_session()).reason, "noAnswer");
    expect_nothing_left();
}

TEST_F(IncomingCall, ThatRingsTooLongIs408AndTheClientIsTold) {
    const SessionKey session = take();
    world.command(session, command::Ringing{});
    EXPECT_TRUE(world.run_until([&] { return world.happened(session, "hangup"); }, Seconds(51)));
    EXPECT_EQ(hangup(session).reason, "noAnswer");
    EXPECT_EQ(hangup(session).initiator, "system");
    expect_nothing_left();
}

TEST_F(IncomingCall, WhoseApplicationCannotBeToldIs503) {
    call();
    world.application_missing();
    world.run(Seconds(1));
    EXPECT_THAT(world.ladder(), Contains(StartsWith("> SIP/2.0 503")));
    EXPECT_EQ(hangup(world.last_session()).reason, "serverUnavailable");
    expect_nothing_left();
}

TEST(IncomingCallFallback, IsABuiltInPartyWhereTheOperatorSaysSo) {
    WorldOptions options = with_application();
    options.exchange.application_fallback = BuiltIn::Tone;
    World world(options);
    world.phone_calls("sales");
    ASSERT_TRUE(world.run_until([&] { return !world.offered().empty(); }));
    world.application_missing();
    world.run(Seconds(2));
    EXPECT_TRUE(world.phone().is_answered());
    const auto tone =
        media::find_tone(std::span(world.phone_audio().left).last(16000), media::kSampleRate);
    ASSERT_TRUE(tone);
    EXPECT_NEAR(tone->frequency, 440, 2);
}

TEST_F(IncomingCall, ThatWasTakenIsNotLostWhenTheWebhookFailsAfterwards) {
    const SessionKey session = take();
    world.application_missing();
    world.command(session, command::Accept{});
    EXPECT_TRUE(world.run_until([&] { return world.phone().is_answered(); }));
}

TEST_F(IncomingCall, IsTakenOnce) {
    const SessionKey session = take();
    EXPECT_NE(session, SessionKey());
    EXPECT_EQ(world.adopt(), SessionKey());
    EXPECT_THAT(world.story(session), ElementsAre("incoming"));
}

TEST_F(IncomingCall, ASecondAcceptIsAnErrorAndTheCallGoesOn) {
    const SessionKey session = answer();
    world.command(session, command::Accept{});
    world.command(session, command::Reject{.reason = "no", .code = 486});
    world.command(session, command::Ringing{});
    world.run(Seconds(1));
    EXPECT_EQ(world.all<event::Error>(session).size(), 3U);
    EXPECT_TRUE(world.phone().in_call());
    EXPECT_FALSE(world.happened(session, "hangup"));
}

// The moments at which one of the two may go away.
enum class Moment { BeforeItIsTaken, Taken, Ringing, EarlyMedia, Answered };

struct IncomingCallEnd : IncomingCall, testing::WithParamInterface<Moment> {
    SessionKey bring_to_moment() {
        call();
        if (GetParam() == Moment::BeforeItIsTaken) {
            return world.last_session();
        }
        const SessionKey session = world.adopt();
        if (GetParam() == Moment::Ringing) {
            world.command(session, command::Ringing{});
        } else if (GetParam() == Moment::EarlyMedia) {
            world.command(session, command::Ringing{.early_media = true});
        } else if (GetParam() == Moment::Answered) {
            world.command(session, command::Accept{});
            EXPECT_TRUE(world.run_until([&] { return world.phone().is_answered(); }));
        }
        world.run(Seconds(1));
        return session;
    }
    bool answered() const { return GetParam() == Moment::Answered; }
};

TEST_P(IncomingCallEnd, TheCallerGoesAwayAndTheClientIsToldAtOnce) {
    SessionKey session = bring_to_moment();
    caller_hangs_up();
    if (GetParam() == Moment::BeforeItIsTaken) {
        session = world.last_session();
    }
    EXPECT_EQ(hangup(session).reason, "byCaller");
    EXPECT_EQ(hangup(session).initiator, "caller");
    EXPECT_EQ(world.history(session).ended->status, answered() ? 200 : 487);
    EXPECT_EQ(world.all<event::TrackStart>(session).size(),
              world.all<event::TrackEnd>(session).size());
    expect_nothing_left();
}

// The moments at which there is an application that could go away.
struct TakenCallEnd : IncomingCallEnd {};

TEST_P(TakenCallEnd, TheApplicationGoesAwayAndTheCallerGetsTheRightAnswer) {
    const SessionKey session = bring_to_moment();
    world.close(session);
    world.run(Seconds(1));
    EXPECT_THAT(world.ladder(),
                Contains(answered() ? StartsWith("> BYE") : StartsWith("> SIP/2.0 603")));
    EXPECT_EQ(hangup(session).reason, "bySystem");
    EXPECT_EQ(world.history(session).ended->status, answered() ? 200 : 603);
    expect_nothing_left();
}

TEST_P(TakenCallEnd, TheApplicationHangsUpWithItsOwnWords) {
    const SessionKey session = bring_to_moment();
    world.command(session, command::Hangup{.reason = "closing time", .initiator = "bot"});
    world.run(Seconds(1));
    EXPECT_THAT(world.ladder(),
                Contains(answered() ? StartsWith("> BYE") : StartsWith("> SIP/2.0 603")));
    EXPECT_EQ(hangup(session).reason, "closing time");
    EXPECT_EQ(hangup(session).initiator, "bot");
    expect_nothing_left();
}

std::string name_of_moment(const testing::TestParamInfo<Moment>& info) {
    constexpr std::array kNames = {"BeforeItIsTaken", "Taken", "Ringing", "EarlyMedia", "Answered"};
    return kNames[static_cast<std::size_t>(info.param)];
}

INSTANTIATE_TEST_SUITE_P(EachMoment,
                         IncomingCallEnd,
                         testing::Values(Moment::BeforeItIsTaken,
                                         Moment::Taken,
                                         Moment::Ringing,
                                         Moment::EarlyMedia,
                                         Moment::Answered),
                         name_of_moment);
INSTANTIATE_TEST_SUITE_P(
    EachMoment,
    TakenCallEnd,
    testing::Values(Moment::Taken, Moment::Ringing, Moment::EarlyMedia, Moment::Answered),
    name_of_moment);

}  // namespace
}  // namespace patchbay::test
