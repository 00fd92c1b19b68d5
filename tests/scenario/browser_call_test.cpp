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
    // The page's next offer; returns what it is answered.
    std::string offer_again(call::SessionKey session, std::string offer) {
        // As browsers write it before they have candidates.
        for (std::size_t at = 0; (at = offer.find("192.0.0.8")) != std::string::npos;) {
            offer.replace(at, 9, "0.0.0.0");
        }
        const std::size_t before = world.all<event::Answer>(session).size();
        world.command(session, call::command::Offer{.sdp = offer});
        const auto answers = world.all<event::Answer>(session);
        EXPECT_EQ(answers.size(), before + 1);
        if (answers.size() == before + 1) {
            browser.accept(world.clock.now(), answers.back().sdp);
        }
        return answers.back().sdp;
    }
    static std::string ufrag_of(const std::string& description) {
        const auto at = description.find("a=ice-ufrag:") + 12;
        return description.substr(at, description.find("\r\n", at) - at);
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

// RFC 8445 9: media stays on the path that works until the checks of the new generation are done.
TEST_F(BrowserCall, ALaterOfferRestartsIceAndTheSoundGoesOn) {
    const auto session = dial(option());
    world.run_for(Seconds(2));
    const std::string before = ufrag_of(world.all<event::Answer>(session).front().sdp);
    const std::size_t heard = browser.heard().size();
    browser.restart_ice();
    const std::string after = ufrag_of(offer_again(session, browser.offer(true)));
    EXPECT_NE(before, after);
    EXPECT_TRUE(world.all<event::Hold>(session).empty());
    world.run_for(Seconds(1));
    // What still names the old generation is lost: the new one has to live alone.
    world.network.set_firewall([&](const UdpDatagram& datagram) {
        return std::string(datagram.bytes.begin(), datagram.bytes.end()).find(before) !=
               std::string::npos;
    });
    world.run_for(Seconds(40));
    EXPECT_TRUE(hangups(session).empty());
    expect_tone(browser);
    const auto since = std::span(browser.heard()).subspan(heard);
    for (std::size_t at = 0; at + 1600 <= 16000 * 2; at += 1600) {
        const auto tone = media::find_tone(since.subspan(at, 1600), media::kSampleRate);
        ASSERT_TRUE(tone) << "silent " << at / 16 << " ms after the offer";
        EXPECT_NEAR(tone->frequency, 1000, 20);
    }
}

TEST_F(BrowserCall, ALaterOfferHoldsAndTakesBack) {
    const auto session = dial(option());
    world.run_for(Seconds(2));
    EXPECT_THAT(offer_again(session, browser.offer(true, sdp::Direction::SendOnly)),
                HasSubstr("a=recvonly"));
    world.run_for(Seconds(1));
    const auto held = std::span(browser.heard()).last(8000);
    EXPECT_FALSE(media::find_tone(held, media::kSampleRate));
    EXPECT_THAT(offer_again(session, browser.offer(true)), HasSubstr("a=sendrecv"));
    world.run_for(Seconds(2));
    expect_tone(browser);
    std::vector<bool> holds;
    for (const event::Hold& hold : world.all<event::Hold>(session)) {
        holds.push_back(hold.on_hold);
    }
    EXPECT_THAT(holds, testing::ElementsAre(true, false));
}

TEST_F(BrowserCall, ALaterOfferThatCannotBeServedIsAnErrorAndTheCallGoesOn) {
    const auto session = dial(option());
    world.run_for(Seconds(1));
    browser.restart_ice();
    const std::string good = browser.offer(true);
    const std::string ours = browser.peer().fingerprint().to_string();
    const std::pair<std::string, std::string> faults[] = {
        {good, "v=0"},
        {ours, ours.substr(0, ours.size() - 2) + (ours.ends_with("00") ? "01" : "00")},
        {"m=audio", "m=video"},
        {"PCMU/8000", "NOBODY/8000"},
        {"a=ice-ufrag:", "a=nothing:"},
        {"RTP/SAVPF 0", "RTP/SAVPF 99"},
    };
    for (const auto& [from, to] : faults) {
        std::string faulty = good;
        faulty.replace(faulty.find(from), from.size(), to);
        const std::size_t errors = world.all<event::Error>(session).size();
        world.command(session, call::command::Offer{.sdp = faulty});
        EXPECT_EQ(world.all<event::Error>(session).size(), errors + 1) << to;
    }
    EXPECT_EQ(world.all<event::Answer>(session).size(), 1U);
    // Nothing of them was kept: the good one is taken.
    offer_again(session, good);
    world.run_for(Seconds(40));
    EXPECT_TRUE(hangups(session).empty());
    expect_tone(browser);
}

TEST_F(BrowserCall, AnOfferBeforeTheInviteIsAnError) {
    const auto session = world.open("call");
    world.command(session, call::command::Offer{.sdp = browser.offer(true)});
    ASSERT_EQ(world.all<event::Error>(session).size(), 1U);
    EXPECT_EQ(world.all<event::Error>(session).front().code, 409);
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
