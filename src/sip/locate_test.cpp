// SPDX-License-Identifier: Apache-2.0
#include "sip/locate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace patchbay::sip {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

std::string show(const Target& target) {
    std::string text =
        std::string(uri_transport(target.transport)) + ' ' + target.address.to_string();
    return target.peer_name.empty() ? text : text + ' ' + target.peer_name;
}

std::string show(const DnsQuestion& question) {
    constexpr std::array<std::string_view, 4> kNames{"A ", "AAAA ", "SRV ", "NAPTR "};
    return std::string(kNames.at(static_cast<std::size_t>(question.type))) + question.name;
}

// A zone; what is not in it is answered "there is none".
class LocateTest : public testing::Test {
  protected:
    void a(const std::string& name, std::initializer_list<const char*> addresses) {
        for (const char* const text : addresses) {
            const IpAddress ip = *IpAddress::parse(text);
            zone_[{ip.is_v6() ? DnsType::Aaaa : DnsType::A, name}].addresses.push_back(ip);
        }
    }
    void srv(const std::string& name, const SrvRecord& record) {
        zone_[{DnsType::Srv, name}].srv.push_back(record);
    }
    void naptr(const std::string& name, const NaptrRecord& record) {
        zone_[{DnsType::Naptr, name}].naptr.push_back(record);
    }
    // Answers all questions; notes them in order.
    Result<std::vector<Target>> run(const std::string& uri) {
        DnsAnswers known;
        asked_.clear();
        while (true) {
            auto location = locate(Uri::parse(uri).value(), known, policy_, random_);
            if (!location) {
                return tl::unexpected(location.error());
            }
            if (location->questions.empty()) {
                return location->targets;
            }
            EXPECT_THAT(location->targets, IsEmpty());
            for (const DnsQuestion& question : location->questions) {
                asked_.push_back(show(question));
                known[question] = zone_[question];
            }
        }
    }
    std::vector<std::string> targets(const std::string& uri) {
        const auto found = run(uri);
        std::vector<std::string> out;
        for (const Target& target : found.value_or(std::vector<Target>())) {
            out.push_back(show(target));
        }
        return out;
    }
    Errc error(const std::string& uri) { return run(uri).error().code; }

    SeededRandom random_{1};
    LocatePolicy policy_;
    std::map<DnsQuestion, DnsAnswer> zone_;
    std::vector<std::string> asked_;
};

// RFC 3263 4.1 and 4.2: what the URI says decides; no DNS for an address.
TEST_F(LocateTest, AnAddressIsTakenAsItIs) {
    const std::map<std::string, std::string> rows = {
        {"sip:192.0.2.7", "udp 192.0.2.7:5060"},
        {"sip:bob@192.0.2.7:5070", "udp 192.0.2.7:5070"},
        {"sip:bob@192.0.2.7;transport=tcp", "tcp 192.0.2.7:5060"},
        {"sip:bob@192.0.2.7;transport=TLS", "tls 192.0.2.7:5061 192.0.2.7"},
        {"sips:bob@192.0.2.7", "tls 192.0.2.7:5061 192.0.2.7"},
        {"sips:bob@192.0.2.7:5071;transport=tcp", "tls 192.0.2.7:5071 192.0.2.7"},
        {"sip:bob@[2001:db8::7]", "udp [2001:db8::7]:5060"},
        {"sip:bob@example.com;maddr=192.0.2.9", "udp 192.0.2.9:5060"},
    };
    for (const auto& [uri, target] : rows) {
        EXPECT_THAT(targets(uri), ElementsAre(target)) << uri;
        EXPECT_THAT(asked_, IsEmpty()) << uri;
    }
}

TEST_F(LocateTest, ANameWithAPortIsAskedForAddressesOnly) {
    a("pbx.example.com", {"192.0.2.7", "2001:db8::7"});
    EXPECT_THAT(targets("sip:bob@PBX.example.com:5070"),
                ElementsAre("udp 192.0.2.7:5070", "udp [2001:db8::7]:5070"));
    EXPECT_THAT(asked_, ElementsAre("A pbx.example.com", "AAAA pbx.example.com"));
    EXPECT_THAT(targets("sips:bob@pbx.example.com:5070"),
                ElementsAre("tls 192.0.2.7:5070 pbx.example.com",
                            "tls [2001:db8::7]:5070 pbx.example.com"));
}

// The example of RFC 3263 4.1 and 4.2, word for word.
TEST_F(LocateTest, TheExampleOfTheRfc) {
    naptr("example.com", {50, 50, "s", "SIPS+D2T", "_sips._tcp.example.com"});
    naptr("example.com", {90, 50, "s", "SIP+D2T", "_sip._tcp.example.com"});
    naptr("example.com", {100, 50, "s", "SIP+D2U", "_sip._udp.example.com"});
    srv("_sip._tcp.example.com", {0, 1, 5060, "server1.example.com"});
    srv("_sip._tcp.example.com", {1, 2, 5060, "server2.example.com"});
    a("server1.example.com", {"192.0.2.1"});
    a("server2.example.com", {"192.0.2.2"});
    policy_.transports = {Transport::Tcp, Transport::Udp};  // "the client does not support TLS"
    EXPECT_THAT(targets("sip:user@example.com"),
                ElementsAre("tcp 192.0.2.1:5060", "tcp 192.0.2.2:5060"));
    EXPECT_EQ(asked_.front(), "NAPTR example.com");
}

TEST_F(LocateTest, SipsFollowsNothingButTls) {
    naptr("example.com", {10, 0, "s", "SIP+D2U", "_sip._udp.example.com"});
    naptr("example.com", {20, 0, "s", "SIPS+D2T", "_sips._tcp.example.com"});
    srv("_sip._udp.example.com", {0, 0, 5060, "plain.example.com"});
    srv("_sips._tcp.example.com", {0, 0, 5081, "tls.example.com"});
    a("plain.example.com", {"192.0.2.1"});
    a("tls.example.com", {"192.0.2.2"});
    EXPECT_THAT(targets("sips:user@example.com"), ElementsAre("tls 192.0.2.2:5081 example.com"));
}

// RFC 5922 4: the name in the URI, not the one that the DNS led to.
TEST_F(LocateTest, TheCertificateMustNameTheDomainOfTheUri) {
    srv("_sips._tcp.example.com", {0, 0, 5061, "host7.example.net"});
    a("host7.example.net", {"192.0.2.7"});
    EXPECT_THAT(targets("sip:user@example.com;transport=tls"),
                ElementsAre("tls 192.0.2.7:5061 example.com"));
}

TEST_F(LocateTest, NaptrWithAddressesSkipsSrv) {
    naptr("example.com", {10, 0, "a", "SIP+D2T", "pbx.example.com"});
    a("pbx.example.com", {"192.0.2.7"});
    EXPECT_THAT(targets("sip:user@example.com"), ElementsAre("tcp 192.0.2.7:5060"));
}

TEST_F(LocateTest, ServicesThatWeDoNotUseAreNotFollowed) {
    naptr("example.com", {10, 0, "s", "SIP+D2S", "_sip._sctp.example.com"});
    naptr("example.com", {20, 0, "u", "E2U+sip", ""});
    a("example.com", {"192.0.2.7"});
    EXPECT_THAT(targets("sip:user@example.com"), ElementsAre("udp 192.0.2.7:5060"));
}

TEST_F(LocateTest, WithoutNaptrTheServicesThatExistAreUsedInOurOrder) {
    srv("_sip._tcp.example.com", {0, 0, 5062, "t.example.com"});
    srv("_sip._udp.example.com", {0, 0, 5061, "u.example.com"});
    a("t.example.com", {"192.0.2.2"});
    a("u.example.com", {"192.0.2.1"});
    EXPECT_THAT(targets("sip:user@example.com"),
                ElementsAre("udp 192.0.2.1:5061", "tcp 192.0.2.2:5062"));
    EXPECT_THAT(asked_,
                UnorderedElementsAre("NAPTR example.com", "SRV _sip._udp.example.com",
                                     "SRV _sip._tcp.example.com", "SRV _sips._tcp.example.com",
                                     "A u.example.com", "AAAA u.example.com", "A t.example.com",
                                     "AAAA t.example.com"));
}

TEST_F(LocateTest, WithoutAnySrvTheNameItselfIsTheServer) {
    a("example.com", {"192.0.2.7"});
    EXPECT_THAT(targets("sip:user@example.com"), ElementsAre("udp 192.0.2.7:5060"));
    EXPECT_THAT(targets("sips:user@example.com"), ElementsAre("tls 192.0.2.7:5061 example.com"));
    EXPECT_THAT(targets("sip:user@example.com;transport=tcp"), ElementsAre("tcp 192.0.2.7:5060"));
    EXPECT_THAT(asked_,
                ElementsAre("SRV _sip._tcp.example.com", "A example.com", "AAAA example.com"));
}

TEST_F(LocateTest, ADotAsTargetSaysThatTheServiceIsNotThere) {  // RFC 2782
    srv("_sip._tcp.example.com", {0, 0, 0, ""});
    a("example.com", {"192.0.2.7"});
    EXPECT_EQ(error("sip:user@example.com;transport=tcp"), Errc::NotFound);
}

TEST_F(LocateTest, LowerPrioritiesComeFirst) {
    srv("_sip._udp.example.com", {20, 100, 5060, "b.example.com"});
    srv("_sip._udp.example.com", {10, 1, 5060, "a.example.com"});
    srv("_sip._udp.example.com", {30, 0, 5060, "c.example.com"});
    a("a.example.com", {"192.0.2.1"});
    a("b.example.com", {"192.0.2.2"});
    a("c.example.com", {"192.0.2.3"});
    EXPECT_THAT(targets("sip:user@example.com;transport=udp"),
                ElementsAre("udp 192.0.2.1:5060", "udp 192.0.2.2:5060", "udp 192.0.2.3:5060"));
}

TEST_F(LocateTest, EqualPrioritiesShareByWeight) {  // RFC 2782
    srv("_sip._udp.example.com", {0, 75, 5060, "a.example.com"});
    srv("_sip._udp.example.com", {0, 25, 5060, "b.example.com"});
    srv("_sip._udp.example.com", {0, 0, 5060, "c.example.com"});
    a("a.example.com", {"192.0.2.1"});
    a("b.example.com", {"192.0.2.2"});
    a("c.example.com", {"192.0.2.3"});
    std::map<std::string, int> first;
    for (int i = 0; i < 4000; ++i) {
        const auto found = targets("sip:user@example.com;transport=udp");
        ASSERT_EQ(found.size(), 3U);
        ++first[found[0]];
    }
    EXPECT_NEAR(first["udp 192.0.2.1:5060"], 2970, 120);
    EXPECT_NEAR(first["udp 192.0.2.2:5060"], 990, 120);
    EXPECT_GT(first["udp 192.0.2.3:5060"], 5);  // a small chance, and not none
    EXPECT_LT(first["udp 192.0.2.3:5060"], 120);
}

TEST_F(LocateTest, OnlyTheFamiliesThatWeHave) {
    a("pbx.example.com", {"192.0.2.7", "2001:db8::7"});
    policy_.ipv6 = false;
    EXPECT_THAT(targets("sip:pbx.example.com:5060"), ElementsAre("udp 192.0.2.7:5060"));
    EXPECT_THAT(asked_, ElementsAre("A pbx.example.com"));
    policy_ = {};
    policy_.ipv4 = false;
    EXPECT_THAT(targets("sip:pbx.example.com:5060"), ElementsAre("udp [2001:db8::7]:5060"));
}

TEST_F(LocateTest, LocalhostIsNoMatterOfTheDns) {  // RFC 6761 6.3
    a("localhost", {"127.0.0.1"});
    EXPECT_THAT(targets("sip:bob@localhost"), ElementsAre("udp 127.0.0.1:5060"));
    EXPECT_THAT(asked_, ElementsAre("A localhost", "AAAA localhost"));
}

TEST_F(LocateTest, WhatCannotBeReachedSaysWhy) {
    EXPECT_EQ(error("sip:user@example.com"), Errc::NotFound);
    EXPECT_EQ(error("sip:user@192.0.2.7;transport=sctp"), Errc::Unsupported);
    EXPECT_EQ(error("sip:user@192.0.2.7;transport=ws"), Errc::Unsupported);
    EXPECT_EQ(error("sips:user@192.0.2.7;transport=udp"), Errc::Unsupported);
    EXPECT_EQ(error("tel:+49301234"), Errc::Unsupported);
}

TEST_F(LocateTest, AZoneFullOfRecordsIsCutShort) {
    for (int i = 0; i < 200; ++i) {
        const std::string host = "h" + std::to_string(i) + ".example.com";
        srv("_sip._udp.example.com", {0, 0, 5060, host});
        a(host, {"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"});
    }
    EXPECT_LE(targets("sip:user@example.com;transport=udp").size(), 16U);
    EXPECT_LE(asked_.size(), 64U);
}

}  // namespace
}  // namespace patchbay::sip
