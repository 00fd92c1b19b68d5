// SPDX-License-Identifier: Apache-2.0
// Calls over a WebSocket and of browsers end cleanly, whoever ends them and whenever: what began
// has its end, and exactly one `hangup` is the last word.
#include "support/browser_world.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

namespace patchbay::test {
namespace {

using namespace call;
using testing::SizeIs;

enum class End { HangupCommand, ClientGoesAway, Kill };

// --- /call

enum class SocketMoment { Opened, Answered, Speaking, PlayingAFile, Waiting, Recorded };

struct SocketCallEnd : testing::TestWithParam<std::tuple<SocketMoment, End>> {
    World world;
    SessionKey session = world.open("s", SessionKind::WebSocket);

    void bring_to_moment() {
        const SocketMoment moment = std::get<0>(GetParam());
        if (moment == SocketMoment::Opened) {
            return;
        }
        CallOption option;
        if (moment == SocketMoment::Recorded) {
            option.recorder = RecorderOption{};
        }
        world.command(session, command::Invite{.option = option});
        if (moment == SocketMoment::Speaking) {
            world.command(session, command::Tts{.text = "one two three four five six"});
        } else if (moment == SocketMoment::PlayingAFile) {
            world.command(session, command::Play{.url = "tone.wav"});
        } else if (moment == SocketMoment::Waiting) {
            world.command(session, command::Tts{.text = "one",
                                                .wait_input_timeout = InputTimeout(Seconds(30))});
        }
        world.run(Milliseconds(700));
    }
    void end() {
        switch (std::get<1>(GetParam())) {
            case End::HangupCommand: return world.command(session, command::Hangup{});
            case End::ClientGoesAway: return world.close(session);
            case End::Kill:
                return world.at_exchange([&](Exchange& exchange, Instant now, Effects& out) {
                    exchange.kill(now, session, out);
                });
        }
    }
};

TEST_P(SocketCallEnd, LeavesOneHangupAsTheLastWordAndNothingElse) {
    bring_to_moment();
    end();
    world.run(Seconds(60));
    const auto story = world.story(session);
    EXPECT_EQ(std::count(story.begin(), story.end(), "hangup"), 1);
    EXPECT_EQ(story.back(), "hangup");
    EXPECT_EQ(world.all<event::TrackStart>(session).size(),
              world.all<event::TrackEnd>(session).size());
    EXPECT_FALSE(world.happened(session, "silence"));
    EXPECT_FALSE(world.happened(session, "error"));
    EXPECT_EQ(world.exchange().session_count(), 0U);
}

INSTANTIATE_TEST_SUITE_P(
    EachMoment,
    SocketCallEnd,
    testing::Combine(testing::Values(SocketMoment::Opened,
                                     SocketMoment::Answered,
                                     SocketMoment::Speaking,
                                     SocketMoment::PlayingAFile,
                                     SocketMoment::Waiting,
                                     SocketMoment::Recorded),
                     testing::Values(End::HangupCommand, End::ClientGoesAway, End::Kill)));

// --- /call/webrtc

enum class BrowserEnd { HangupCommand, ClientGoesAway, BrowserCloses };

// How long after the invite: during the checks of ICE, the handshake of DTLS, and the call.
struct BrowserCallEnd : testing::TestWithParam<std::tuple<int, BrowserEnd>> {
    BrowserWorld world;
    TestBrowser browser{world.network, "192.0.2.10:5000", 3};

    SessionKey dial() {
        world.add(browser);
        const SessionKey session = world.open("call");
        CallOption option;
        option.offer = browser.offer(true);
        option.callee = "echo";
        option.handshake_timeout = HandshakeTimeout(Seconds(5));
        world.invite(session, std::move(option));
        browser.accept(world.clock.now(), world.all<event::Answer>(session).at(0).sdp);
        return session;
    }
};

TEST_P(BrowserCallEnd, LeavesOneHangupAsTheLastWordAndNothingElse) {
    const SessionKey session = dial();
    world.run_for(Milliseconds(std::get<0>(GetParam())));
    switch (std::get<1>(GetParam())) {
        case BrowserEnd::HangupCommand: world.command(session, command::Hangup{}); break;
        case BrowserEnd::ClientGoesAway: world.close(session); break;
        case BrowserEnd::BrowserCloses: browser.close(world.clock.now()); break;
    }
    world.run_for(Seconds(60));
    EXPECT_THAT(world.all<event::Hangup>(session), SizeIs(1));
    ASSERT_FALSE(world.events.empty());
    EXPECT_TRUE(std::holds_alternative<event::Hangup>(world.events.back().event));
    EXPECT_EQ(world.all<event::TrackStart>(session).size(),
              world.all<event::TrackEnd>(session).size());
    EXPECT_EQ(world.calls(), 0U);
    EXPECT_TRUE(world.broken.empty());
}

INSTANTIATE_TEST_SUITE_P(EachMoment,
                         BrowserCallEnd,
                         testing::Combine(testing::Values(0, 5, 20, 60, 150, 400, 1000, 3000),
                                          testing::Values(BrowserEnd::HangupCommand,
                                                          BrowserEnd::ClientGoesAway,
                                                          BrowserEnd::BrowserCloses)));

}  // namespace
}  // namespace patchbay::test
