// SPDX-License-Identifier: Apache-2.0
#include "call/neighbours.hpp"

#include "sip/digest.hpp"
#include "sip/user_agent.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace patchbay::call {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using State = sip::Registration::State;

const IpAddress kPbx = IpAddress::v4(198, 51, 100, 7);
const SocketAddress kServer{IpAddress::v4(192, 0, 2, 1), 5060};
const SocketAddress kDoor{IpAddress::v4(192, 0, 2, 1), 5080};

std::shared_ptr<const sip::DigestAccounts> secret() {
    auto accounts = std::make_shared<sip::DigestAccounts>();
    accounts->emplace("pbx", sip::DigestSecret::of("pbx", "patchbay", "open"));
    return accounts;
}

NeighbourAccount account(const std::string& password = "one") {
    NeighbourAccount out;
    out.config.name = "pbx";
    out.config.registrar = *sip::Uri::parse("sip:198.51.100.7");
    out.config.address_of_record = *sip::Uri::parse("sip:line@198.51.100.7");
    out.config.contact_user = "line";
    out.config.credentials = sip::Credentials{"line", Secret(password), {}};
    out.listeners = {{sip::Transport::Udp, kDoor}};
    return out;
}

class NeighboursTest : public testing::Test {
  protected:
    NeighboursTest() {
        door_.local = kDoor;
        door_.trunk = "pbx";
        door_.accounts = secret();
        replace({.trunks = {}, .routes = {}, .doors = {door_}, .accounts = {}});
    }
    // Request-URIs of what was sent; "back" where it takes a binding back.
    std::vector<std::string> replace(NeighbourConfig config) {
        out_.transmits.clear();
        std::vector<AccountLookup> lookups;
        neighbours_.replace(now_, std::move(config), agent_, out_, lookups);
        std::vector<std::string> sent;
        for (const sip::Transmit& one : out_.transmits) {
            const auto message = sip::Message::parse(one.bytes).value();
            const bool back = message.header("Expires") == "0";
            sent.push_back((back ? "back " : "") + std::string(message.request_uri()));
        }
        return sent;
    }
    std::vector<std::string> replace_account(const std::vector<NeighbourAccount>& accounts) {
        return replace({.trunks = {}, .routes = {}, .doors = {}, .accounts = accounts});
    }
    void use(const NeighbourDoor& door) {
        replace({.trunks = {}, .routes = {}, .doors = {door}, .accounts = {}});
    }
    static sip::Message request(const std::string& method, const std::string& more = "") {
        return sip::Message::parse(
                   method +
                   " sip:+5511987654321@192.0.2.1:5080 SIP/2.0\r\nVia: SIP/2.0/UDP "
                   "198.51.100.7;branch=z9hG4bKa\r\nFrom: <sip:100@198.51.100.7>;tag=1\r\n"
                   "To: <sip:+5511987654321@192.0.2.1>\r\nCall-ID: c\r\nCSeq: 1 " +
                   method + "\r\n" + more + "Content-Length: 0\r\n\r\n")
            .value();
    }
    sip::Judgement judge(const sip::Message& message,
                         const IpAddress& from = kPbx,
                         const SocketAddress& local = kDoor) {
        return neighbours_.judge(now_, {sip::Transport::Udp, local, {from, 5060}, 0}, message);
    }
    // An INVITE with the answer to the challenge that it meets.
    sip::Message proved(const std::string& password) {
        const auto first = request("INVITE");
        const auto refused = std::get<sip::Refused>(judge(first));
        std::string text =
            "SIP/2.0 401 Unauthorized\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:a@h>\r\n"
            "Call-ID: c\r\nCSeq: 1 INVITE\r\n";
        for (const auto& header : refused.headers) {
            text += header.name + ": " + header.value + "\r\n";
        }
        sip::DigestClient client({"pbx", Secret<std::string>(password), {}});
        const auto answer =
            client.answer(first, sip::Message::parse(text + "\r\n").value(), random_);
        return request("INVITE", answer->front().name + ": " + answer->front().value + "\r\n");
    }
    static int status(const sip::Judgement& judgement) {
        const auto* refused = std::get_if<sip::Refused>(&judgement);
        return refused == nullptr ? 0 : refused->status;
    }

    Instant now_{Seconds(1'000)};
    SeededRandom random_{1};
    InboundGateConfig config_;
    InboundGate gate_{config_, random_};
    Neighbours neighbours_{config_, gate_, random_};
    sip::UserAgent agent_{{}, random_};
    sip::Outputs out_;
    NeighbourDoor door_;
};

TEST_F(NeighboursTest, WhoProvesTheSecretOfADoorCameByItsTrunk) {
    EXPECT_EQ(status(judge(request("INVITE"))), 401);
    const auto judgement = judge(proved("open"));
    ASSERT_TRUE(std::holds_alternative<sip::Admitted>(judgement));
    EXPECT_EQ(std::get<sip::Admitted>(judgement).peer, "pbx");
}

TEST_F(NeighboursTest, AWrongSecretIsAskedAgain) {
    EXPECT_EQ(status(judge(proved("guess"))), 401);
}

TEST_F(NeighboursTest, WhoGuessesOnIsNotHeardAnyMore) {
    for (int i = 0; i < 100; ++i) {
        (void)judge(proved("guess"));
    }
    EXPECT_FALSE(gate_.admits_message(now_, kPbx));
}

TEST_F(NeighboursTest, OtherListenersAreTheGatesAffair) {
    const auto judgement = judge(request("INVITE"), kPbx, kServer);
    ASSERT_TRUE(std::holds_alternative<sip::Admitted>(judgement));
    EXPECT_EQ(std::get<sip::Admitted>(judgement).peer, "");
}

TEST_F(NeighboursTest, ADoorTakesNoRegistrationsAndAnswersProbes) {
    EXPECT_EQ(status(judge(request("REGISTER"))), 403);
    EXPECT_TRUE(std::holds_alternative<sip::Admitted>(judge(request("OPTIONS"))));
}

TEST_F(NeighboursTest, WithoutASecretOnlyTheListedAddressesAreHeard) {
    door_.accounts = nullptr;
    door_.allow = {{IpAddress::v4(127, 0, 0, 0), 8}};
    use(door_);
    EXPECT_TRUE(std::holds_alternative<sip::Ignored>(judge(request("INVITE"))));
    const auto judgement = judge(request("INVITE"), IpAddress::v4(127, 0, 0, 1));
    ASSERT_TRUE(std::holds_alternative<sip::Admitted>(judgement));
    EXPECT_EQ(std::get<sip::Admitted>(judgement).peer, "pbx");
}

TEST_F(NeighboursTest, AGuestIsKnownByTransportNetworkAndTheNumberThatItCalls) {
    const NeighbourGuest guest{.trunk = "meta",
                               .transport = sip::Transport::Tls,
                               .sources = {{IpAddress::v4(198, 51, 100, 0), 24}},
                               .number = "5511987654321",
                               .accounts = nullptr};
    replace({.trunks = {}, .routes = {}, .doors = {}, .guests = {guest}, .accounts = {}});
    const auto peer = [&](sip::Transport transport, const IpAddress& from,
                          const sip::Message& message) {
        const auto judgement =
            neighbours_.judge(now_, {transport, kServer, {from, 5061}, 0}, message);
        const auto* admitted = std::get_if<sip::Admitted>(&judgement);
        return admitted == nullptr ? "refused" : admitted->peer;
    };
    EXPECT_EQ(peer(sip::Transport::Tls, kPbx, request("INVITE")), "meta");
    EXPECT_EQ(peer(sip::Transport::Tcp, kPbx, request("INVITE")), "");
    EXPECT_EQ(peer(sip::Transport::Tls, IpAddress::v4(203, 0, 113, 1), request("INVITE")), "");
    const auto other = sip::Message::parse(
        std::string_view("INVITE sip:+5511900000000@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TLS h;"
                         "branch=z9hG4bKa\r\nCSeq: 1 INVITE\r\n\r\n"));
    EXPECT_EQ(peer(sip::Transport::Tls, kPbx, *other), "");
    const auto tagged = sip::Message::parse(
        std::string_view("INVITE sip:+5511987654321;tgrp=a@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/TLS "
                         "h;branch=z9hG4bKa\r\nCSeq: 1 INVITE\r\n\r\n"));
    EXPECT_EQ(peer(sip::Transport::Tls, kPbx, *tagged), "meta");
}

TEST_F(NeighboursTest, AGuestThatHasAPasswordProvesIt) {
    const NeighbourGuest guest{.trunk = "meta",
                               .transport = sip::Transport::Udp,
                               .sources = {{kPbx, 32}},
                               .number = "5511987654321",
                               .accounts = secret()};
    replace({.trunks = {}, .routes = {}, .doors = {}, .guests = {guest}, .accounts = {}});
    EXPECT_EQ(status(judge(request("INVITE"), kPbx, kServer)), 401);
    const auto judgement = judge(proved("open"), kPbx, kServer);
    ASSERT_TRUE(std::holds_alternative<sip::Admitted>(judgement));
    EXPECT_EQ(std::get<sip::Admitted>(judgement).peer, "meta");
}

TEST_F(NeighboursTest, NothingNewBeginsAtADoorThatDrains) {
    door_.draining = true;
    use(door_);
    EXPECT_EQ(status(judge(request("INVITE"))), 503);
}

TEST_F(NeighboursTest, ANewAccountBeginsByTheListenerThatItIsReachedAt) {
    EXPECT_THAT(replace_account({account()}), ElementsAre("sip:198.51.100.7"));
    EXPECT_EQ(out_.transmits[0].flow.local, kDoor);
    EXPECT_THAT(out_.transmits[0].bytes, HasSubstr("<sip:line@192.0.2.1:5080"));
    ASSERT_THAT(neighbours_.accounts(now_), SizeIs(1));
    EXPECT_EQ(neighbours_.accounts(now_)[0].state, State::Registering);
}

TEST_F(NeighboursTest, AnAccountThatStaysIsNotTouched) {
    replace_account({account()});
    EXPECT_THAT(replace_account({account()}), IsEmpty());
}

TEST_F(NeighboursTest, AnotherPasswordRegistersAgainAndTakesNothingBack) {
    replace_account({account("one")});
    EXPECT_THAT(replace_account({account("two")}), ElementsAre("sip:198.51.100.7"));
}

TEST_F(NeighboursTest, AnAccountThatGoesIsNotListedAnyMore) {
    replace_account({account()});
    replace_account({});
    EXPECT_THAT(neighbours_.accounts(now_), IsEmpty());
}

TEST_F(NeighboursTest, TheirTrunksStandBesideTheOperators) {
    InboundGateConfig config;
    config.trunks = std::make_shared<const Trunks>(Trunks{{.name = "carrier"}});
    Neighbours neighbours(config, gate_, random_);
    std::vector<AccountLookup> lookups;
    neighbours.replace(now_,
                       {.trunks = {{.name = "pbx"}}, .routes = {}, .doors = {}, .accounts = {}},
                       agent_, out_, lookups);
    EXPECT_NE(find_trunk(*neighbours.trunks(), "carrier"), nullptr);
    EXPECT_NE(find_trunk(*neighbours.trunks(), "pbx"), nullptr);
    neighbours.replace(now_, {}, agent_, out_, lookups);
    EXPECT_EQ(find_trunk(*neighbours.trunks(), "pbx"), nullptr);
}

}  // namespace
}  // namespace patchbay::call
