// SPDX-License-Identifier: Apache-2.0
// What a trunk is told of the caller, what it is believed of one, and how calls that go round in
// circles are stopped.
#include "sip/header.hpp"
#include "support/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace patchbay::test {
namespace {

using namespace call;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

// Phone 0 calls, by the trunk "pbx"; phone 1 is behind the trunk "carrier".
class TrunkIdentity : public testing::Test {
  protected:
    TrunkIdentity() {
        options_.phones = {{}, {}};
        pbx_.name = "pbx";
        pbx_.addresses = {{"192.0.2.10", 0, sip::Transport::Udp}};
        pbx_.sources = {{IpAddress::v4(192, 0, 2, 10), 32}, {IpAddress::v4(192, 0, 2, 50), 32}};
        carrier_.name = "carrier";
        carrier_.addresses = {{"192.0.2.11", 0, sip::Transport::Udp}};
    }
    World& world() {
        if (!world_) {
            RouteTable::Settings table;
            table.routes = {{.name = "out",
                             .callee = Pattern::compile("0(\\d+)").value(),
                             .anyone = true,
                             .rewrite_callee = "+49\\1",
                             .destination = ToTrunk{{"carrier"}}}};
            options_.exchange.routes = std::make_shared<const RouteTable>(std::move(table));
            options_.exchange.services.gate.trunks =
                std::make_shared<const Trunks>(Trunks{pbx_, carrier_});
            options_.exchange.services.gate.hosts = {"192.0.2.1"};
            world_.emplace(options_);
        }
        return *world_;
    }
    // A client's call by the carrier.
    void dial(CallOption option = {}) {
        option.callee = "0301234";
        world().dial(std::move(option));
        world().run(Seconds(1));
    }
    // An INVITE of the PBX with these headers; From is alice's.
    void pbx_calls(const std::string& headers = {}, std::uint8_t from = 50) {
        const std::string address = "192.0.2." + std::to_string(from);
        world().inject({IpAddress::v4(192, 0, 2, from), 5060}, {IpAddress::v4(192, 0, 2, 1), 5060},
                       "INVITE sip:0301234@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP " + address +
                           ";branch=z9hG4bKpbx\r\nFrom: <sip:alice@pbx.example>;tag=1\r\nTo: "
                           "<sip:0301234@192.0.2.1>\r\nCall-ID: pbx\r\nCSeq: 1 INVITE\r\nContact: "
                           "<sip:alice@" +
                           address + ">\r\n" + headers + "Content-Length: 0\r\n\r\n");
        world().run(Seconds(1));
    }
    // The INVITE that the carrier got.
    std::optional<sip::Message> invite() {
        for (const auto& [at, datagram] : world().wire()) {
            if (datagram.to.ip == IpAddress::v4(192, 0, 2, 11) &&
                datagram.bytes.starts_with("INVITE")) {
                auto message = sip::Message::parse(datagram.bytes);
                return message ? std::optional(std::move(*message)) : std::nullopt;
            }
        }
        return std::nullopt;
    }
    std::string header(std::string_view name) {
        const auto message = invite();
        return message ? std::string(message->header(name).value_or("none")) : "no INVITE";
    }
    std::string from() {
        const auto message = invite();
        return message ? message->get<sip::From>()->uri.to_string() : "no INVITE";
    }
    // The last status that the PBX got.
    int status() {
        int last = 0;
        for (const auto& [at, datagram] : world().wire()) {
            if (datagram.to.ip == IpAddress::v4(192, 0, 2, 50)) {
                last = sip::Message::parse(datagram.bytes)->status();
            }
        }
        return last;
    }

    WorldOptions options_;
    Trunk pbx_;
    Trunk carrier_;
    std::optional<World> world_;
};

constexpr auto kAsserted = "P-Asserted-Identity: <sip:+4930777@pbx.example>\r\n";

// From, headers and accounts of the trunk

TEST_F(TrunkIdentity, FromIsTheCallersOwnUnlessTheTrunkWantsAnother) {
    dial({.caller = "4930555"});
    EXPECT_EQ(from(), "sip:4930555@192.0.2.1");
}

TEST_F(TrunkIdentity, FromIsWhatTheTrunkWants) {
    carrier_.from_user = "4930000";
    carrier_.from_domain = "carrier.example";
    dial({.caller = "4930555"});
    EXPECT_EQ(from(), "sip:4930000@carrier.example");
}

TEST_F(TrunkIdentity, ItsHeadersAndTheClientsAreOnTheInvite) {
    carrier_.headers = {{"X-Account", "7"}};
    CallOption option;
    option.sip = SipOption{};
    option.sip->headers = {{"X-Campaign", "spring"}};
    dial(std::move(option));
    EXPECT_EQ(header("X-Account"), "7");
    EXPECT_EQ(header("X-Campaign"), "spring");
}

// P-Asserted-Identity out (RFC 3325 9.1)

TEST_F(TrunkIdentity, IsNotAssertedToATrunkOutsideTheTrustDomain) {
    dial({.caller = "4930555"});
    EXPECT_EQ(header("P-Asserted-Identity"), "none");
}

TEST_F(TrunkIdentity, IsAssertedToATrunkOfTheTrustDomain) {
    carrier_.assert_identity = true;
    dial({.caller = "4930555"});
    EXPECT_EQ(header("P-Asserted-Identity"), "<sip:4930555@192.0.2.1>");
    EXPECT_EQ(header("Privacy"), "none");
}

TEST_F(TrunkIdentity, OfAClientThatWantsPrivacyIsAssertedAndHiddenFromTheCallee) {
    carrier_.assert_identity = true;
    CallOption option{.caller = "4930555"};
    option.sip = SipOption{};
    option.sip->headers = {{"Privacy", "id"}};
    dial(std::move(option));
    EXPECT_EQ(from(), "sip:anonymous@anonymous.invalid");
    EXPECT_EQ(header("P-Asserted-Identity"), "<sip:4930555@192.0.2.1>");
    EXPECT_EQ(header("Privacy"), "id");
}

TEST_F(TrunkIdentity, OfAClientThatWantsPrivacyIsToldToNobodyOutsideTheTrustDomain) {
    CallOption option{.caller = "4930555"};
    option.sip = SipOption{};
    option.sip->headers = {{"Privacy", "id"}, {"P-Asserted-Identity", "<sip:4930555@x.example>"}};
    dial(std::move(option));
    EXPECT_EQ(from(), "sip:anonymous@anonymous.invalid");
    EXPECT_EQ(header("P-Asserted-Identity"), "none");
}

// P-Asserted-Identity in

TEST_F(TrunkIdentity, OfATrustedTrunkIsTheCaller) {
    pbx_.trust_identity = true;
    carrier_.assert_identity = true;
    pbx_calls(kAsserted);
    EXPECT_EQ(header("P-Asserted-Identity"), "<sip:+4930777@192.0.2.1>");
    EXPECT_EQ(from(), "sip:+4930777@192.0.2.1");
}

TEST_F(TrunkIdentity, OfAnyOtherTrunkIsNotBelievedAndGoesNoFurther) {  // RFC 3325 5
    carrier_.assert_identity = true;
    pbx_calls(kAsserted);
    EXPECT_EQ(header("P-Asserted-Identity"), "<sip:alice@192.0.2.1>");
}

TEST_F(TrunkIdentity, OfAListenerThatTrustsItsNeighboursIsBelieved) {
    pbx_.sources.clear();
    carrier_.assert_identity = true;
    options_.exchange.services.gate.otherwise.trust_identity = true;
    pbx_calls(kAsserted);
    EXPECT_EQ(header("P-Asserted-Identity"), "<sip:+4930777@192.0.2.1>");
}

TEST_F(TrunkIdentity, ThatIsPrivateStaysInTheTrustDomain) {  // RFC 3325 7
    pbx_.trust_identity = true;
    pbx_calls(std::string(kAsserted) + "Privacy: id\r\n");
    EXPECT_EQ(header("P-Asserted-Identity"), "none");
    EXPECT_EQ(from(), "sip:anonymous@anonymous.invalid");
}

TEST_F(TrunkIdentity, ThatIsPrivateIsHandedOnInsideTheTrustDomain) {
    pbx_.trust_identity = true;
    carrier_.assert_identity = true;
    pbx_calls(std::string(kAsserted) + "Privacy: id\r\n");
    EXPECT_EQ(header("P-Asserted-Identity"), "<sip:+4930777@192.0.2.1>");
    EXPECT_EQ(header("Privacy"), "id");
    EXPECT_EQ(from(), "sip:anonymous@anonymous.invalid");
}

TEST_F(TrunkIdentity, ThatIsPrivateIsNotShownInLists) {
    pbx_.trust_identity = true;
    pbx_calls(std::string(kAsserted) + "Privacy: id\r\n");
    for (const auto& [key, history] : world().histories()) {
        for (const SessionSummary& summary : history.summaries) {
            EXPECT_THAT(summary.caller, testing::Not(HasSubstr("4930777")));
        }
    }
}

// Loops

TEST_F(TrunkIdentity, ACallGoesOnWithFewerForwardsLeft) {  // RFC 3261 16.6 item 3
    pbx_calls("Max-Forwards: 9\r\n");
    EXPECT_EQ(header("Max-Forwards"), "8");
}

TEST_F(TrunkIdentity, ACallWithoutForwardsLeftGoesNoFurther) {
    pbx_calls("Max-Forwards: 0\r\n");
    EXPECT_EQ(status(), 483);
    EXPECT_FALSE(invite());
}

TEST_F(TrunkIdentity, ACallThatComesBackIsALoop) {
    pbx_calls("Max-Forwards: 9\r\n");
    const auto sent = invite();
    ASSERT_TRUE(sent);
    // The carrier sends it back to us, below a Via of his own.
    std::string back(sent->text());
    back.replace(back.find(' ') + 1, back.find(" SIP/2.0") - back.find(' ') - 1,
                 "sip:0301234@192.0.2.1");
    back.insert(back.find("\r\n") + 2, "Via: SIP/2.0/UDP 192.0.2.50;branch=z9hG4bKcarrier\r\n");
    world().inject({IpAddress::v4(192, 0, 2, 50), 5060}, {IpAddress::v4(192, 0, 2, 1), 5060},
                   std::move(back));
    world().run(Milliseconds(100));
    EXPECT_EQ(status(), 482);
    EXPECT_EQ(world().exchange().gate_counts().loops, 1U);
}

TEST_F(TrunkIdentity, AnInviteThatCameTwoWaysIsServedOnce) {  // RFC 3261 8.2.2.2
    const auto copy = [&](const char* branch) {
        world().inject(
            {IpAddress::v4(192, 0, 2, 50), 5060}, {IpAddress::v4(192, 0, 2, 1), 5060},
            std::string(
                "INVITE sip:echo@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.50;branch=") +
                branch +
                "\r\nFrom: <sip:alice@pbx.example>;tag=1\r\nTo: <sip:echo@192.0.2.1>\r\n"
                "Call-ID: merged\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@192.0.2.50>\r\n"
                "Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n");
        world().run(Milliseconds(50));
    };
    copy("z9hG4bKone");
    copy("z9hG4bKtwo");
    EXPECT_EQ(status(), 482);
    EXPECT_EQ(world().exchange().session_count(), 1U);
}

}  // namespace
}  // namespace patchbay::test
