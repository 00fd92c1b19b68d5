// SPDX-License-Identifier: Apache-2.0
#include "bridge/page/candidate.hpp"

#include <gtest/gtest.h>

#include <string>

namespace patchbay::bridge::page {
namespace {

const std::string kHead = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n";
const std::string kFirst = "a=candidate:1 1 udp 2130706431 192.0.2.1 40000 typ host\r\n";
const std::string kSecond = "a=candidate:2 1 UDP 2130706175 10.0.0.5 40002 typ host\r\n";
const std::string kTcp = "a=candidate:3 1 tcp 1518280447 10.0.0.5 9 typ host tcptype active\r\n";

TEST(OnlyCandidate, IsTheOneWithTheAddress) {
    EXPECT_EQ(with_only_candidate(kHead + kFirst + kTcp + kSecond, IpAddress::v4(10, 0, 0, 5)),
              kHead + kSecond);
}

TEST(OnlyCandidate, BehindATranslatorIsTheFirstUnderTheAddressThatIsTold) {
    EXPECT_EQ(with_only_candidate(kHead + kTcp + kFirst + kSecond, IpAddress::v4(203, 0, 113, 9)),
              kHead + "a=candidate:1 1 udp 2130706431 203.0.113.9 40000 typ host\r\n");
}

TEST(OnlyCandidate, WithoutAnAddressOrACandidateNothingChanges) {
    EXPECT_EQ(with_only_candidate(kHead + kFirst + kSecond, std::nullopt),
              kHead + kFirst + kSecond);
    EXPECT_EQ(with_only_candidate(kHead, IpAddress::v4(10, 0, 0, 5)), kHead);
    EXPECT_EQ(with_only_candidate("a=candidate:1\r\n", IpAddress::v4(10, 0, 0, 5)), "");
}

}  // namespace
}  // namespace patchbay::bridge::page
