// SPDX-License-Identifier: Apache-2.0
#include "sip/registrar.hpp"

#include "sip/limits.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace patchbay::sip {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

SocketAddress address(const char* text) {
    return *SocketAddress::parse(text);
}

class RegistrarTest : public testing::Test {
  protected:
    // A REGISTER of Alice's with these further headers, one per line.
    RegisterReply register_with(const std::string& headers,
                                std::uint32_t cseq = 1,
                                const std::string& call_id = "c1") {
        const std::string text =
            "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa\r\n"
            "From: <sip:alice@example.com>;tag=1\r\nTo: <" +
            to_ + ">\r\nCall-ID: " + call_id + "\r\nCSeq: " + std::to_string(cseq) +
            " REGISTER\r\n" + headers + "Content-Length: 0\r\n\r\n";
        return registrar_.handle(now_, flow_, Message::parse(text).value(), "alice");
    }
    static std::vector<std::string> contacts(const RegisterReply& reply) {
        std::vector<std::string> out;
        for (const ExtraHeader& header : reply.headers) {
            if (header.name == "Contact") {
                out.push_back(header.value);
            }
        }
        return out;
    }
    const Bindings& bindings() {
        found_ = locations_.find("alice", now_);
        return *found_;
    }

    Instant now_{Seconds(1'000)};
    std::string to_ = "sip:alice@example.com";
    Flow flow_{Transport::Udp, address("192.0.2.1:5060"), address("192.0.2.9:5060"), 0};
    Locations locations_;
    Registrar registrar_{{}, locations_};
    std::shared_ptr<const Bindings> found_;
};

TEST_F(RegistrarTest, ABindingIsMadeAndConfirmedWithItsTime) {  // 10.3 item 7, 8
    const RegisterReply reply = register_with("Contact: <sip:alice@192.0.2.9>\r\nExpires: 600\r\n");
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(contacts(reply), ElementsAre("<sip:alice@192.0.2.9>;expires=600"));
    ASSERT_THAT(bindings(), SizeIs(1));
    EXPECT_EQ(bindings().front().expires_at, now_ + Seconds(600));
}

struct Expiry {
    const char* headers;
    int status;
    const char* contact;  // in the answer; of a refusal its first header
};
void PrintTo(const Expiry& row, std::ostream* out) {
    *out << row.headers;
}
class RegistrarExpiry : public RegistrarTest, public testing::WithParamInterface<Expiry> {};

TEST_P(RegistrarExpiry, IsDecidedByTheContactThenTheHeaderThenTheRegistrar) {
    const RegisterReply reply = register_with(GetParam().headers);
    EXPECT_EQ(reply.status, GetParam().status);
    ASSERT_FALSE(reply.headers.empty());
    EXPECT_EQ(reply.headers.front().value, GetParam().contact);
}
INSTANTIATE_TEST_SUITE_P(
    Rfc3261Section10,
    RegistrarExpiry,
    testing::Values(
        Expiry{"Contact: <sip:a@h>\r\n", 200, "<sip:a@h>;expires=3600"},
        Expiry{"Contact: <sip:a@h>;expires=300\r\nExpires: 600\r\n", 200, "<sip:a@h>;expires=300"},
        Expiry{"Contact: <sip:a@h>;expires=soon\r\nExpires: 600\r\n", 200, "<sip:a@h>;expires=600"},
        Expiry{"Contact: <sip:a@h>;expires=86400\r\n", 200, "<sip:a@h>;expires=7200"},
        Expiry{"Contact: <sip:a@h>;expires=60\r\n", 200, "<sip:a@h>;expires=60"},
        Expiry{"Contact: <sip:a@h>;expires=59\r\n", 423, "60"},
        Expiry{"Contact: <sip:a@h>\r\nExpires: 1\r\n", 423, "60"}));

TEST_F(RegistrarTest, WithoutAContactTheBindingsAreOnlyListed) {
    register_with("Contact: <sip:a@h>;q=0.25\r\nContact: <sip:b@h>\r\n");
    now_ += Seconds(100);
    const RegisterReply reply = register_with("", 2);
    EXPECT_THAT(contacts(reply),
                ElementsAre("<sip:b@h>;expires=3500", "<sip:a@h>;expires=3500;q=0.250"));
}

TEST_F(RegistrarTest, ARefreshReplacesTheBindingOfAnEqualUri) {  // 19.1.4
    register_with("Contact: <sip:alice@Host.example;transport=udp>\r\n", 1);
    const RegisterReply reply =
        register_with("Contact: <sip:alice@host.EXAMPLE;transport=udp>\r\n", 2);
    EXPECT_THAT(contacts(reply), SizeIs(1));
}

TEST_F(RegistrarTest, SeveralContactsLiveSideBySide) {
    register_with("Contact: <sip:desk@h>\r\n", 1, "desk");
    EXPECT_THAT(contacts(register_with("Contact: <sip:mobile@h>\r\n", 1, "mobile")), SizeIs(2));
}

TEST_F(RegistrarTest, ExpiresZeroRemovesOneContact) {
    register_with("Contact: <sip:a@h>, <sip:b@h>\r\n");
    const RegisterReply reply = register_with("Contact: <sip:a@h>;expires=0\r\n", 2);
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(contacts(reply), ElementsAre(HasSubstr("sip:b@h")));
}

TEST_F(RegistrarTest, TheWildcardRemovesAll) {
    register_with("Contact: <sip:a@h>, <sip:b@h>\r\n");
    EXPECT_THAT(contacts(register_with("Contact: *\r\nExpires: 0\r\n", 2)), IsEmpty());
    EXPECT_THAT(bindings(), IsEmpty());
}

TEST_F(RegistrarTest, TheWildcardIsRefusedWithoutExpiresZeroOrBesideOthers) {  // 10.3 item 6
    EXPECT_EQ(register_with("Contact: *\r\n").status, 400);
    EXPECT_EQ(register_with("Contact: *\r\nExpires: 1\r\n").status, 400);
    EXPECT_EQ(register_with("Contact: *\r\nContact: <sip:a@h>\r\nExpires: 0\r\n").status, 400);
}

TEST_F(RegistrarTest, AnOlderCSeqOfTheSameCallIdChangesNothing) {  // item 7
    register_with("Contact: <sip:a@h>\r\n", 5);
    EXPECT_EQ(register_with("Contact: <sip:a@h>;expires=0\r\n", 5).status, 500);
    EXPECT_EQ(register_with("Contact: *\r\nExpires: 0\r\n", 4).status, 500);
    EXPECT_THAT(bindings(), SizeIs(1));
    EXPECT_EQ(register_with("Contact: <sip:a@h>;expires=0\r\n", 1, "rebooted").status, 200);
    EXPECT_THAT(bindings(), IsEmpty());
}

TEST_F(RegistrarTest, DoesAllOrNothing) {  // item 8
    register_with("Contact: <sip:a@h>\r\n", 5);
    EXPECT_EQ(register_with("Contact: <sip:new@h>\r\nContact: <sip:a@h>\r\n", 4).status, 500);
    EXPECT_EQ(register_with("Contact: <sip:new@h>\r\nContact: <tel:+49>\r\n", 6).status, 400);
    EXPECT_THAT(bindings(), SizeIs(1));
}

TEST_F(RegistrarTest, AnotherUsersAddressIsForbidden) {  // item 4
    to_ = "sip:bob@example.com";
    EXPECT_EQ(register_with("Contact: <sip:a@h>\r\n").status, 403);
    EXPECT_THAT(*locations_.find("bob", now_), IsEmpty());
}

TEST_F(RegistrarTest, AUserHasOnlySoManyPlaces) {
    for (std::size_t i = 0; i < kMaxContactsPerUser; ++i) {
        EXPECT_EQ(register_with("Contact: <sip:a@h" + std::to_string(i) + ">\r\n", 1,
                                "c" + std::to_string(i))
                      .status,
                  200);
    }
    EXPECT_EQ(register_with("Contact: <sip:a@one-more>\r\n", 1, "more").status, 403);
    EXPECT_THAT(bindings(), SizeIs(kMaxContactsPerUser));
}

TEST_F(RegistrarTest, ABindingRunsOut) {
    register_with("Contact: <sip:a@h>;expires=60\r\n");
    now_ += Seconds(59);
    EXPECT_THAT(bindings(), SizeIs(1));
    now_ += Seconds(1);
    EXPECT_THAT(bindings(), IsEmpty());
    (void)locations_.take_changed();
    locations_.expire(now_);
    EXPECT_THAT(locations_.take_changed(), ElementsAre("alice"));
    EXPECT_EQ(locations_.size(), 0U);
}

TEST_F(RegistrarTest, PathIsKeptAndGivenBack) {  // RFC 3327 5.3
    const RegisterReply reply = register_with(
        "Contact: <sip:a@10.0.0.7>\r\nPath: <sip:edge@192.0.2.80:5070;lr>, <sip:p2;lr>\r\n");
    ASSERT_THAT(bindings(), SizeIs(1));
    ASSERT_THAT(bindings().front().path, SizeIs(2));
    EXPECT_EQ(bindings().front().path.front().uri.to_string(), "sip:edge@192.0.2.80:5070;lr");
    EXPECT_THAT(reply.headers,
                testing::Contains(AllOf(Field(&ExtraHeader::name, "Path"),
                                        Field(&ExtraHeader::value, HasSubstr("edge")))));
}

TEST_F(RegistrarTest, ADeviceThatNamesItselfReplacesItsOlderContact) {  // RFC 5626 6
    const std::string device = ";reg-id=1;+sip.instance=\"<urn:uuid:f81d4fae>\"\r\n";
    register_with("Contact: <sip:x1@abc.invalid;transport=ws>" + device, 1, "page1");
    register_with("Contact: <sip:x2@def.invalid;transport=ws>" + device, 1, "page2");
    ASSERT_THAT(bindings(), SizeIs(1));
    EXPECT_EQ(bindings().front().contact.user(), "x2");
}

struct Way {
    const char* what;
    const char* contact;
    Transport came_by;
    Transport leaves_by;
    const char* remote;
    std::uint64_t connection;
};
void PrintTo(const Way& way, std::ostream* out) {
    *out << way.what;
}
class RegistrarWay : public RegistrarTest, public testing::WithParamInterface<Way> {};

TEST_P(RegistrarWay, LeadsBackToThePhone) {
    const Way& way = GetParam();
    flow_ = {way.came_by, address("192.0.2.1:5060"), address("192.0.2.9:40000"),
             is_reliable(way.came_by) ? 7U : 0U};
    register_with("Contact: " + std::string(way.contact) + "\r\n");
    ASSERT_THAT(bindings(), SizeIs(1));
    const Flow& flow = bindings().front().flow;
    EXPECT_EQ(flow.transport, way.leaves_by);
    EXPECT_EQ(flow.remote, address(way.remote));
    EXPECT_EQ(flow.connection, way.connection);
}
INSTANTIATE_TEST_SUITE_P(Rfc5626,
                         RegistrarWay,
                         testing::Values(Way{"its own address", "<sip:a@192.0.2.9:5062>",
                                             Transport::Udp, Transport::Udp, "192.0.2.9:5062", 0},
                                         Way{"the default port", "<sip:a@192.0.2.9>",
                                             Transport::Udp, Transport::Udp, "192.0.2.9:5060", 0},
                                         Way{"asks for TCP", "<sip:a@192.0.2.9:5062;transport=TCP>",
                                             Transport::Udp, Transport::Tcp, "192.0.2.9:5062", 0},
                                         Way{"behind a NAT", "<sip:a@10.0.0.7:5062>",
                                             Transport::Udp, Transport::Udp, "192.0.2.9:40000", 0},
                                         Way{"by name", "<sip:a@phone.example>", Transport::Udp,
                                             Transport::Udp, "192.0.2.9:40000", 0},
                                         Way{"by a connection",
                                             "<sip:a@192.0.2.9:5062;transport=tcp>", Transport::Tcp,
                                             Transport::Tcp, "192.0.2.9:40000", 7},
                                         Way{"a browser", "<sip:a@x.invalid;transport=ws>",
                                             Transport::Ws, Transport::Ws, "192.0.2.9:40000", 7}));

TEST_F(RegistrarTest, AClosedConnectionTakesThoseAlongWhoCannotBeReachedAnew) {
    flow_.connection = 7;
    flow_.transport = Transport::Ws;
    register_with("Contact: <sip:browser@x.invalid;transport=ws>\r\n", 1, "browser");
    flow_.transport = Transport::Tcp;
    register_with("Contact: <sip:nat@10.0.0.7;transport=tcp>\r\n", 1, "nat");
    register_with("Contact: <sip:desk@192.0.2.9:5062;transport=tcp>\r\n", 1, "desk");
    flow_.connection = 8;
    register_with("Contact: <sip:other@10.0.0.7;transport=tcp>\r\n", 1, "other");
    locations_.remove_connection(7);
    ASSERT_THAT(bindings(), SizeIs(2));
    EXPECT_EQ(bindings()[0].contact.user(), "desk");
    EXPECT_EQ(bindings()[0].flow.connection, 0U);
    EXPECT_EQ(bindings()[0].flow.remote, address("192.0.2.9:5062"));
    EXPECT_EQ(bindings()[1].contact.user(), "other");
}

}  // namespace
}  // namespace patchbay::sip
