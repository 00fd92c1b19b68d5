// SPDX-License-Identifier: Apache-2.0
// Rules that are broken within a call: each is said, and ends it.
#include "lab/meta/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::lab::meta {
namespace {

using testing::HasSubstr;

constexpr ConnectionNumber kConnection = 1;

class NoNetwork final : public media::PacketSink {
  public:
    void send(const SocketAddress& /*to*/, ByteView /*packet*/) override {}
};

class MetaServiceTest : public testing::Test {
  protected:
    static Account account() {
        return {.host = "wa.meta.example",
                .port = 5061,
                .number = "+15550001111",
                .password = Secret<std::string>("made-by-meta"),
                .domain = "pbx.example.com",
                .key_exchange = KeyExchange::Sdes,
                .answer_after = Milliseconds(0)};
    }
    call::RtpEndpoint endpoint() {
        return {.port = call::RtpPort(7),
                .advertised = *SocketAddress::parse("192.0.2.1:3480"),
                .sink = &sink_};
    }
    template <class Action>
    void act(Action&& action) {
        ServiceOutputs out;
        action(out);
        for (const ServiceOutputs::Send& send : out.sends) {
            sent_.push_back(*sip::Message::parse(std::string_view(send.bytes)));
        }
        for (const Note& note : out.notes) {
            if (const auto* broken = std::get_if<note::Broken>(&note)) {
                rule_ = broken->rule;
            }
        }
    }
    void receive(const std::string& text) {
        act([&](ServiceOutputs& out) { service_.handle_message(now_, kConnection, text, out); });
    }
    void after(Nanoseconds time) {
        now_ += time;
        act([&](ServiceOutputs& out) { service_.tick(now_, out); });
    }
    // A user calls, and the business answers so.
    void user_calls_and_gets(int status, Lines headers, bool describes = true) {
        act([&](ServiceOutputs& out) { service_.call(now_, kConnection, "+5511987654321", out); });
        const sip::Message invite = sent_.back();
        const std::string answer = *business_.answer(now_, invite.body());
        headers.emplace_back("Contact: <sip:192.0.2.9:5061;transport=tls>");
        receive(response_text(invite, {.status = status,
                                       .to_tag = "b",
                                       .headers = std::move(headers),
                                       .sdp = describes ? std::string_view(answer) : ""}));
    }
    static Lines routes() {
        Lines lines;
        for (const std::string& route : record_routes(account(), true)) {
            lines.push_back("Record-Route: " + route);
        }
        return lines;
    }
    void packet(std::uint16_t sequence, std::uint32_t timestamp, std::uint32_t ssrc = 9) {
        Bytes bytes(40);
        bytes[0] = 0x80;
        bytes[1] = kOpusPayloadType;
        bytes[2] = static_cast<std::uint8_t>(sequence >> 8);
        bytes[3] = static_cast<std::uint8_t>(sequence);
        for (int i = 0; i < 4; ++i) {
            bytes[4 + i] = static_cast<std::uint8_t>(timestamp >> (24 - 8 * i));
            bytes[8 + i] = static_cast<std::uint8_t>(ssrc >> (24 - 8 * i));
        }
        act([&](ServiceOutputs& out) {
            service_.handle_rtp(now_, call::RtpPort(7), *SocketAddress::parse("192.0.2.9:4000"),
                                bytes, out);
        });
    }
    void expect_broken(std::string_view rule) {
        EXPECT_EQ(rule_, rule);
        EXPECT_EQ(sent_.back().method(), sip::Method::Bye);
        EXPECT_EQ(service_.calls(), 0U);
    }

    Instant now_ = Instant() + Seconds(1000);
    WallAnchor wall_;
    SeededRandom random_{1};
    NoNetwork sink_;
    webrtc::DtlsContext dtls_ = *webrtc::DtlsContext::make(WallTime{1'790'000'000'000}, random_);
    Account account_ = account();
    Media business_{now_, wall_, endpoint(), {account_, dtls_, false}, random_};
    Service service_{account_,
                     {.wall = wall_, .dtls = dtls_, .random = random_, .open_port = [this] {
                          return Result<call::RtpEndpoint>(endpoint());
                      }}};
    std::vector<sip::Message> sent_;
    std::string rule_;
};

TEST_F(MetaServiceTest, ABusinessThatKeepsTheRulesTalks) {
    user_calls_and_gets(200, routes());
    for (std::uint16_t i = 0; i < 3; ++i) {
        packet(i, 960U * i);
        after(Milliseconds(20));
    }
    EXPECT_EQ(rule_, "");
    EXPECT_EQ(sent_.back().method(), sip::Method::Ack);
    EXPECT_EQ(service_.calls(), 1U);
}

TEST_F(MetaServiceTest, AnAnswerWithoutTheRecordRouteEndsTheCall) {
    user_calls_and_gets(200, {});
    expect_broken("record-route");
}

TEST_F(MetaServiceTest, AnAnswerWithTheRecordRouteInAnotherOrderEndsTheCall) {
    Lines turned = routes();
    std::swap(turned.front(), turned.back());
    user_calls_and_gets(200, turned);
    expect_broken("record-route");
}

TEST_F(MetaServiceTest, AnAnswerWithASessionTimerEndsTheCall) {
    Lines headers = routes();
    headers.emplace_back("Session-Expires: 1800;refresher=uas");
    user_calls_and_gets(200, headers);
    expect_broken("session-timer");
}

TEST_F(MetaServiceTest, ADescriptionBeforeTheAnswerIsSaidToBreakTheRules) {
    user_calls_and_gets(183, routes());
    EXPECT_EQ(rule_, "early-media");
}

TEST_F(MetaServiceTest, AnotherSourceEndsTheCall) {
    user_calls_and_gets(200, routes());
    packet(1, 0);
    packet(2, 960, 10);
    expect_broken("one-ssrc");
}

TEST_F(MetaServiceTest, AnotherPacketTimeEndsTheCall) {
    user_calls_and_gets(200, routes());
    packet(1, 0);
    packet(2, 480);
    expect_broken("packet-time");
}

TEST_F(MetaServiceTest, SilenceAtFirstIsBorneFor20SecondsAndLaterFor30) {
    user_calls_and_gets(200, routes());
    after(Seconds(19));
    EXPECT_EQ(rule_, "");
    packet(1, 0);
    after(Seconds(29));
    EXPECT_EQ(rule_, "");
    after(Seconds(1));
    expect_broken("silence");
    EXPECT_THAT(std::string(sent_.back().header("Reason").value_or("")), HasSubstr("cause=408"));
}

TEST_F(MetaServiceTest, AnAnswerOfTheUserThatIsNotAcknowledgedEndsTheCall) {
    const std::string uri = "sip:+5511987654321@wa.meta.example;transport=tls";
    Lines lines{"Via: SIP/2.0/TLS pbx.example.com;branch=z9hG4bK1",
                "From: <sip:+15550001111@pbx.example.com>;tag=1",
                "To: <" + uri + ">",
                "Call-ID: 1",
                "CSeq: 1 INVITE",
                "Contact: <sip:192.0.2.9:5061;transport=tls>"};
    Media caller(now_, wall_, endpoint(), {account_, dtls_, true}, random_);
    const std::string offer = caller.offer();
    receive(request_text("INVITE", uri, lines, offer));
    ASSERT_EQ(sent_.back().status(), 407);
    DigestFields asked = read_digest(*sent_.back().header("Proxy-Authenticate"));
    const std::string proof = digest_response({.algorithm = Algorithm::Sha256,
                                               .user = "15550001111",
                                               .realm = asked["realm"],
                                               .password = "made-by-meta",
                                               .method = "INVITE",
                                               .uri = uri,
                                               .nonce = asked["nonce"],
                                               .client_nonce = "abc"});
    lines[4] = "CSeq: 2 INVITE";
    lines.push_back("Proxy-Authorization: Digest username=\"15550001111\", realm=\"" +
                    asked["realm"] + "\", nonce=\"" + asked["nonce"] + "\", uri=\"" + uri +
                    "\", response=\"" + proof +
                    "\", algorithm=SHA-256, cnonce=\"abc\", qop=auth, nc=00000001, opaque=\"" +
                    asked["opaque"] + "\"");
    receive(request_text("INVITE", uri, lines, offer));
    EXPECT_EQ(sent_.back().status(), 180);
    after(Milliseconds(20));
    ASSERT_EQ(sent_.back().status(), 200);
    packet(1, 0);
    for (int second = 0; second < 33 && rule_.empty(); ++second) {
        packet(static_cast<std::uint16_t>(second + 2), 960U * static_cast<unsigned>(second + 1));
        after(Seconds(1));
    }
    expect_broken("ack");
}

}  // namespace
}  // namespace patchbay::lab::meta
