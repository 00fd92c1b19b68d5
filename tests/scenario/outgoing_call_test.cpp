// SPDX-License-Identifier: Apache-2.0
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

WorldOptions with_phone(lab::PhoneBehaviour behaviour) {
    WorldOptions options;
    options.phones = {std::move(behaviour)};
    return options;
}

TEST(OutgoingCall, RingsIsAnsweredSpeaksPlaysHearsKeysAndHangsUp) {
    World world;
    CallOption option;
    option.recorder = RecorderOption{};
    const SessionKey call = world.dial(option);
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    world.command(call, command::Tts{.text = "one two three", .play_id = PlayId("hello")});
    world.run(Seconds(1));
    world.command(call, command::Play{.url = "tone.wav"});
    world.run(Seconds(1));
    ASSERT_TRUE(world.phone().press("5#"));
    world.run(Seconds(1));
    world.command(call, command::Interrupt{});
    world.run(Milliseconds(200));
    world.command(call, command::Hangup{.reason = "user_requested", .initiator = "user"});
    world.run(Seconds(1));
    EXPECT_THAT(world.story(call),
                ElementsAre("trackStart", "ringing", "answer", "trackStart", "trackEnd",
                            "trackStart", "dtmf", "dtmf", "trackEnd", "trackEnd", "hangup"));
    EXPECT_FALSE(world.phone().in_call());
    EXPECT_EQ(world.open_ports(), 0U);
    EXPECT_EQ(world.exchange().session_count(), 0U);
}

TEST(OutgoingCall, EventsCarryWhatTheContractPromises) {
    World world;
    CallOption option;
    option.caller = "sip:alice@example.com";
    option.extra.emplace("order", JsonText::number(std::int64_t{7}));
    const SessionKey call = world.dial(option, "session123");
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    world.run(Seconds(2));
    world.command(call, command::Hangup{.reason = "user_requested", .initiator = "user"});

    const TrackId track("session123");
    EXPECT_EQ(world.all<event::TrackStart>(call).front().track_id, track);
    EXPECT_EQ(world.all<event::Ringing>(call).front().early_media, false);
    EXPECT_EQ(world.all<event::Answer>(call).front().track_id, track);
    EXPECT_THAT(world.all<event::Answer>(call).front().sdp, HasSubstr("m=audio 30000 RTP/AVP"));
    const auto hangup = world.all<event::Hangup>(call).front();
    EXPECT_EQ(hangup.reason, "user_requested");
    EXPECT_EQ(hangup.initiator, "user");
    EXPECT_EQ(hangup.from, (Attendee{"alice", "example.com", "sip:alice@example.com"}));
    EXPECT_EQ(hangup.to->username, "bob");
    EXPECT_EQ(hangup.extra.at("order"), JsonText::number(std::int64_t{7}));
    ASSERT_TRUE(hangup.answer_time);
    ASSERT_TRUE(hangup.ringing_time);
    EXPECT_LT(hangup.start_time, *hangup.answer_time);
    EXPECT_LT(*hangup.ringing_time, *hangup.answer_time);
    EXPECT_LT(*hangup.answer_time, hangup.hangup_time);
    const auto end = world.all<event::TrackEnd>(call).back();
    EXPECT_EQ(end.track_id, track);
    EXPECT_EQ(end.duration, Seconds(2));
    EXPECT_NE(end.ssrc, 0U);
}

TEST(OutgoingCall, TheFarEndHangsUp) {
    World world(with_phone({.hang_up_after = Seconds(1)}));
    const SessionKey call = world.dial();
    world.run(Seconds(3));
    EXPECT_THAT(world.story(call),
                ElementsAre("trackStart", "ringing", "answer", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Hangup>(call).front().reason, "byCallee");
    EXPECT_EQ(world.all<event::Hangup>(call).front().initiator, "callee");
    EXPECT_EQ(world.history(call).ended->status, 200);
}

TEST(OutgoingCall, ARefusalIsRejectThenTrackEndThenHangup) {
    World world(with_phone({.reject = sip::Rejection{486, "Busy", {}}}));
    const SessionKey call = world.dial();
    world.run(Seconds(2));
    EXPECT_THAT(world.story(call),
                ElementsAre("trackStart", "ringing", "reject", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Reject>(call).front().code, 486);
    EXPECT_EQ(world.all<event::Reject>(call).front().reason, "Busy");
    EXPECT_EQ(world.all<event::TrackEnd>(call).front().duration, Milliseconds(0));
    EXPECT_EQ(world.all<event::Hangup>(call).front().reason, "rejected");
    EXPECT_EQ(world.all<event::Hangup>(call).front().answer_time, std::nullopt);
    EXPECT_EQ(world.open_ports(), 0U);
}

TEST(OutgoingCall, EarlyMediaFlowsBeforeTheAnswer) {
    World world(with_phone({.answer_after = Seconds(3), .early_media = true}));
    CallOption option;
    option.recorder = RecorderOption{};
    const SessionKey call = world.dial(option);
    world.run(Seconds(2));
    EXPECT_THAT(world.story(call), ElementsAre("trackStart", "ringing"));
    EXPECT_TRUE(world.all<event::Ringing>(call).front().early_media);
    EXPECT_TRUE(world.happened(call, "mediaReady"));
    EXPECT_TRUE(world.history(call).recording);
    world.run(Seconds(2));
    EXPECT_THAT(world.story(call), ElementsAre("trackStart", "ringing", "answer"));
}

TEST(OutgoingCall, TheDescriptionOfA183IsTheAnswerWhenThe200HasNone) {
    World world(with_phone(
        {.answer_after = Milliseconds(500), .early_media = true, .answer_without_sdp = true}));
    const SessionKey call = world.dial();
    world.run(Seconds(1));
    ASSERT_TRUE(world.happened(call, "answer"));
    EXPECT_THAT(world.all<event::Answer>(call).front().sdp, HasSubstr("m=audio 30000"));
    world.command(call, command::Tts{.text = "one two three four five"});
    world.run(Seconds(1));
    EXPECT_TRUE(std::any_of(world.heard_packets().begin(), world.heard_packets().end(),
                            [](const World::Heard& heard) { return heard.sound; }));
}

TEST(OutgoingCall, HangupWhileRingingCancelsAtOnce) {
    World world(with_phone({.answer_after = std::nullopt}));
    const SessionKey call = world.dial();
    world.run(Seconds(1));
    const Instant asked = world.now();
    world.command(call, command::Hangup{});
    EXPECT_EQ(world.when<event::Hangup>(call), asked);
    world.run(Seconds(1));
    EXPECT_THAT(world.story(call), ElementsAre("trackStart", "ringing", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Hangup>(call).front().reason, "bySystem");
    EXPECT_EQ(world.history(call).ended->status, 487);
    EXPECT_THAT(world.ladder(), testing::Contains(HasSubstr("> CANCEL")));
    EXPECT_FALSE(world.phone().in_call());
}

// At every 7 ms of the set-up, from before the INVITE has left to well after the answer, by both
// sides: no ghost call, one hangup, and it is last.
TEST(OutgoingCall, EndsCleanlyWheneverEitherSideHangsUp) {
    for (const bool ours : {true, false}) {
        for (Milliseconds after{0}; after < Milliseconds(300); after += Milliseconds(7)) {
            World world;
            const SessionKey call = world.dial();
            world.run(after);
            if (ours) {
                world.command(call, command::Hangup{});
            } else {
                world.at_phone([&](lab::PhoneEngine& phone, lab::PhoneOutputs& out) {
                    phone.hang_up(world.now(), out);
                });
            }
            world.run(Seconds(2));
            const bool reached = ours || world.happened(call, "hangup");
            if (!reached) {
                continue;  // the phone had not heard of the call yet
            }
            const auto story = world.story(call);
            EXPECT_EQ(std::count(story.begin(), story.end(), "hangup"), 1) << after.count();
            EXPECT_EQ(story.back(), "hangup") << after.count();
            EXPECT_FALSE(world.phone().in_call()) << after.count();
            EXPECT_EQ(world.exchange().session_count(), 0U) << after.count();
            EXPECT_EQ(world.open_ports(), 0U) << after.count();
        }
    }
}

TEST(OutgoingCall, AClosedControlConnectionEndsTheCall) {
    for (const Milliseconds after : {Milliseconds(0), Milliseconds(50), Milliseconds(1000)}) {
        World world;
        const SessionKey call = world.dial();
        world.run(after);
        world.close(call);
        world.run(Seconds(1));
        EXPECT_EQ(world.story(call).back(), "hangup");
        EXPECT_FALSE(world.phone().in_call());
    }
}

TEST(OutgoingCall, ASessionWithoutACallEndsWithHangupAlone) {
    World world;
    const SessionKey call = world.open();
    world.command(call, command::Hangup{});
    EXPECT_THAT(world.story(call), ElementsAre("hangup"));
}

TEST(OutgoingCall, HandshakeTimeoutIsCancelAndReject408) {
    World world(with_phone({.answer_after = std::nullopt}));
    CallOption option;
    option.handshake_timeout = HandshakeTimeout(Seconds(3));
    const SessionKey call = world.dial(option);
    const Instant dialled = world.now();
    world.run(Seconds(4));
    EXPECT_THAT(world.story(call),
                ElementsAre("trackStart", "ringing", "reject", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Reject>(call).front().code, 408);
    EXPECT_EQ(world.all<event::Hangup>(call).front().reason, "noAnswer");
    EXPECT_EQ(*world.when<event::Reject>(call) - dialled, Nanoseconds(Seconds(3)));
    EXPECT_FALSE(world.phone().in_call());
}

TEST(OutgoingCall, HandshakeTimeoutDoesNotTouchAnAnsweredCall) {
    World world;
    CallOption option;
    option.handshake_timeout = HandshakeTimeout(Seconds(1));
    const SessionKey call = world.dial(option);
    world.run(Seconds(3));
    EXPECT_THAT(world.story(call), ElementsAre("trackStart", "ringing", "answer"));
}

TEST(OutgoingCall, NobodyThereIsReject408AfterTheSipTimers) {
    World world;
    CallOption option;
    option.callee = "sip:bob@192.0.2.99";
    const SessionKey call = world.dial(option);
    world.run(Seconds(40));
    EXPECT_THAT(world.story(call), ElementsAre("trackStart", "reject", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Reject>(call).front().code, 408);
}

TEST(OutgoingCall, ANumberWithoutATrunkIsNoRoute) {
    World world;
    CallOption option;
    option.callee = "+49 30 901820";
    const SessionKey call = world.dial(option);
    EXPECT_THAT(world.story(call), ElementsAre("trackStart", "reject", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Reject>(call).front().code, 404);
    EXPECT_EQ(world.all<event::Reject>(call).front().reason, "no route");
}

TEST(OutgoingCall, AHostNameIsLookedUp) {
    World world;
    world.add_host("phone.example.com", IpAddress::v4(192, 0, 2, 10));
    CallOption option;
    option.callee = "sip:bob@phone.example.com";
    const SessionKey call = world.dial(option);
    EXPECT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    option.callee = "sip:bob@nowhere.example.com";
    const SessionKey lost = world.dial(option, "lost");
    EXPECT_EQ(world.all<event::Reject>(lost).front().code, 503);
}

TEST(OutgoingCall, AnAddressThatDoesNotAnswerIsFollowedByTheNext) {  // RFC 3263 4.3
    World world;
    world.add_host("phone.example.com", IpAddress::v4(192, 0, 2, 99));
    world.add_host("phone.example.com", IpAddress::v4(192, 0, 2, 10));
    CallOption option;
    option.callee = "sip:bob@phone.example.com:5060";
    const SessionKey call = world.dial(option);
    EXPECT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    EXPECT_FALSE(world.happened(call, "reject"));
    ASSERT_EQ(world.rested().size(), 1U);
    EXPECT_EQ(world.rested()[0].address.to_string(), "192.0.2.99:5060");
    world.command(call, command::Hangup{});
    world.run(Seconds(40));
    EXPECT_EQ(world.open_ports(), 0U);
    EXPECT_EQ(world.exchange().session_count(), 0U);
}

TEST(OutgoingCall, IPv6IsUsedWhereTheClientEnablesItOrThereIsNothingElse) {
    struct Case {
        bool enabled;
        bool has_v4;
        bool by_v6;
    };
    for (const Case& one :
         {Case{false, true, false}, Case{true, true, true}, Case{false, false, true}}) {
        World world;
        world.add_host("phone.example.com", *IpAddress::parse("2001:db8::10"));
        if (one.has_v4) {
            world.add_host("phone.example.com", IpAddress::v4(192, 0, 2, 10));
        }
        CallOption option;
        option.callee = "sip:bob@phone.example.com:5060";
        option.enable_ipv6 = one.enabled;
        const SessionKey call = world.dial(option);
        world.run(Seconds(2));
        EXPECT_EQ(world.happened(call, "answer"), !one.by_v6) << one.enabled << one.has_v4;
        const bool strayed = std::any_of(world.strays().begin(), world.strays().end(),
                                         [](const Datagram& lost) { return lost.to.ip.is_v6(); });
        EXPECT_EQ(strayed, one.by_v6) << one.enabled << one.has_v4;
    }
}

TEST(OutgoingCall, AllAddressesSilentIsOneRejection) {
    World world;
    world.add_host("phone.example.com", IpAddress::v4(192, 0, 2, 98));
    world.add_host("phone.example.com", IpAddress::v4(192, 0, 2, 99));
    CallOption option;
    option.callee = "sip:bob@phone.example.com:5060";
    const SessionKey call = world.dial(option);
    world.run(Seconds(70));
    EXPECT_THAT(world.story(call), ElementsAre("trackStart", "reject", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Reject>(call).front().code, 408);
    EXPECT_EQ(world.open_ports(), 0U);
}

TEST(OutgoingCall, TheOutboundProxyIsTheFirstHopAndTheFirstRoute) {
    WorldOptions options;
    options.exchange.outbound_proxy = sip::Uri::parse("sip:192.0.2.10;lr").value();
    World world(options);
    CallOption option;
    option.callee = "sip:bob@far.example.com";
    const SessionKey call = world.dial(option);
    EXPECT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    EXPECT_THAT(world.ladder().front(), HasSubstr("INVITE sip:bob@far.example.com SIP/2.0"));
}

TEST(OutgoingCall, WithoutAnRtpPortTheCallFailsAndSaysWhy) {
    WorldOptions options;
    options.rtp_ports = false;
    World world(options);
    const SessionKey call = world.dial();
    EXPECT_THAT(world.story(call),
                ElementsAre("trackStart", "error", "reject", "trackEnd", "hangup"));
    EXPECT_EQ(world.all<event::Reject>(call).front().code, 503);
}

TEST(OutgoingCall, ABadInviteIsAnErrorAndTheSessionMayTryAgain) {
    World world;
    const SessionKey call = world.open();
    CallOption option;
    world.command(call, command::Invite{.option = option});
    option.callee = "sip:";
    world.command(call, command::Invite{.option = option});
    option.callee = World::phone_uri();
    option.codec = "mp3";
    world.command(call, command::Invite{.option = option});
    EXPECT_THAT(world.story(call), ElementsAre("error", "error", "error"));
    EXPECT_EQ(world.all<event::Error>(call).front().sender, "command");
    option.codec.reset();
    world.command(call, command::Invite{.option = option});
    EXPECT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
}

TEST(OutgoingCall, OptionsThatAreNotServedYetAreNamedOnce) {
    World world;
    CallOption option;
    option.eou = EouOption{};
    option.realtime = RealtimeOption{};
    const SessionKey call = world.dial(option);
    world.run(Seconds(1));
    EXPECT_THAT(world.story(call),
                ElementsAre("trackStart", "error", "error", "ringing", "answer"));
    EXPECT_THAT(world.all<event::Error>(call)[0].error, HasSubstr("eou"));
    EXPECT_THAT(world.all<event::Error>(call)[1].error, HasSubstr("realtime"));
}

TEST(OutgoingCall, CodecLimitsTheOffer) {
    for (const auto& [word, name] :
         std::map<std::string, std::string>{{"pcmu", "PCMU"}, {"pcma", "PCMA"}, {"g722", "G722"}}) {
        World world;
        CallOption option;
        option.codec = word;
        const SessionKey call = world.dial(option);
        ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
        EXPECT_EQ(world.phone().audio()->negotiated()->codec.name, name);
        EXPECT_EQ(world.phone().audio()->negotiated()->receivable.size(), 1U);
    }
}

TEST(OutgoingCall, AnOfferLimitsCodecsOrderAndPacketTimeButNotAddresses) {
    World world;
    CallOption option;
    option.offer =
        "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\n"
        "m=audio 4000 RTP/AVP 8 0\r\na=ptime:30\r\n";
    const SessionKey call = world.dial(option);
    ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
    const auto& negotiated = *world.phone().audio()->negotiated();
    EXPECT_EQ(negotiated.ptime, Milliseconds(30));
    EXPECT_EQ(negotiated.remote_rtp.ip, IpAddress::v4(192, 0, 2, 1));
}

TEST(OutgoingCall, NoCodecInCommonIsARefusal) {
    WorldOptions options;
    options.phone_codecs = {"PCMA"};
    World world(options);
    CallOption option;
    option.codec = "pcmu";
    const SessionKey call = world.dial(option);
    world.run(Seconds(1));
    EXPECT_EQ(world.all<event::Reject>(call).front().code, 488);
}

TEST(OutgoingCall, SurvivesALossySignallingPath) {
    WorldOptions options;
    options.signalling.loss = 0.3;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        options.seed = seed;
        World world(options);
        const SessionKey call = world.dial();
        ASSERT_TRUE(world.run_until([&] { return world.happened(call, "answer"); })) << seed;
        world.run(Seconds(1));
        world.command(call, command::Hangup{});
        EXPECT_TRUE(world.run_until([&] { return !world.phone().in_call(); })) << seed;
    }
}

TEST(OutgoingCall, AnIdThatIsNoCallIdIsEscapedOnTheWire) {
    World world;
    for (const auto& [id, call_id] :
         {std::pair("s1@host.example", "s1@host.example"), std::pair("one;two", "one%3Btwo"),
          std::pair("a@b@c", "a%40b%40c")}) {
        const SessionKey call = world.dial({}, id);
        world.run(Seconds(1));
        EXPECT_TRUE(world.happened(call, "answer")) << id;
        world.command(call, command::Hangup{});
        world.run(Seconds(1));
        ASSERT_TRUE(world.history(call).ended);
        EXPECT_EQ(world.history(call).ended->call_id, call_id);
        EXPECT_EQ(world.history(call).ended->id, SessionId(id));
    }
}

TEST(OutgoingCall, ListsFollowTheCallFromBirthToEnd) {
    World world;
    const SessionKey call = world.dial({}, "listed");
    world.run(Seconds(1));
    world.command(call, command::Hangup{});
    std::vector<LegState> states;
    for (const SessionSummary& summary : world.history(call).summaries) {
        states.push_back(summary.state);
        EXPECT_EQ(summary.id, SessionId("listed"));
    }
    EXPECT_THAT(states, ElementsAre(LegState::Idle, LegState::Inviting, LegState::Ringing,
                                    LegState::Answered));
    ASSERT_TRUE(world.history(call).ended);
    EXPECT_EQ(world.history(call).ended->reason, "bySystem");
    EXPECT_EQ(world.history(call).ended->status, 200);
    EXPECT_EQ(world.history(call).ended->call_id, "listed");
}

TEST(OutgoingCall, TheSameIdTwiceIsRefusedAndTheFirstCallIsUnharmed) {
    World world;
    const SessionKey call = world.dial({}, "same");
    Effects effects;
    const auto second = world.exchange().open(world.now(), {.id = SessionId("same")}, effects);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::Duplicate);
    EXPECT_THAT(effects, IsEmpty());
    EXPECT_TRUE(world.run_until([&] { return world.happened(call, "answer"); }));
}

TEST(OutgoingCall, ACommandWithARequestIdIsAcknowledged) {
    World world;
    const SessionKey call = world.dial();
    world.run(Seconds(1));
    Effects effects;
    world.exchange().handle_command(world.now(), call, {command::Mute{}, std::string("r1")},
                                    effects);
    ASSERT_EQ(effects.size(), 1U);
    const auto* emitted = std::get_if<EmitEvent>(&effects.front());
    ASSERT_NE(emitted, nullptr);
    EXPECT_EQ(std::get<event::Ack>(emitted->event).request_id, "r1");
}

}  // namespace
}  // namespace patchbay::test
