// SPDX-License-Identifier: Apache-2.0
#include "sip/dialog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::sip {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The peer has a public address: those set aside for documentation count as private.
const Flow kFlow{.transport = Transport::Udp,
                 .local = {IpAddress::v4(192, 0, 2, 1), 5060},
                 .remote = {IpAddress::v4(8, 8, 4, 4), 5062}};

class DialogTest : public testing::Test {
  protected:
    // The dialog of an INVITE that came with these Record-Route and Contact lines.
    static Dialog called(const std::string& lines, const Flow& flow = kFlow) {
        const auto invite = Message::parse(
            "INVITE sip:us@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\n"
            "From: <sip:peer@h>;tag=p\r\nTo: <sip:us@h>\r\n"
            "Call-ID: c\r\nCSeq: 5 INVITE\r\n" +
            lines + "\r\n");
        return Dialog::from_request(*invite, "ours", flow).value();
    }
    std::string bye(Dialog& dialog) {
        return dialog.begin_request("BYE", dialog.next_sequence(), identity_).finish().value();
    }
    static Message request(unsigned sequence) {
        return Message::parse("INFO sip:us@h SIP/2.0\r\nCSeq: " + std::to_string(sequence) +
                              " INFO\r\n\r\n")
            .value();
    }
    static Message request_with_contact(const std::string& contact) {
        return Message::parse("INVITE sip:us@h SIP/2.0\r\nCSeq: 6 INVITE\r\nContact: " + contact +
                              "\r\n\r\n")
            .value();
    }

    SeededRandom random_{1};
    Identity identity_{{.shard = 0, .product = "t", .external_address = {}}, random_};
};

TEST_F(DialogTest, SendsToTheContactWithTheTagsSwapped) {
    Dialog dialog = called("Contact: <sip:peer@198.51.100.4:5070>\r\n");
    const std::string text = bye(dialog);
    EXPECT_THAT(text, StartsWith("BYE sip:peer@198.51.100.4:5070 SIP/2.0\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nFrom: <sip:us@h>;tag=ours\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nTo: <sip:peer@h>;tag=p\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nCSeq: 1 BYE\r\n"));
}

TEST_F(DialogTest, KeepsTheOrderOfLooseRoutesAsCallee) {  // 12.1.1, 12.2.1.1
    Dialog dialog = called(
        "Record-Route: <sip:p1.example.com;lr>, <sip:p2.example.com;lr>\r\n"
        "Contact: <sip:peer@198.51.100.4>\r\n");
    const std::string text = bye(dialog);
    EXPECT_THAT(text, StartsWith("BYE sip:peer@198.51.100.4 SIP/2.0\r\n"));
    EXPECT_LT(text.find("<sip:p1.example.com;lr>"), text.find("<sip:p2.example.com;lr>"));
}

TEST_F(DialogTest, ReversesThemAsCaller) {  // 12.1.2
    const auto invite = Message::parse(
        "INVITE sip:peer@h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:us@h>;tag=ours\r\n"
        "To: <sip:peer@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n\r\n");
    const auto ok = Message::parse(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:us@h>;tag=ours\r\n"
        "To: <sip:peer@h>;tag=p\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\n"
        "Record-Route: <sip:p2.example.com;lr>\r\nRecord-Route: <sip:p1.example.com;lr>\r\n"
        "Contact: <sip:peer@198.51.100.4>\r\n\r\n");
    Dialog dialog = Dialog::from_response(*invite, *ok, kFlow).value();
    const std::string text = bye(dialog);
    EXPECT_LT(text.find("<sip:p1.example.com;lr>"), text.find("<sip:p2.example.com;lr>"));
    EXPECT_THAT(text, HasSubstr("\r\nCSeq: 2 BYE\r\n"));
}

TEST_F(DialogTest, AStrictRouterGetsTheRequestUriAndTheTargetTheLastRoute) {  // 12.2.1.1
    Dialog dialog = called(
        "Record-Route: <sip:old.example.com>, <sip:p2.example.com;lr>\r\n"
        "Contact: <sip:peer@198.51.100.4>\r\n");
    const std::string text = bye(dialog);
    EXPECT_THAT(text, StartsWith("BYE sip:old.example.com SIP/2.0\r\n"));
    EXPECT_THAT(text,
                HasSubstr("Route: <sip:p2.example.com;lr>\r\nRoute: <sip:peer@198.51.100.4>\r\n"));
}

TEST_F(DialogTest, GoesToTheFirstHopWrittenAsAnAddress) {
    EXPECT_EQ(called("Contact: <sip:peer@9.9.9.4:5070>\r\n").next_hop().remote.to_string(),
              "9.9.9.4:5070");
    EXPECT_EQ(called("Record-Route: <sip:9.9.9.9;lr>\r\nContact: <sip:peer@9.9.9.4>\r\n")
                  .next_hop()
                  .remote.to_string(),
              "9.9.9.9:5060");
}

TEST_F(DialogTest, GoesBackWhereItCameFromWhenTheAddressIsAName) {
    EXPECT_EQ(called("Contact: <sip:peer@phone.example.com>\r\n").next_hop(), kFlow);
}

TEST_F(DialogTest, ANameIsToBeLookedUpOnceAndThenGoneTo) {  // 8.1.2
    Dialog dialog = called("Contact: <sip:peer@phone.example.com:5070>\r\n");
    const auto hop = dialog.take_unresolved_hop();
    ASSERT_TRUE(hop);
    EXPECT_EQ(hop->host(), "phone.example.com");
    EXPECT_FALSE(dialog.take_unresolved_hop());
    const Target tcp{Transport::Tcp, {IpAddress::v4(8, 8, 8, 1), 5070}, {}};
    const Target udp{Transport::Udp, {IpAddress::v4(8, 8, 8, 2), 5070}, {}};
    dialog.set_hop(*hop, std::vector{tcp, udp});
    EXPECT_EQ(dialog.next_hop().remote, udp.address);
    EXPECT_EQ(dialog.next_hop().transport, Transport::Udp);
}

TEST_F(DialogTest, ANameOfARouteIsLookedUpBeforeThatOfTheContact) {
    Dialog dialog = called(
        "Record-Route: <sip:p1.example.com;lr>\r\nContact: <sip:peer@phone.example.com>\r\n");
    EXPECT_EQ(dialog.take_unresolved_hop()->host(), "p1.example.com");
}

TEST_F(DialogTest, AnAnswerAboutAnotherNameChangesNothing) {
    Dialog dialog = called("Contact: <sip:peer@phone.example.com>\r\n");
    const auto hop = dialog.take_unresolved_hop();
    const Target target{Transport::Udp, {IpAddress::v4(8, 8, 8, 2), 5060}, {}};
    dialog.set_hop(Uri::sip("peer", "other.example.com"), std::vector{target});
    EXPECT_EQ(dialog.next_hop().remote, kFlow.remote);
    dialog.refresh_target(request_with_contact("<sip:peer@new.example.com>"));
    dialog.set_hop(*hop, std::vector{target});
    EXPECT_EQ(dialog.next_hop().remote, kFlow.remote);
    EXPECT_EQ(dialog.take_unresolved_hop()->host(), "new.example.com");
}

TEST_F(DialogTest, AConnectionIsOpenedAnewToWhereTheNameLeads) {
    Flow stream = kFlow;
    stream.transport = Transport::Tcp;
    stream.connection = 7;
    Dialog dialog = called("Contact: <sip:peer@phone.example.com;transport=tcp>\r\n", stream);
    const Target tcp{Transport::Tcp, {IpAddress::v4(8, 8, 8, 1), 5060}, {}};
    dialog.set_hop(*dialog.take_unresolved_hop(), std::vector{tcp});
    EXPECT_EQ(dialog.next_hop().connection, 7U);
    EXPECT_EQ(dialog.next_hop().reconnect, tcp.address);
}

TEST_F(DialogTest, NobodyLooksUpWhatABrowserCallsItself) {  // RFC 7118 5.2
    Flow socket = kFlow;
    socket.transport = Transport::Wss;
    Dialog dialog = called("Contact: <sip:peer@df7jal23ls0d.invalid;transport=ws>\r\n", socket);
    EXPECT_FALSE(dialog.take_unresolved_hop());
}

TEST_F(DialogTest, GoesBackThroughTheNatWhenTheAddressIsPrivate) {
    EXPECT_EQ(called("Contact: <sip:peer@10.0.0.5:5060>\r\n").next_hop(), kFlow);
}

TEST_F(DialogTest, TheTransportOfTheContactIsHonoured) {
    const Flow next = called("Contact: <sip:peer@9.9.9.4:5070;transport=TCP>\r\n").next_hop();
    EXPECT_EQ(next.transport, Transport::Tcp);
    EXPECT_EQ(next.remote.to_string(), "9.9.9.4:5070");
}

// A connection that the peer opened, and one that we did.
const Flow kAccepted{.transport = Transport::Tcp,
                     .local = {IpAddress::v4(192, 0, 2, 1), 5060},
                     .remote = {IpAddress::v4(8, 8, 4, 4), 40001},
                     .connection = 7};
const Flow kOpened{.transport = Transport::Tcp,
                   .local = {IpAddress::v4(192, 0, 2, 1), 5060},
                   .remote = {IpAddress::v4(8, 8, 4, 4), 5070}};

TEST_F(DialogTest, AStreamKeepsItsConnectionAndKnowsWhereToOpenAnother) {  // RFC 5923
    const Flow next = called("Contact: <sip:peer@9.9.9.4:5070>\r\n", kAccepted).next_hop();
    EXPECT_EQ(next.connection, 7U);
    EXPECT_EQ(next.remote, kAccepted.remote);
    EXPECT_EQ(next.reconnect.to_string(), "9.9.9.4:5070");
}

TEST_F(DialogTest, NothingCanBeOpenedToTheInsideOfANatOrToABrowser) {
    for (const char* const contact : {"10.0.0.5:5060", "df7jal23ls0d.invalid;transport=ws"}) {
        const Flow next =
            called("Contact: <sip:peer@" + std::string(contact) + ">\r\n", kAccepted).next_hop();
        EXPECT_EQ(next.connection, 7U) << contact;
        EXPECT_EQ(next.reconnect.port, 0) << contact;
    }
}

TEST_F(DialogTest, AConnectionThatWeOpenedServesItsHostAndNoOther) {
    EXPECT_EQ(called("Contact: <sip:peer@8.8.4.4>\r\n", kOpened).next_hop(), kOpened);
    EXPECT_EQ(called("Contact: <sip:peer@9.9.9.4:5071>\r\n", kOpened).next_hop().remote.to_string(),
              "9.9.9.4:5071");
}

TEST_F(DialogTest, APeerThatComesBackByAnotherConnectionIsFollowed) {
    Flow newer = kAccepted;
    newer.connection = 9;
    Dialog dialog = called("Contact: <sip:peer@x.invalid;transport=ws>\r\n", kAccepted);
    dialog.follow(newer);
    EXPECT_EQ(dialog.next_hop().connection, 9U);
    Dialog ours = called("Contact: <sip:peer@8.8.4.4>\r\n", kOpened);
    ours.follow(newer);
    EXPECT_EQ(ours.next_hop(), kOpened);
}

TEST_F(DialogTest, RefusesWhatIsOlderThanWhatItHasSeen) {  // 12.2.2
    Dialog dialog = called("Contact: <sip:peer@198.51.100.4>\r\n");
    EXPECT_FALSE(dialog.accept_sequence(request(4)));
    EXPECT_TRUE(dialog.accept_sequence(request(6)));
    EXPECT_TRUE(dialog.accept_sequence(request(100)));
    EXPECT_FALSE(dialog.accept_sequence(request(99)));
}

}  // namespace
}  // namespace patchbay::sip
