// SPDX-License-Identifier: Apache-2.0
#include "webrtc/stun/message.hpp"

#include "base/text.hpp"
#include "webrtc/limits.hpp"
#include "webrtc/stun/integrity.hpp"
#include "webrtc/stun/writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace patchbay::webrtc {
namespace {

constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";

// RFC 5769 2.1 to 2.4.
constexpr std::string_view kRequest =
    "000100582112a442b7e7a701bc34d686fa87dfae"
    "802200105354554e207465737420636c69656e74"
    "002400046e0001ff"
    "80290008932ff9b151263b36"
    "000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
    "80280004e57a3bcf";
constexpr std::string_view kIpv4Response =
    "0101003c2112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96";
constexpr std::string_view kIpv6Response =
    "010100482112a442b7e7a701bc34d686fa87dfae"
    "8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed41"
    "80280004c8fb0b4c";
constexpr std::string_view kLongTermRequest =
    "000100602112a44278ad3433c6ad72c029da412e"
    "00060012e3839ee38388e383aae38383e382afe382b90000"
    "0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341"
    "0014000b6578616d706c652e6f726700"
    "00080014f67024656dd64a3e02b8e0712e85c9a28ca89666";

Bytes bytes_of(std::string_view hex) {
    const auto bytes = from_hex(hex);
    EXPECT_TRUE(bytes);
    return bytes.value_or(Bytes{});
}

TransactionId transaction(std::uint8_t fill) {
    TransactionId id{};
    id.fill(fill);
    return id;
}

Bytes sample_request() {
    return StunWriter(StunClass::Request, StunMethod::Binding, transaction(7))
        .text(StunAttribute::Username, "them:us")
        .number(StunAttribute::Priority, 1845501695)
        .long_number(StunAttribute::IceControlling, 0x0102030405060708)
        .flag(StunAttribute::UseCandidate)
        .finish(as_bytes(kPassword));
}

TEST(StunMessage, TheRequestOfRfc5769IsReadAndGenuine) {
    const Bytes datagram = bytes_of(kRequest);
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message) << describe(message.error());
    EXPECT_EQ(message->message_class(), StunClass::Request);
    EXPECT_EQ(message->method(), StunMethod::Binding);
    EXPECT_EQ(message->text(StunAttribute::Username, 512), "evtj:h6vY");
    EXPECT_EQ(message->text(StunAttribute::Software, 512), "STUN test client");
    EXPECT_EQ(message->number(StunAttribute::Priority), 0x6e0001ffU);
    EXPECT_EQ(message->long_number(StunAttribute::IceControlled), 0x932ff9b151263b36U);
    EXPECT_TRUE(message->has_fingerprint());
    EXPECT_TRUE(message->verify(as_bytes(kPassword)));
}

TEST(StunMessage, TheIpv4ResponseOfRfc5769IsReadAndGenuine) {
    const Bytes datagram = bytes_of(kIpv4Response);
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message) << describe(message.error());
    EXPECT_EQ(message->message_class(), StunClass::Success);
    EXPECT_EQ(message->address(StunAttribute::XorMappedAddress)->to_string(), "192.0.2.1:32853");
    EXPECT_TRUE(message->verify(as_bytes(kPassword)));
}

TEST(StunMessage, TheIpv6ResponseOfRfc5769IsReadAndGenuine) {
    const Bytes datagram = bytes_of(kIpv6Response);
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message) << describe(message.error());
    EXPECT_EQ(message->address(StunAttribute::XorMappedAddress)->to_string(),
              "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
    EXPECT_TRUE(message->verify(as_bytes(kPassword)));
}

TEST(StunMessage, TheLongTermRequestOfRfc5769IsGenuine) {
    const Bytes datagram = bytes_of(kLongTermRequest);
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message) << describe(message.error());
    const auto username = message->text(StunAttribute::Username, 512);
    const auto realm = message->text(StunAttribute::Realm, 763);
    ASSERT_TRUE(username && realm);
    EXPECT_EQ(*realm, "example.org");
    EXPECT_TRUE(message->verify(long_term_key(*username, *realm, "TheMatrIX")));
}

TEST(StunMessage, WhatIsWrittenIsReadBack) {
    const Bytes datagram = sample_request();
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message) << describe(message.error());
    EXPECT_EQ(message->transaction(), transaction(7));
    EXPECT_EQ(message->text(StunAttribute::Username, 512), "them:us");
    EXPECT_TRUE(message->has(StunAttribute::UseCandidate));
    EXPECT_TRUE(message->verify(as_bytes(kPassword)));
}

TEST(StunMessage, EveryClassAndMethodIsReadBack) {
    for (const auto message_class :
         {StunClass::Request, StunClass::Indication, StunClass::Success, StunClass::Error}) {
        for (unsigned method = 0; method < 0x1000; ++method) {
            const Bytes datagram =
                StunWriter(message_class, static_cast<StunMethod>(method), transaction(1)).finish();
            const auto message = StunMessage::parse(datagram);
            ASSERT_TRUE(message);
            ASSERT_EQ(message->message_class(), message_class);
            ASSERT_EQ(static_cast<unsigned>(message->method()), method);
        }
    }
}

TEST(StunMessage, AddressesOfBothFamiliesAreReadBackMaskedAndPlain) {
    for (const std::string_view text : {"192.0.2.1:1", "[2001:db8::9]:65535"}) {
        for (const auto type : {StunAttribute::MappedAddress, StunAttribute::XorMappedAddress,
                                StunAttribute::XorPeerAddress, StunAttribute::XorRelayedAddress}) {
            const auto address = SocketAddress::parse(text);
            ASSERT_TRUE(address);
            const Bytes datagram =
                StunWriter(StunClass::Success, StunMethod::Binding, transaction(9))
                    .address(type, *address)
                    .finish();
            const auto message = StunMessage::parse(datagram);
            ASSERT_TRUE(message);
            EXPECT_EQ(message->address(type), *address);
        }
    }
}

TEST(StunMessage, AnErrorIsReadBack) {
    const Bytes datagram = StunWriter(StunClass::Error, StunMethod::Binding, transaction(1))
                               .error(487, "Role Conflict")
                               .finish(as_bytes(kPassword));
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message);
    const auto error = message->error();
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, 487);
    EXPECT_EQ(error->reason, "Role Conflict");
}

TEST(StunMessage, AnErrorCodeOutsideItsRangeIsRefused) {
    for (const int code : {0, 100, 299, 700}) {
        const Bytes datagram =
            StunWriter(StunClass::Error, StunMethod::Binding, transaction(1)).error(code).finish();
        const auto message = StunMessage::parse(datagram);
        ASSERT_TRUE(message);
        EXPECT_FALSE(message->error()) << code;
    }
}

// CVE-2022-31031, CVE-2023-32307: lengths that do not fit.
TEST(StunMessage, CutAtAnyByteItIsRefused) {
    const Bytes datagram = sample_request();
    for (std::size_t size = 0; size < datagram.size(); ++size) {
        EXPECT_FALSE(StunMessage::parse(ByteView(datagram).first(size))) << size;
    }
}

TEST(StunMessage, WithAnyBitChangedItIsRefusedOrNotGenuine) {
    const Bytes datagram = sample_request();
    for (std::size_t bit = 0; bit < datagram.size() * 8; ++bit) {
        Bytes changed = datagram;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const auto message = StunMessage::parse(changed);
        EXPECT_FALSE(message && message->verify(as_bytes(kPassword)) && message->has_fingerprint())
            << bit;
    }
}

TEST(StunMessage, BytesBehindItAreRefused) {
    Bytes datagram = sample_request();
    datagram.insert(datagram.end(), 4, 0);
    EXPECT_FALSE(StunMessage::parse(datagram));
}

TEST(StunMessage, AnAttributeThatReachesBeyondTheMessageIsRefused) {
    for (const unsigned length : {5U, 8U, 0x7FFFU, 0xFFFCU, 0xFFFDU, 0xFFFFU}) {
        ByteWriter raw;
        raw.bytes(bytes_of("000100082112a442000000000000000000000000"));
        raw.u16(0x8022);
        raw.u16(static_cast<std::uint16_t>(length));
        raw.u32(0);
        EXPECT_FALSE(StunMessage::parse(raw.view())) << length;
    }
}

TEST(StunMessage, AWrongCookieIsRefused) {
    Bytes datagram = StunWriter(StunClass::Request, StunMethod::Binding, transaction(1)).finish();
    datagram[4] ^= 1;
    EXPECT_FALSE(StunMessage::parse(datagram));
}

TEST(StunMessage, AFingerprintThatIsNotLastIsRefused) {
    const Bytes first =
        StunWriter(StunClass::Request, StunMethod::Binding, transaction(1)).finish();
    ByteWriter raw;
    raw.bytes(first);
    raw.u32(0x80220000);
    raw.set_u16(2, static_cast<std::uint16_t>(raw.size() - kStunHeaderSize));
    EXPECT_FALSE(StunMessage::parse(raw.view()));
}

TEST(StunMessage, WhatStandsBehindTheIntegrityIsNotSeen) {
    StunWriter writer(StunClass::Request, StunMethod::Binding, transaction(1));
    writer.text(StunAttribute::Username, "a:b");
    Bytes signed_part = writer.finish(as_bytes(kPassword));
    signed_part.resize(signed_part.size() - 8);  // without the fingerprint
    ByteWriter raw;
    raw.bytes(signed_part);
    raw.u32(0x00250000);  // USE-CANDIDATE
    raw.set_u16(2, static_cast<std::uint16_t>(raw.size() - kStunHeaderSize));
    const auto message = StunMessage::parse(raw.view());
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->verify(as_bytes(kPassword)));
    EXPECT_FALSE(message->has(StunAttribute::UseCandidate));
}

TEST(StunMessage, OfAnAttributeGivenTwiceTheFirstCounts) {
    const Bytes datagram = StunWriter(StunClass::Request, StunMethod::Binding, transaction(1))
                               .number(StunAttribute::Priority, 1)
                               .number(StunAttribute::Priority, 2)
                               .finish();
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->number(StunAttribute::Priority), 1U);
}

TEST(StunMessage, ASecondIntegrityDoesNotReplaceTheFirst) {
    StunWriter writer(StunClass::Request, StunMethod::Binding, transaction(1));
    writer.text(StunAttribute::Username, "a:b");
    Bytes datagram = writer.finish(as_bytes("another key"));
    datagram.resize(datagram.size() - 8);
    ByteWriter raw;
    raw.bytes(datagram);
    const StunIntegrity forged = stun_integrity(datagram, as_bytes(kPassword));
    raw.u32(0x00080014);
    raw.bytes(forged);
    raw.set_u16(2, static_cast<std::uint16_t>(raw.size() - kStunHeaderSize));
    const auto message = StunMessage::parse(raw.view());
    ASSERT_TRUE(message);
    EXPECT_FALSE(message->verify(as_bytes(kPassword)));
}

TEST(StunMessage, WithoutIntegrityItIsNotGenuine) {
    const Bytes datagram =
        StunWriter(StunClass::Request, StunMethod::Binding, transaction(1)).finish();
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message);
    EXPECT_FALSE(message->has_integrity());
    EXPECT_EQ(message->verify(as_bytes(kPassword)).error().code, Errc::NotFound);
}

TEST(StunMessage, AttributesThatMustBeUnderstoodAreListed) {
    const Bytes datagram = StunWriter(StunClass::Request, StunMethod::Binding, transaction(1))
                               .text(StunAttribute::Username, "a:b")
                               .number(static_cast<StunAttribute>(0x7777), 1)
                               .number(static_cast<StunAttribute>(0x9999), 1)
                               .finish();
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message);
    EXPECT_THAT(message->unknown({StunAttribute::Username}),
                testing::ElementsAre(static_cast<StunAttribute>(0x7777)));
}

TEST(StunMessage, ANumberOfAnotherLengthIsMalformed) {
    const Bytes datagram = StunWriter(StunClass::Request, StunMethod::Binding, transaction(1))
                               .text(StunAttribute::Priority, "12345")
                               .text(StunAttribute::IceControlled, "1234")
                               .text(StunAttribute::XorMappedAddress, "1234")
                               .finish();
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->number(StunAttribute::Priority).error().code, Errc::Malformed);
    EXPECT_EQ(message->long_number(StunAttribute::IceControlled).error().code, Errc::Malformed);
    EXPECT_EQ(message->address(StunAttribute::XorMappedAddress).error().code, Errc::Malformed);
}

TEST(StunMessage, AUsernameBeyondItsLimitIsRefused) {
    const Bytes datagram = StunWriter(StunClass::Request, StunMethod::Binding, transaction(1))
                               .text(StunAttribute::Username, std::string(513, 'a'))
                               .finish();
    const auto message = StunMessage::parse(datagram);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->text(StunAttribute::Username, limits::kStunUsername).error().code,
              Errc::TooLarge);
}

TEST(StunMessage, MoreAttributesThanAnyoneSendsAreRefused) {
    StunWriter writer(StunClass::Request, StunMethod::Binding, transaction(1));
    for (std::size_t i = 0; i < limits::kStunAttributes; ++i) {
        writer.flag(StunAttribute::UseCandidate);
    }
    EXPECT_EQ(StunMessage::parse(writer.finish()).error().code, Errc::TooLarge);
}

}  // namespace
}  // namespace patchbay::webrtc
