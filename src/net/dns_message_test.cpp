// SPDX-License-Identifier: Apache-2.0
#include "net/dns_message.hpp"

#include "support/dns_bytes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace patchbay::net {
namespace {

using test::DnsBytes;
using testing::ElementsAre;

// Where the name of the question stands: after the header.
constexpr unsigned kQuestionName = 12;
const std::string kOwner = DnsBytes::pointer(kQuestionName);
const std::string kIp("\xC0\x00\x02\x07", 4);

Result<DnsAnswer> parse(const DnsBytes& message, DnsType type, const std::string& name) {
    return parse_dns_answer(as_bytes(message.bytes()), {type, name});
}

TEST(DnsMessage, AddressesAreRead) {
    DnsBytes message("Example.com", DnsBytes::kA);
    message.record(kOwner, DnsBytes::kA, 300, kIp);
    message.record(DnsBytes::name("EXAMPLE.com"), DnsBytes::kA, 60, std::string("\x0A\0\0\1", 4));
    const auto answer = parse(message, DnsType::A, "example.com");
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->addresses,
                ElementsAre(IpAddress::v4(192, 0, 2, 7), IpAddress::v4(10, 0, 0, 1)));
    EXPECT_EQ(answer->time_to_live, Seconds(60));
    DnsBytes six("example.com", DnsBytes::kAaaa);
    six.record(kOwner, DnsBytes::kAaaa, 300,
               std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07", 16));
    EXPECT_EQ(parse(six, DnsType::Aaaa, "example.com")->addresses.at(0).to_string(), "2001:db8::7");
}

TEST(DnsMessage, ServicesAreRead) {
    DnsBytes message("_sip._udp.example.com", DnsBytes::kSrv);
    message.record(kOwner, DnsBytes::kSrv, 30,
                   DnsBytes::u16(10) + DnsBytes::u16(20) + DnsBytes::u16(5070) +
                       DnsBytes::name("pbx.example.com"));
    message.record(kOwner, DnsBytes::kSrv, 30,
                   DnsBytes::u16(0) + DnsBytes::u16(0) + DnsBytes::u16(0) + DnsBytes::name(""));
    const auto answer = parse(message, DnsType::Srv, "_sip._udp.example.com");
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->srv, ElementsAre(SrvRecord{10, 20, 5070, "pbx.example.com"}, SrvRecord{}));
}

TEST(DnsMessage, NaptrIsRead) {
    DnsBytes message("example.com", DnsBytes::kNaptr);
    message.record(kOwner, DnsBytes::kNaptr, 30,
                   DnsBytes::u16(50) + DnsBytes::u16(40) + DnsBytes::text("s") +
                       DnsBytes::text("SIPS+D2T") + DnsBytes::text("") +
                       DnsBytes::name("_sips._tcp.example.com"));
    const auto answer = parse(message, DnsType::Naptr, "example.com");
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->naptr,
                ElementsAre(NaptrRecord{50, 40, "s", "SIPS+D2T", "_sips._tcp.example.com"}));
}

TEST(DnsMessage, AliasesAreFollowed) {
    DnsBytes message("sip.example.com", DnsBytes::kA);
    message.record(kOwner, DnsBytes::kCname, 20, DnsBytes::name("host.example.net"));
    message.record(DnsBytes::name("host.example.net"), DnsBytes::kA, 300, kIp);
    const auto answer = parse(message, DnsType::A, "sip.example.com");
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->addresses, ElementsAre(IpAddress::v4(192, 0, 2, 7)));
    EXPECT_EQ(answer->time_to_live, Seconds(20));
}

TEST(DnsMessage, AliasesInACircleEnd) {
    DnsBytes message("a.example", DnsBytes::kA);
    message.record(kOwner, DnsBytes::kCname, 20, DnsBytes::name("b.example"));
    message.record(DnsBytes::name("b.example"), DnsBytes::kCname, 20, DnsBytes::name("a.example"));
    EXPECT_EQ(parse(message, DnsType::A, "a.example").error().code, Errc::NotFound);
}

TEST(DnsMessage, RecordsOfOtherNamesAndTypesSayNothing) {
    DnsBytes message("example.com", DnsBytes::kA);
    message.record(DnsBytes::name("evil.example"), DnsBytes::kA, 300, kIp);
    message.record(kOwner, 16, 300, DnsBytes::text("v=spf1"));
    EXPECT_EQ(parse(message, DnsType::A, "example.com").error().code, Errc::NotFound);
}

TEST(DnsMessage, ATimeToLiveWithItsHighestBitIsZero) {  // RFC 2181 8
    DnsBytes message("example.com", DnsBytes::kA);
    message.record(kOwner, DnsBytes::kA, 0x80000001, kIp);
    EXPECT_EQ(parse(message, DnsType::A, "example.com")->time_to_live, Seconds(0));
}

TEST(DnsMessage, PointersThatLeadForwardOrRoundAreRefused) {
    for (const std::string& owner :
         {DnsBytes::pointer(29), DnsBytes::pointer(5000),
          std::string("\1a") + DnsBytes::pointer(29), std::string("\x80"), std::string("\x3F"),
          std::string("\xC0")}) {
        DnsBytes message("example.com", DnsBytes::kA);
        message.record(owner, DnsBytes::kA, 300, kIp);
        EXPECT_EQ(parse(message, DnsType::A, "example.com").error().code, Errc::Malformed);
    }
}

TEST(DnsMessage, ANameThatPointersMakeTooLongIsRefused) {
    DnsBytes message("example.com", DnsBytes::kSrv);
    const std::string label = DnsBytes::text(std::string(63, 'x'));
    message.record(kOwner, DnsBytes::kSrv, 30,
                   DnsBytes::u32(0) + DnsBytes::u16(1) + label + label + label + label +
                       DnsBytes::pointer(kQuestionName));
    EXPECT_EQ(parse(message, DnsType::Srv, "example.com").error().code, Errc::Malformed);
}

TEST(DnsMessage, EveryPrefixIsRefusedOrHasNothing) {
    DnsBytes message("_sip._udp.example.com", DnsBytes::kSrv);
    message.record(kOwner, DnsBytes::kSrv, 30,
                   DnsBytes::u32(0) + DnsBytes::u16(5070) + DnsBytes::name("pbx.example.com"));
    const std::string whole = message.bytes();
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(parse_dns_answer(as_bytes(std::string_view(whole).substr(0, size)),
                                      {DnsType::Srv, "_sip._udp.example.com"}))
            << size;
    }
}

TEST(DnsMessage, DataThatLiesAboutItsLengthIsRefused) {
    DnsBytes message("example.com", DnsBytes::kA);
    message.record(kOwner, DnsBytes::kA, 30, std::string("\x0A\0\1", 3));
    EXPECT_EQ(parse(message, DnsType::A, "example.com").error().code, Errc::Malformed);
    DnsBytes naptr("example.com", DnsBytes::kNaptr);
    naptr.record(kOwner, DnsBytes::kNaptr, 30, DnsBytes::u32(0) + "\x7Fs");
    naptr.record(kOwner, DnsBytes::kA, 30, std::string(200, 'x'));
    EXPECT_EQ(parse(naptr, DnsType::Naptr, "example.com").error().code, Errc::Malformed);
}

}  // namespace
}  // namespace patchbay::net
