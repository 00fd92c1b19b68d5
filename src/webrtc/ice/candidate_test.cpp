// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice/candidate.hpp"

#include "webrtc/ice/credentials.hpp"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::webrtc {
namespace {

TEST(Candidate, TheExampleOfRfc8839IsRead) {
    const auto candidate = Candidate::parse(
        "candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998");
    ASSERT_TRUE(candidate) << describe(candidate.error());
    EXPECT_EQ(candidate->foundation, "2");
    EXPECT_EQ(candidate->component, 1);
    EXPECT_EQ(candidate->priority, 1694498815U);
    EXPECT_EQ(candidate->address.to_string(), "192.0.2.3:45664");
    EXPECT_EQ(candidate->type, CandidateType::ServerReflexive);
    EXPECT_EQ(candidate->related->to_string(), "203.0.113.141:8998");
}

TEST(Candidate, TheLinesOfBrowsersAreRead) {
    struct Row {
        std::string_view text;
        std::string_view address;
        CandidateType type;
    };
    constexpr Row kRows[] = {
        {"candidate:842163049 1 udp 1677729535 198.51.100.4 46154 typ srflx raddr 0.0.0.0 rport 0 "
         "generation 0 ufrag EsAw network-cost 999",
         "198.51.100.4:46154", CandidateType::ServerReflexive},
        {"a=candidate:0 1 UDP 2122252543 2001:db8::7 61665 typ host", "[2001:db8::7]:61665",
         CandidateType::Host},
        {"1 1 udp 41885439 192.0.2.99 50000 typ relay raddr 203.0.113.4 rport 61665",
         "192.0.2.99:50000", CandidateType::Relayed},
        {"candidate:7 1 udp 1862270975 192.0.2.8 4000 typ prflx raddr 10.0.0.1 rport 4000",
         "192.0.2.8:4000", CandidateType::PeerReflexive},
    };
    for (const Row& row : kRows) {
        const auto candidate = Candidate::parse(row.text);
        ASSERT_TRUE(candidate) << row.text << ": " << describe(candidate.error());
        EXPECT_EQ(candidate->address.to_string(), row.address);
        EXPECT_EQ(candidate->type, row.type);
    }
}

TEST(Candidate, ANameOfMdnsIsKept) {
    const auto candidate = Candidate::parse(
        "candidate:1 1 udp 2113937151 1f4712db-ea17-4bcf-a596-105139dfd8bf.local 55000 typ host");
    ASSERT_TRUE(candidate) << describe(candidate.error());
    EXPECT_EQ(candidate->host_name, "1f4712db-ea17-4bcf-a596-105139dfd8bf.local");
    EXPECT_EQ(candidate->address.port, 55000);
}

TEST(Candidate, WhatIsWrittenIsReadBack) {
    const auto base = *SocketAddress::parse("10.1.2.3:5000");
    const auto mapped = *SocketAddress::parse("192.0.2.3:6000");
    const auto server = *IpAddress::parse("198.51.100.1");
    for (const LocalCandidate& local :
         {make_host_candidate(base, 65535), make_host_candidate(base, 1, mapped.ip),
          make_reflexive_candidate(mapped, base, server, 65535),
          make_relayed_candidate(mapped, base, server, 65535)}) {
        const auto again = Candidate::parse(local.candidate.to_string());
        ASSERT_TRUE(again) << local.candidate.to_string();
        EXPECT_EQ(*again, local.candidate);
    }
}

TEST(Candidate, AFaultyLineIsRefusedWithItsReason) {
    struct Row {
        std::string_view text;
        Errc code;
    };
    constexpr Row kRows[] = {
        {"", Errc::Malformed},
        {"candidate:", Errc::Malformed},
        {"candidate:1", Errc::Malformed},
        {"candidate:1 1 udp 1 192.0.2.1", Errc::Malformed},
        {"candidate:1 1 udp 1 192.0.2.1 5000", Errc::Malformed},
        {"candidate:1 1 udp 1 192.0.2.1 5000 typ", Errc::Unsupported},
        {"candidate:1 1 udp 1 192.0.2.1 5000 host", Errc::Malformed},
        {"candidate:a.b 1 udp 1 192.0.2.1 5000 typ host", Errc::Malformed},
        {"candidate:123456789012345678901234567890123 1 udp 1 192.0.2.1 5000 typ host",
         Errc::Malformed},
        // CVE-2023-40018: an unknown component id wrote out of bounds.
        {"candidate:1 0 udp 1 192.0.2.1 5000 typ host", Errc::OutOfRange},
        {"candidate:1 257 udp 1 192.0.2.1 5000 typ host", Errc::OutOfRange},
        {"candidate:1 -1 udp 1 192.0.2.1 5000 typ host", Errc::Malformed},
        {"candidate:1 65537 udp 1 192.0.2.1 5000 typ host", Errc::Malformed},
        {"candidate:1 1 udp 0 192.0.2.1 5000 typ host", Errc::OutOfRange},
        {"candidate:1 1 udp 2147483648 192.0.2.1 5000 typ host", Errc::OutOfRange},
        {"candidate:1 1 udp 99999999999 192.0.2.1 5000 typ host", Errc::Malformed},
        {"candidate:1 1 udp 1 192.0.2.1 0 typ host", Errc::OutOfRange},
        {"candidate:1 1 udp 1 192.0.2.1 65536 typ host", Errc::Malformed},
        {"candidate:1 1 udp 1 0.0.0.0 5000 typ host", Errc::OutOfRange},
        {"candidate:1 1 udp 1 exa_mple 5000 typ host", Errc::Malformed},
        {"candidate:1 1 udp 1 192.0.2.1 5000 typ fancy", Errc::Unsupported},
        {"candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active", Errc::Unsupported},
    };
    for (const Row& row : kRows) {
        const auto candidate = Candidate::parse(row.text);
        ASSERT_FALSE(candidate) << row.text;
        EXPECT_EQ(candidate.error().code, row.code) << row.text;
    }
}

TEST(Candidate, ALineBeyondTheLimitIsRefused) {
    EXPECT_EQ(Candidate::parse(std::string(5000, 'a')).error().code, Errc::TooLarge);
}

// RFC 8445 5.1.2.1.
TEST(Candidate, PrioritiesAreThoseOfTheFormula) {
    EXPECT_EQ(candidate_priority(CandidateType::Host, 65535), 2130706431U);
    EXPECT_EQ(candidate_priority(CandidateType::PeerReflexive, 65535), 1862270975U);
    EXPECT_EQ(candidate_priority(CandidateType::ServerReflexive, 65535), 1694498815U);
    EXPECT_EQ(candidate_priority(CandidateType::Relayed, 65535), 16777215U);
}

TEST(Candidate, OfOneAddressAndTypeTheFoundationIsOne) {
    const auto a = *SocketAddress::parse("10.0.0.1:1");
    const auto b = *SocketAddress::parse("10.0.0.1:2");
    const auto c = *SocketAddress::parse("10.0.0.2:1");
    const auto foundation = [](const SocketAddress& base) {
        return make_host_candidate(base, 65535).candidate.foundation;
    };
    EXPECT_EQ(foundation(a), foundation(b));
    EXPECT_NE(foundation(a), foundation(c));
    EXPECT_NE(foundation(a), make_reflexive_candidate(b, a, a.ip, 1).candidate.foundation);
}

TEST(IceCredentials, OursPassTheCheck) {
    SeededRandom random(1);
    const auto credentials = IceCredentials::make(random, "3");
    EXPECT_TRUE(check(credentials));
    EXPECT_EQ(credentials.ufrag.front(), '3');
}

// RFC 8839 5.4; CVE-2026-25994 was a long fragment.
TEST(IceCredentials, LengthsAndCharactersAreHeld) {
    const std::string good(24, 'p');
    EXPECT_TRUE(check({"abcd", std::string(22, 'p')}));
    EXPECT_TRUE(check({std::string(256, 'u'), std::string(256, 'p')}));
    EXPECT_FALSE(check({"abc", good}));
    EXPECT_FALSE(check({std::string(257, 'u'), good}));
    EXPECT_FALSE(check({"abcd", std::string(21, 'p')}));
    EXPECT_FALSE(check({"abcd", std::string(257, 'p')}));
    EXPECT_FALSE(check({"ab:cd", good}));
    EXPECT_FALSE(check({"ab cd", good}));
    EXPECT_FALSE(check({"", ""}));
}

}  // namespace
}  // namespace patchbay::webrtc
