// SPDX-License-Identifier: Apache-2.0
// Calls of browsers from the offer to the sound, through ICE, DTLS and SRTP.
#include "media/tone_detector.hpp"
#include "support/browser_world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::test {
namespace {

namespace event = call::event;
using testing::HasSubstr;

class BrowserCall : public testing::Test {
  protected:
    BrowserCall() { world.add(browser); }

    call::CallOption option(bool with_candidates = true) {
        call::CallOption option;
        option.offer = browser.offer(with_candidates);
        option.callee = "echo";
        return option;
    }
    // Invites and hands the answer to the browser.
    call::SessionKey dial(call::CallOption option) {
        const call::SessionKey session = world.open("call");
        world.invite(session, std::move(option));
        const auto answers = world.all<event::Answer>(session);
        EXPECT_EQ(answers.size(), 1U);
        if (!answers.empty()) {
            browser.accept(world.clock.now(), answers.front().sdp);
        }
        return session;
    }
    void expect_tone(const TestBrowser& listener) {
        ASSERT_GT(listener.heard().size(), 16000U);
        const auto tone =
            media::find_tone(std::span(listener.heard()).last(8000), media::kSampleRate);
        ASSERT_TRUE(tone);
        EXPECT_NEAR(tone->frequency, 1000, 5);
    }
    std::vector<std::string> hangups(call::SessionKey session) {
        std::vector<std::string> reasons;
        for (const event::Hangup& hangup : world.all<event::Hangup>(session)) {
            reasons.push_back(hangup.reason.value_or(""));
        }
        return reasons;
    }

    BrowserWorld world;
    TestBrowser browser{world.network, "192.0.2.10:5000", 3};
};

TEST_F(BrowserCall, TheEchoBringsTheToneBack) {
    const auto session = dial(option());
    world.run_for(Seconds(3));
    expect_tone(browser);
    EXPECT_EQ(world.all<event::TrackStart>(session).size(), 1U);
    EXPECT_EQ(world.all<event::MediaReady>(session).size(), 1U);
    EXPECT_TRUE(world.broken.empty());
}

// The original's page: the server learns the browser's address from its checks.
TEST_F(BrowserCall, AnOfferWithoutCandidatesConnects) {
    dial(option(false));
    world.run_for(Seconds(3));
    expect_tone(browser);
}

TEST_F(BrowserCall, CandidatesTrickledBeforeAndAfterTheInviteAreTaken) {
    const auto session = world.open("call");
    world.command(session, call::command::AddIceCandidate{.candidate = browser.candidate()});
    world.invite(session, option(false));
    world.command(session, call::command::AddIceCandidate{.candidate = browser.candidate()});
    world.command(session, call::command::AddIceCandidate{.candidate = ""});
    browser.accept(world.clock.now(), world.all<event::Answer>(session).front().sdp);
    world.run_for(Seconds(3));
    expect_tone(browser);
    EXPECT_TRUE(world.all<event::Error>(session).empty());
}

TEST_F(BrowserCall, AFaultyCandidateIsAnErrorAndHarmsNothing) {
    const auto session = dial(option());
    world.command(session, call::command::AddIceCandidate{.candidate = "nonsense"});
    ASSERT_EQ(world.all<event::Error>(session).size(), 1U);
    world.run_for(Seconds(3));
    expect_tone(browser);
}

TEST_F(BrowserCall, AnIceLiteAnswerConnects) {
    auto lite = option();
    lite.enable_ice_lite = true;
    const auto session = dial(std::move(lite));
    EXPECT_THAT(world.all<event::Answer>(session).front().sdp, HasSubstr("a=ice-lite\r\n"));
    world.run_for(Seconds(3));
    expect_tone(browser);
}

TEST_F(BrowserCall, TwoBrowsersOnOnePortEachHaveTheirOwnCall) {
    TestBrowser other(world.network, "192.0.2.11:5000", 4);
    world.add(other);
    dial(option());
    const auto second = world.open("second");
    call::CallOption theirs;
    theirs.offer = other.offer(false);
    theirs.callee = "echo";
    world.invite(second, std::move(theirs));
    other.accept(world.clock.now(), world.all<event::Answer>(second).front().sdp);
    world.run_for(Seconds(3));
    expect_tone(browser);
    expect_tone(other);
}

TEST_F(BrowserCall, ABrowserThatClosesEndsTheCall) {
    const auto session = dial(option());
    world.run_for(Seconds(2));
    browser.close(world.clock.now());
    world.run_for(Milliseconds(200));
    EXPECT_THAT(hangups(session), testing::ElementsAre("byCaller"));
}

TEST_F(BrowserCall, ABrowserThatVanishesEndsTheCall) {
    const auto session = dial(option());
    world.run_for(Seconds(2));
    world.network.set_firewall([](const UdpDatagram&) { return true; });
    world.run_for(Seconds(32));
    EXPECT_THAT(hangups(session), testing::ElementsAre("failed"));
}

TEST_F(BrowserCall, AHangupOfTheClientTellsTheBrowser) {
    const auto session = dial(option());
    world.run_for(Seconds(2));
    world.command(session, call::command::Hangup{});
    world.run_for(Milliseconds(200));
    EXPECT_EQ(browser.peer().state(), webrtc::PeerState::Closed);
    EXPECT_EQ(hangups(session).size(), 1U);
}

TEST_F(BrowserCall, ABrowserThatNeverConnectsIsGivenUpInTime) {
    auto impatient = option();
    impatient.handshake_timeout = call::HandshakeTimeout{Seconds(5)};
    const auto session = world.open("call");
    world.invite(session, std::move(impatient));
    world.run_for(Seconds(4));
    EXPECT_TRUE(hangups(session).empty());
    world.run_for(Seconds(2));
    EXPECT_THAT(hangups(session), testing::ElementsAre("noAnswer"));
}

// handshakeTimeout ends with the handshake.
TEST_F(BrowserCall, AConnectedCallOutlivesItsHandshakeTimeout) {
    auto impatient = option();
    impatient.handshake_timeout = call::HandshakeTimeout{Seconds(5)};
    const auto session = dial(std::move(impatient));
    world.run_for(Seconds(10));
    EXPECT_TRUE(hangups(session).empty());
}

TEST_F(BrowserCall, AnotherCertificateThanTheOffersEndsTheCall) {
    auto forged = option();
    const std::string ours = browser.peer().fingerprint().to_string();
    forged.offer->replace(forged.offer->find(ours), ours.size(),
                          ours.substr(0, ours.size() - 2) + (ours.ends_with("00") ? "01" : "00"));
    const auto session = dial(std::move(forged));
    world.run_for(Seconds(3));
    EXPECT_THAT(hangups(session), testing::ElementsAre("failed"));
    ASSERT_EQ(world.all<event::Error>(session).size(), 1U);
    EXPECT_THAT(world.all<event::Error>(session).front().error, HasSubstr("fingerprint"));
    EXPECT_TRUE(browser.heard().empty());
}

TEST_F(BrowserCall, AnInviteWithoutAnOfferIsAnErrorAndTheNextOneCounts) {
    const auto session = world.open("call");
    world.invite(session, {});
    call::CallOption telephone;
    telephone.offer =
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
    world.invite(session, telephone);
    EXPECT_EQ(world.all<event::Error>(session).size(), 2U);
    world.invite(session, option());
    EXPECT_EQ(world.all<event::Answer>(session).size(), 1U);
}

TEST_F(BrowserCall, PacketsOfStrangersAreHeardByNobody) {
    const auto session = dial(option());
    world.run_for(Seconds(2));
    SeededRandom random(9);
    for (std::uint16_t port = 1; port <= 500; ++port) {
        Bytes noise(100);
        random.fill(noise);
        world.inject({IpAddress::v4(203, 0, 113, 1), port}, noise);
        noise[0] = 0x80;
        world.inject({IpAddress::v4(192, 0, 2, 10), port}, noise);
    }
    world.run_for(Seconds(1));
    EXPECT_TRUE(hangups(session).empty());
    expect_tone(browser);
}

}  // namespace
}  // namespace patchbay::test
