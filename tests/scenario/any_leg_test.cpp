// SPDX-License-Identifier: Apache-2.0
// A call whose own party is a WebSocket or a browser, and whose callee is anybody: the callee is a
// second leg, whose end is the end of the call.
#include "media/tone.hpp"
#include "support/browser_beside.hpp"
#include "support/sound.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

using namespace call;
using testing::ElementsAre;
using testing::SizeIs;

std::unique_ptr<media::FrameSource> endless_tone(double frequency) {
    return std::make_unique<media::ToneSource>(
        media::ToneSpec{.frequency = frequency, .level = -20});
}

class SocketToPhone : public testing::Test {
  protected:
    SessionKey dial(std::string callee, lab::PhoneBehaviour phone = {}) {
        WorldOptions options;
        options.phones = {std::move(phone)};
        world.emplace(options);
        const SessionKey session = world->open("s", SessionKind::WebSocket);
        CallOption option;
        option.codec = "pcm";
        option.caller = "sip:alice@example.com";
        option.callee = std::move(callee);
        world->command(session, command::Invite{.option = option});
        return session;
    }
    void speak(SessionKey session, Nanoseconds length) {
        const Samples voice = tone(700, length);
        for (std::size_t at = 0; at < voice.size(); at += 320) {
            world->send_audio(
                session, to_bytes(Samples(voice.begin() + static_cast<std::ptrdiff_t>(at),
                                          voice.begin() + static_cast<std::ptrdiff_t>(at + 320))));
            world->run(Milliseconds(20));
        }
    }
    void expect_nothing_left() {
        world->run(Seconds(40));
        EXPECT_EQ(world->exchange().session_count(), 0U);
        EXPECT_EQ(world->open_ports(), 0U);
        EXPECT_FALSE(world->phone().in_call());
    }

    std::optional<World> world;
};

TEST_F(SocketToPhone, TheCalleeIsCalledAndBothHearEachOther) {
    const SessionKey session = dial(World::phone_uri());
    ASSERT_TRUE(world->run_until([&] { return world->phone().is_answered(); }));
    world->phone().play(endless_tone(900));
    speak(session, Seconds(1));
    EXPECT_NEAR(frequency_of(std::span(world->phone_audio().left).last(8000)), 700, 5);
    Samples heard;
    for (const Bytes& message : world->history(session).audio) {
        const Samples piece = to_samples(message);
        heard.insert(heard.end(), piece.begin(), piece.end());
    }
    ASSERT_GT(heard.size(), 8000U);
    EXPECT_NEAR(frequency_of(std::span(heard).last(8000)), 900, 5);
    EXPECT_THAT(world->story(session),
                ElementsAre("trackStart", "answer", "trackStart", "ringing", "answer"));
    const auto answers = world->all<event::Answer>(session);
    EXPECT_EQ(answers[0].refer, std::nullopt);
    EXPECT_EQ(answers[1].refer, true);
}

TEST_F(SocketToPhone, TheCalleeHangsUpAndTheCallIsOver) {
    const SessionKey session = dial(World::phone_uri());
    ASSERT_TRUE(world->run_until([&] { return world->phone().is_answered(); }));
    world->at_phone([&](auto& phone, auto& out) { phone.hang_up(world->now(), out); });
    world->run(Seconds(1));
    const auto hangups = world->all<event::Hangup>(session);
    ASSERT_THAT(hangups, SizeIs(2));
    EXPECT_EQ(hangups[0].refer, true);
    EXPECT_EQ(hangups[1].refer, std::nullopt);
    EXPECT_EQ(hangups[1].reason, "byCallee");
    EXPECT_EQ(world->story(session).back(), "hangup");
    expect_nothing_left();
}

TEST_F(SocketToPhone, TheClientHangsUpWhileItRingsAndThePhoneStops) {
    const SessionKey session = dial(World::phone_uri(), {.answer_after = std::nullopt});
    ASSERT_TRUE(world->run_until([&] { return world->happened(session, "ringing"); }));
    world->command(session, command::Hangup{});
    expect_nothing_left();
}

TEST_F(SocketToPhone, ABusyCalleeIsARejectAndTheEnd) {
    const SessionKey session = dial(World::phone_uri(), {.reject = sip::Rejection{.status = 486}});
    world->run(Seconds(1));
    ASSERT_THAT(world->all<event::Reject>(session), SizeIs(1));
    EXPECT_EQ(world->all<event::Reject>(session)[0].code, 486);
    ASSERT_TRUE(world->history(session).ended);
    EXPECT_EQ(world->history(session).ended->status, 486);
    EXPECT_EQ(world->all<event::Hangup>(session).back().reason, "rejected");
    expect_nothing_left();
}

// Clients of the original server name the parties of a socket call, and nobody is called.
TEST_F(SocketToPhone, ANumberThatNoRouteKnowsIsALabel) {
    const SessionKey session = dial("0987654321");
    world->run(Seconds(1));
    EXPECT_THAT(world->story(session), ElementsAre("trackStart", "answer"));
    EXPECT_TRUE(world->ladder().empty());
}

class BrowserToPhone : public testing::Test, protected BrowserBeside {
  protected:
    SessionKey dial(std::string callee) {
        CallOption option;
        option.offer = browser.offer(true);
        option.callee = std::move(callee);
        const SessionKey session = world.open("browser", SessionKind::WebRtc);
        world.command(session, command::Invite{.option = option});
        const auto answers = world.all<event::Answer>(session);
        EXPECT_THAT(answers, SizeIs(1));
        browser.accept(world.now(), answers.at(0).sdp);
        return session;
    }
};

TEST_F(BrowserToPhone, TheCalleeIsCalledAndBothHearEachOther) {
    const SessionKey session = dial(World::phone_uri());
    world.phone().play(endless_tone(900));
    run(Seconds(3));
    EXPECT_NEAR(frequency_of(std::span(world.phone_audio().left).last(8000)), 1000, 5);
    ASSERT_GT(browser.heard().size(), 8000U);
    EXPECT_NEAR(frequency_of(std::span(browser.heard()).last(8000)), 900, 5);
    EXPECT_EQ(world.all<event::Answer>(session).back().refer, true);
    EXPECT_TRUE(world.broken().empty());
}

TEST_F(BrowserToPhone, ThePhoneHangsUpAndTheBrowsersCallIsOver) {
    const SessionKey session = dial(World::phone_uri());
    run(Seconds(2));
    world.at_phone([&](auto& phone, auto& out) { phone.hang_up(world.now(), out); });
    run(Seconds(1));
    EXPECT_EQ(world.all<event::Hangup>(session).back().reason, "byCallee");
    EXPECT_EQ(world.exchange().session_count(), 0U);
}

TEST_F(BrowserToPhone, ACallOfAPhoneAndOneOfABrowserAreBridged) {
    const SessionKey phone = world.dial();
    ASSERT_TRUE(world.run_until([&] { return world.happened(phone, "answer"); }));
    world.phone().play(endless_tone(900));
    dial("");
    run(Seconds(1));
    world.command(phone, command::Bridge{.target_session_id = SessionId("browser")});
    run(Seconds(2));
    EXPECT_NEAR(frequency_of(std::span(world.phone_audio().left).last(8000)), 1000, 5);
    ASSERT_GT(browser.heard().size(), 8000U);
    EXPECT_NEAR(frequency_of(std::span(browser.heard()).last(8000)), 900, 5);
}

TEST_F(BrowserToPhone, ANameThatIsNobodysIsAnErrorAndNoCall) {
    const SessionKey session = world.open("browser", SessionKind::WebRtc);
    CallOption option;
    option.offer = browser.offer(true);
    option.callee = "nobody";
    world.command(session, command::Invite{.option = option});
    ASSERT_THAT(world.all<event::Error>(session), SizeIs(1));
    EXPECT_EQ(world.all<event::Error>(session)[0].code, 404);
    EXPECT_FALSE(world.happened(session, "answer"));
}

}  // namespace
}  // namespace patchbay::test
