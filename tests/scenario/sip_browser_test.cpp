// SPDX-License-Identifier: Apache-2.0
// A browser that speaks SIP (RFC 7118): its offer wants ICE, DTLS and SRTP, and everything else is
// a call as any other.
#include "media/tone.hpp"
#include "sip/digest_server.hpp"
#include "sip/message_writer.hpp"
#include "support/browser_beside.hpp"
#include "support/sound.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {
namespace {

using namespace call;
using testing::HasSubstr;
using testing::SizeIs;

const SocketAddress kServerSip = *SocketAddress::parse("192.0.2.1:5060");
const SocketAddress kBrowserSip = *SocketAddress::parse("198.51.100.10:5060");

WorldOptions with_application() {
    WorldOptions options;
    options.exchange.routes =
        std::make_shared<const RouteTable>(RouteTable::Settings{.otherwise = ToApplication{}});
    return options;
}

// A page with a SIP library, reduced to one INVITE, its ACK and a BYE.
class SipBrowser : public testing::Test, protected BrowserBeside {
  protected:
    explicit SipBrowser(WorldOptions options = {}) : BrowserBeside(std::move(options)) {
        world.add_stranger(kBrowserSip.ip, [this](const Datagram& datagram) {
            received.push_back(datagram.bytes);
            const std::string cseq = field(datagram.bytes, "CSeq: ");
            if (datagram.bytes.starts_with("SIP/2.0 200") && cseq.ends_with("INVITE")) {
                to_tag = field(datagram.bytes, "To: ");
                send_request("ACK", std::stoi(cseq));
                answers.push_back(datagram.bytes);
                if (!std::exchange(established, true)) {
                    browser.accept(world.now(), body(datagram.bytes));
                }
            }
        });
    }
    static std::string field(const std::string& message, const std::string& name) {
        const auto at = message.find(name) + name.size();
        return message.substr(at, message.find("\r\n", at) - at);
    }
    static std::string body(const std::string& message) {
        return message.substr(message.find("\r\n\r\n") + 4);
    }
    void call(const std::string& user) {
        callee = "sip:" + user + "@192.0.2.1";
        send_request("INVITE", 1, browser.offer(true));
    }
    void send_request(const std::string& method, int number, const std::string& body = {}) {
        const std::string to = to_tag.empty() ? "<" + callee + ">" : to_tag;
        world.send_as(kBrowserSip, kServerSip,
                      method + " " + callee + " SIP/2.0\r\n" +
                          "Via: SIP/2.0/UDP 198.51.100.10:5060;branch=z9hG4bK" + method +
                          std::to_string(number) + "\r\n" +
                          "Max-Forwards: 70\r\nFrom: <sip:page@example.com>;tag=p\r\nTo: " + to +
                          "\r\nCall-ID: page-1\r\nCSeq: " + std::to_string(number) + " " + method +
                          "\r\nContact: <sip:page@198.51.100.10:5060>\r\n" +
                          (body.empty() ? "" : "Content-Type: application/sdp\r\n") +
                          "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    // A re-INVITE of the server.
    void answer_reoffer(const std::string& invite) {
        last_offer = body(invite);
        const auto request = sip::Message::parse(std::string_view(invite));
        sip::MessageWriter writer = sip::MessageWriter::response(*request, {.status = 200});
        writer.header("Contact", "<sip:page@198.51.100.10:5060>");
        writer.body("application/sdp", browser.answer(world.now(), last_offer));
        world.send_as(kBrowserSip, kServerSip, writer.finish().value());
    }
    double heard_by_browser() {
        const auto& heard = browser.heard();
        return heard.size() > 8000 ? frequency_of(std::span(heard).last(8000)) : 0;
    }

    std::vector<std::string> received;
    std::vector<std::string> answers;  // 2xx to its INVITEs
    std::string last_offer;            // in a re-INVITE of the server
    std::string callee;
    std::string to_tag;
    bool established = false;
};

TEST_F(SipBrowser, HearsTheEchoOfItselfOverSrtp) {
    call("echo");
    run(Seconds(3));
    ASSERT_TRUE(established);
    EXPECT_THAT(received.back(), HasSubstr("UDP/TLS/RTP/SAVPF"));
    EXPECT_THAT(received.back(), HasSubstr("a=fingerprint:sha-256 "));
    EXPECT_NEAR(heard_by_browser(), 1000, 5);
    EXPECT_EQ(world.open_ports(), 0U) << "it shares the port of the browsers";
}

TEST_F(SipBrowser, HangsUpAndNothingIsLeft) {
    call("echo");
    run(Seconds(1));
    send_request("BYE", 2);
    run(Seconds(2));
    EXPECT_THAT(received.back(), HasSubstr("SIP/2.0 200"));
    EXPECT_EQ(world.exchange().session_count(), 0U);
    EXPECT_TRUE(world.broken().empty());
}

TEST_F(SipBrowser, HoldsAndTakesBackByAReInvite) {
    call("echo");
    run(Seconds(2));
    send_request("INVITE", 2, browser.offer(true, sdp::Direction::SendOnly));
    run(Seconds(1));
    ASSERT_THAT(answers, SizeIs(2));
    EXPECT_THAT(answers[1], HasSubstr("a=recvonly"));
    EXPECT_THAT(answers[1], HasSubstr("UDP/TLS/RTP/SAVPF"));
    run(Seconds(1));
    EXPECT_NEAR(heard_by_browser(), 0, 5);
    send_request("INVITE", 3, browser.offer(true));
    run(Seconds(2));
    ASSERT_THAT(answers, SizeIs(3));
    EXPECT_THAT(answers[2], HasSubstr("a=sendrecv"));
    EXPECT_NEAR(heard_by_browser(), 1000, 5);
}

// The checks of the new generation name a fragment that the port had not heard before.
TEST_F(SipBrowser, RestartsIceByAReInviteAndTheSoundGoesOn) {
    call("echo");
    run(Seconds(2));
    browser.restart_ice();
    send_request("INVITE", 2, browser.offer(true));
    run(Milliseconds(50));
    ASSERT_THAT(answers, SizeIs(2));
    const auto ufrag = [](const std::string& answer) { return field(answer, "a=ice-ufrag:"); };
    const std::string before = ufrag(answers[0]);
    EXPECT_NE(before, ufrag(answers[1]));
    browser.accept(world.now(), body(answers[1]));
    run(Seconds(1));
    network.set_firewall([before](const UdpDatagram& datagram) {
        return std::string(datagram.bytes.begin(), datagram.bytes.end()).find(before) !=
               std::string::npos;
    });
    run(Seconds(40));
    EXPECT_EQ(world.exchange().session_count(), 1U);
    EXPECT_NEAR(heard_by_browser(), 1000, 5);
}

TEST_F(SipBrowser, AsksForAnOfferInTheCallAndGetsOneWithItsTransport) {
    call("echo");
    run(Seconds(2));
    send_request("INVITE", 2);
    run(Milliseconds(200));
    ASSERT_THAT(answers, SizeIs(2));
    EXPECT_THAT(answers[1], HasSubstr("UDP/TLS/RTP/SAVPF"));
    EXPECT_THAT(answers[1], HasSubstr("a=setup:actpass"));
    EXPECT_EQ(field(answers[1], "a=ice-ufrag:"), field(answers[0], "a=ice-ufrag:"));
    run(Seconds(1));
    EXPECT_NEAR(heard_by_browser(), 1000, 5);
}

TEST_F(SipBrowser, AnotherCertificateInTheCallIsRefusedAndTheCallGoesOn) {
    call("echo");
    run(Seconds(2));
    std::string offer = browser.offer(true);
    const auto at = offer.find("a=fingerprint:sha-256 ") + 22;
    offer.replace(at, 5, offer.compare(at, 5, "00:00") == 0 ? "11:11" : "00:00");
    send_request("INVITE", 2, offer);
    run(Seconds(1));
    EXPECT_THAT(received.back(), HasSubstr("SIP/2.0 488"));
    EXPECT_NEAR(heard_by_browser(), 1000, 5);
}

TEST_F(SipBrowser, ThatNeverConnectsIsGivenUp) {
    network.set_firewall([](const UdpDatagram&) { return true; });
    call("echo");
    run(Seconds(60));
    EXPECT_EQ(world.exchange().session_count(), 0U);
    EXPECT_THAT(received.back(), HasSubstr("BYE sip:page@198.51.100.10:5060"));
}

class SipBrowserAndApplication : public SipBrowser {
  protected:
    SipBrowserAndApplication() : SipBrowser(with_application()) {}
};

TEST_F(SipBrowserAndApplication, IsOfferedAcceptedAndSpokenTo) {
    call("sales");
    run(Milliseconds(100));
    ASSERT_THAT(world.offered(), SizeIs(1));
    const SessionKey session = world.adopt();
    world.command(session, command::Accept{});
    run(Seconds(1));
    ASSERT_TRUE(established);
    world.command(session, command::Play{.url = "tone.wav"});
    run(Seconds(2));
    EXPECT_NEAR(heard_by_browser(), 440, 5);
    EXPECT_TRUE(world.happened(session, "mediaReady"));
}

TEST_F(SipBrowserAndApplication, IsReferredToAPhoneAndBothHearEachOther) {
    call("sales");
    run(Milliseconds(100));
    const SessionKey session = world.adopt();
    world.command(session, command::Accept{});
    run(Seconds(1));
    world.phone().play(
        std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 700, .level = -20}));
    world.command(session, command::Refer{.caller = "", .callee = World::phone_uri()});
    run(Seconds(2));
    EXPECT_NEAR(heard_by_browser(), 700, 5);
    EXPECT_NEAR(frequency_of(std::span(world.phone_audio().left).last(8000)), 1000, 5);
}

TEST_F(SipBrowserAndApplication, IsHeldAndTakenBackByTheApplication) {
    world.add_stranger(kBrowserSip.ip, [this](const Datagram& datagram) {
        received.push_back(datagram.bytes);
        if (datagram.bytes.starts_with("SIP/2.0 200") && !established) {
            established = true;
            to_tag = field(datagram.bytes, "To: ");
            send_request("ACK", 1);
            browser.accept(world.now(), body(datagram.bytes));
        } else if (datagram.bytes.starts_with("INVITE")) {
            answer_reoffer(datagram.bytes);
        }
    });
    call("sales");
    run(Milliseconds(100));
    const SessionKey session = world.adopt();
    world.command(session, command::Accept{});
    run(Seconds(1));
    world.command(session, command::Hold{});
    run(Seconds(1));
    EXPECT_THAT(last_offer, HasSubstr("a=sendonly"));
    EXPECT_THAT(last_offer, HasSubstr("UDP/TLS/RTP/SAVPF"));
    world.command(session, command::Unhold{});
    run(Seconds(1));
    EXPECT_THAT(last_offer, HasSubstr("a=sendrecv"));
    EXPECT_FALSE(world.happened(session, "error"));
    world.command(session, command::Play{.url = "tone.wav"});
    run(Seconds(2));
    EXPECT_NEAR(heard_by_browser(), 440, 5);
}

// Outlives the world that looks into it.
struct KnownLocations {
    sip::Locations locations;
};

// The phone is a user of the server, and the page calls him by name.
class SipBrowserAndUser : private KnownLocations, public SipBrowser {
  protected:
    SipBrowserAndUser() : SipBrowser(with_user(locations)) { world.register_phone(0); }

    static WorldOptions with_user(sip::Locations& locations) {
        WorldOptions options;
        options.phone_password = "secret";
        RouteTable::Settings table;
        table.users.insert("phone0");
        auto accounts = std::make_shared<sip::DigestAccounts>();
        accounts->emplace("phone0", sip::DigestSecret::of("phone0", "home", "secret"));
        options.exchange.routes = std::make_shared<const RouteTable>(std::move(table));
        ServicesConfig& services = options.exchange.services;
        services.gate.accounts = std::move(accounts);
        services.gate.digest.realm = "home";
        services.gate.hosts = {"192.0.2.1"};
        services.locations = &locations;
        return options;
    }
};

TEST_F(SipBrowserAndUser, CallsAPhoneAndBothHearEachOther) {
    world.phone().play(
        std::make_unique<media::ToneSource>(media::ToneSpec{.frequency = 700, .level = -20}));
    call("phone0");
    run(Seconds(3));
    ASSERT_TRUE(established) << received.back();
    EXPECT_NEAR(heard_by_browser(), 700, 5);
    EXPECT_NEAR(frequency_of(std::span(world.phone_audio().left).last(8000)), 1000, 5);
    send_request("BYE", 2);
    run(Seconds(2));
    EXPECT_FALSE(world.phone().in_call());
    EXPECT_EQ(world.exchange().session_count(), 0U);
}

}  // namespace
}  // namespace patchbay::test
