// SPDX-License-Identifier: Apache-2.0
#include "call/inbound_gate.hpp"

#include "sip/digest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::call {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

const IpAddress kStranger = IpAddress::v4(198, 51, 100, 7);
const SocketAddress kOffice{IpAddress::v4(192, 0, 2, 1), 5060};
const SocketAddress kStrict{IpAddress::v4(192, 0, 2, 1), 5070};

InboundGateConfig config() {
    InboundGateConfig out;
    out.digest.realm = "example.com";
    auto accounts = std::make_shared<sip::DigestAccounts>();
    accounts->emplace("alice", sip::DigestSecret::of("alice", "example.com", "wonder"));
    out.accounts = std::move(accounts);
    out.hosts = {"example.com", "192.0.2.1"};
    out.trunks = std::make_shared<Trunks>(
        Trunks{{.name = "carrier", .sources = {{IpAddress::v4(203, 0, 113, 0), 24}}}});
    out.listeners = {
        {.local = kStrict,
         .authentication = Authentication::Always,
         .allow = {{IpAddress::v4(198, 51, 100, 0), 24}, {IpAddress::v4(203, 0, 113, 0), 24}}}};
    out.sources.strikes = {.rate = 0.1, .burst = 3};
    out.user_requests = {.rate = 1, .burst = 5};
    return out;
}

class InboundGateTest : public testing::Test {
  protected:
    sip::Message request(const std::string& method,
                         const std::string& from = "sip:x@elsewhere.example",
                         const std::string& more = "") const {
        return sip::Message::parse(
                   method +
                   " sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP "
                   "198.51.100.7;branch=z9hG4bKa\r\n"
                   "From: <" +
                   from + ">;tag=1\r\nTo: <sip:bob@example.com>\r\nCall-ID: c\r\nCSeq: 1 " +
                   method + "\r\n" + more + "Content-Length: 0\r\n\r\n")
            .value();
    }
    sip::Judgement judge(const sip::Message& message, const IpAddress& from = kStranger) {
        return gate_.judge(now_, {sip::Transport::Udp, local_, {from, 5060}, 0}, message);
    }
    // With the answer to the challenge that `method` meets.
    sip::Message proved(const std::string& method, const std::string& password = "wonder") {
        const auto first = request(method, "sip:alice@example.com");
        const auto refused = std::get<sip::Refused>(judge(first));
        std::string text =
            "SIP/2.0 401 Unauthorized\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\n"
            "Call-ID: c\r\nCSeq: 1 " +
            method + "\r\n";
        for (const auto& header : refused.headers) {
            text += header.name + ": " + header.value + "\r\n";
        }
        sip::DigestClient client({"alice", Secret<std::string>(password), {}});
        const auto answer =
            client.answer(first, sip::Message::parse(text + "\r\n").value(), random_);
        return request(method, "sip:alice@example.com",
                       answer->front().name + ": " + answer->front().value + "\r\n");
    }
    static int status(const sip::Judgement& judgement) {
        const auto* refused = std::get_if<sip::Refused>(&judgement);
        return refused == nullptr ? 0 : refused->status;
    }
    static bool is_ignored(const sip::Judgement& judgement) {
        return std::holds_alternative<sip::Ignored>(judgement);
    }
    static bool is_admitted(const sip::Judgement& judgement) {
        return std::holds_alternative<sip::Admitted>(judgement);
    }

    Instant now_{Seconds(1'000)};
    SocketAddress local_ = kOffice;
    SeededRandom random_{1};
    InboundGate gate_{config(), random_};
};

TEST_F(InboundGateTest, AStrangerMayCall) {
    const auto judgement = judge(request("INVITE"));
    ASSERT_TRUE(is_admitted(judgement));
    EXPECT_EQ(std::get<sip::Admitted>(judgement).user, "");
}

TEST_F(InboundGateTest, WhoSaysThatHeIsAUserOfOursProvesIt) {
    EXPECT_EQ(status(judge(request("INVITE", "sip:alice@example.com"))), 401);
    EXPECT_EQ(status(judge(request("INVITE", "sip:alice@EXAMPLE.com"))), 401);
    EXPECT_EQ(status(judge(request("INVITE", "sip:alice@192.0.2.1:5060"))), 401);
    EXPECT_TRUE(is_admitted(judge(request("INVITE", "sip:alice@elsewhere.example"))));
    const auto judgement = judge(proved("INVITE"));
    ASSERT_TRUE(is_admitted(judgement));
    EXPECT_EQ(std::get<sip::Admitted>(judgement).user, "alice");
}

TEST_F(InboundGateTest, RegisterIsAlwaysAskedAlsoFromATrunk) {
    EXPECT_EQ(status(judge(request("REGISTER"))), 401);
    EXPECT_EQ(status(judge(request("REGISTER"), IpAddress::v4(203, 0, 113, 5))), 401);
}

TEST_F(InboundGateTest, OptionsIsNot) {
    local_ = kStrict;
    EXPECT_TRUE(is_admitted(judge(request("OPTIONS", "sip:alice@example.com"))));
}

TEST_F(InboundGateTest, AListenerMayAskEverybodyButTheTrunks) {
    local_ = kStrict;
    EXPECT_EQ(status(judge(request("INVITE"))), 401);
    const auto by_trunk = judge(request("INVITE"), IpAddress::v4(203, 0, 113, 5));
    ASSERT_TRUE(is_admitted(by_trunk));
    EXPECT_EQ(std::get<sip::Admitted>(by_trunk).peer, "carrier");
}

TEST_F(InboundGateTest, AListenerHearsOnlyTheAddressesOfItsList) {
    local_ = kStrict;
    EXPECT_TRUE(is_ignored(judge(request("OPTIONS"), IpAddress::v4(192, 0, 2, 77))));
    EXPECT_EQ(gate_.counts().addresses_refused, 1U);
}

TEST_F(InboundGateTest, AScannerMeetsSilenceAndIsNotHeardAgain) {
    for (const char* name : {"friendly-scanner", "SIPVicious 0.3", "pplsip"}) {
        const IpAddress from = IpAddress::v4(198, 51, 100, static_cast<std::uint8_t>(name[0]));
        EXPECT_TRUE(is_ignored(judge(
            request("OPTIONS", "sip:100@1.1.1.1", std::string("User-Agent: ") + name + "\r\n"),
            from)));
        EXPECT_FALSE(gate_.admits_message(now_, from));
        EXPECT_THAT(gate_.take_bans(), ElementsAre(from));
    }
    EXPECT_EQ(gate_.counts().scanners, 3U);
}

TEST_F(InboundGateTest, GuessingPasswordsEndsInSilence) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(status(judge(proved("REGISTER", "guess"))), 401);
    }
    EXPECT_TRUE(is_ignored(judge(proved("REGISTER", "guess"))));
    EXPECT_FALSE(gate_.admits_message(now_, kStranger));
    EXPECT_THAT(gate_.take_bans(), ElementsAre(kStranger));
    EXPECT_THAT(gate_.take_bans(), IsEmpty());
    EXPECT_EQ(gate_.counts().wrong_passwords, 4U);
}

TEST_F(InboundGateTest, SoDoesAskingForNumbersThatAreNotThere) {
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(gate_.admits_message(now_, kStranger));
        gate_.strike(now_, kStranger);
    }
    EXPECT_FALSE(gate_.admits_message(now_, kStranger));
}

TEST_F(InboundGateTest, TheShardsOfAServerShareTheirLimitsAndBans) {
    LocalSourceWatch shared({.messages = {.rate = 1, .burst = 6}}, {.rate = 1, .burst = 2});
    InboundGate one({.watch = &shared}, random_);
    InboundGate other({.watch = &shared}, random_);
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(one.admits_message(now_, kStranger));
        EXPECT_TRUE(other.admits_message(now_, kStranger));
    }
    EXPECT_FALSE(one.admits_message(now_, kStranger));
    EXPECT_FALSE(other.admits_message(now_, kStranger));
    EXPECT_EQ(one.counts().flooded + other.counts().flooded, 2U);
    for (int i = 0; i < 100; ++i) {
        one.strike(now_, kStranger);
    }
    EXPECT_FALSE(other.admits_message(now_, kStranger));
    EXPECT_EQ(other.counts().banned, 1U);
    EXPECT_EQ(one.counts().bans, 1U);
}

TEST_F(InboundGateTest, AUserHasARateOfHisOwn) {
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(is_admitted(judge(proved("REGISTER"))));
    }
    const auto judgement = judge(proved("REGISTER"));
    EXPECT_EQ(status(judgement), 503);
    EXPECT_THAT(std::get<sip::Refused>(judgement).headers,
                Contains(Field(&sip::ExtraHeader::name, "Retry-After")));
    EXPECT_EQ(gate_.counts().users_too_fast, 1U);
}

TEST_F(InboundGateTest, WhileTheShardLagsNewCallsAreToldToComeLater) {
    gate_.tick(now_);
    gate_.tick(now_ + Milliseconds(400));
    now_ += Milliseconds(400);
    const auto judgement = judge(request("INVITE"));
    EXPECT_EQ(status(judgement), 503);
    EXPECT_THAT(std::get<sip::Refused>(judgement).headers,
                Contains(Field(&sip::ExtraHeader::name, "Retry-After")));
    EXPECT_TRUE(is_admitted(judge(request("OPTIONS"))));
    EXPECT_EQ(gate_.counts().overloaded, 1U);
}

TEST_F(InboundGateTest, WithoutUsersNobodyIsAsked) {
    InboundGate open({}, random_);
    EXPECT_TRUE(is_admitted(open.judge(now_, {sip::Transport::Udp, kOffice, {kStranger, 5060}, 0},
                                       request("INVITE", "sip:alice@example.com"))));
}

}  // namespace
}  // namespace patchbay::call
