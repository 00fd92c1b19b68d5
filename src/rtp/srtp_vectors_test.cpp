// SPDX-License-Identifier: Apache-2.0
// The test vectors of RFC 3711 appendix B and RFC 7714 sections 16 and 17.
#include "base/text.hpp"
#include "rtp/srtcp.hpp"
#include "rtp/srtp_cipher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace patchbay::rtp {
namespace {

Bytes hex(std::string text) {
    std::erase(text, ' ');
    return from_hex(text).value();
}

Bytes joined(const Bytes& a, const Bytes& b) {
    Bytes out = a;
    out.insert(out.end(), b.begin(), b.end());
    return out;
}

// RFC 3711 B.2
TEST(SrtpVectors, TheKeyStreamOfAesCounterModeIsThatOfRfc3711) {
    const auto cipher = make_srtp_cipher(SrtpProfile::AesCm128HmacSha1Tag80,
                                         {.encryption = hex("2B7E151628AED2A6ABF7158809CF4F3C"),
                                          .authentication = Bytes(20, 0),
                                          .salt = hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD")},
                                         SrtpDirection::Seal);
    Bytes text(0xFF02 * 16, 0);
    std::array<std::uint8_t, 10> tag{};
    cipher->seal({}, {.clear = std::span(text).first(0), .text = text, .trailer = {}, .tag = tag});
    const auto block = [&](std::size_t number) {
        return to_hex(ByteView(text).subspan(number * 16, 16));
    };
    EXPECT_EQ(block(0), "e03ead0935c95e80e166b16dd92b4eb4");
    EXPECT_EQ(block(1), "d23513162b02d0f72a43a2fe4a5f97ab");
    EXPECT_EQ(block(2), "41e95b3bb0a2e8dd477901e4fca894c0");
    EXPECT_EQ(block(0xFEFF), "ec8cdf7398607cb0f2d21675ea9ea1e4");
    EXPECT_EQ(block(0xFF00), "362b7c3c6773516318a077d7fc5073ae");
    EXPECT_EQ(block(0xFF01), "6a2cc3787889374fbeb4c81b17ba6c44");
}

// RFC 3711 B.3
TEST(SrtpVectors, SessionKeysAreDerivedAsInRfc3711) {
    const SrtpKey key{SrtpProfile::AesCm128HmacSha1Tag80,
                      Secret(hex("E1F97A0D3E018BE0D64FA32C06DE4139"
                                 "0EC675AD498AFEEBB6960B3AABE6"))};
    const auto keys = derive_session_keys(key);
    ASSERT_TRUE(keys);
    EXPECT_EQ(to_hex(keys->rtp.encryption), "c61e7a93744f39ee10734afe3ff7a087");
    EXPECT_EQ(to_hex(keys->rtp.salt), "30cbbc08863d8c85d49db34a9ae1");
    EXPECT_EQ(to_hex(keys->rtp.authentication), "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
}

TEST(SrtpVectors, AMasterKeyOfAnotherLengthIsRefused) {
    for (const std::size_t size : {0U, 16U, 29U, 31U, 46U}) {
        const SrtpKey key{SrtpProfile::AesCm128HmacSha1Tag80, Secret(Bytes(size, 1))};
        EXPECT_EQ(derive_session_keys(key).error().code, Errc::OutOfRange) << size;
    }
}

struct GcmVector {
    const char* name;
    SrtpProfile profile;
    const char* key;
    const char* sealed_rtp;   // RFC 7714 16: ciphertext and tag
    const char* sealed_rtcp;  // RFC 7714 17: ciphertext and tag
    const char* rtcp_tag;     // the same packet, authenticated only
};

const std::string kSalt = "51756964 2070726f 2071756f";  // "Quid pro quo"
const std::string kRtpHeader = "8040f17b 8041f8d3 5501a0b2";
const std::string kRtpPayload =  // "Gallia est omnis divisa in partes tres"
    "47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573";
const std::string kRtcpHeader = "81c8000d 4d617273";
const std::string kRtcpBody =
    "4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef "
    "deadbeef";
constexpr std::uint32_t kRtcpIndex = 0x5D4;

class Rfc7714 : public testing::TestWithParam<GcmVector> {
  protected:
    std::unique_ptr<SrtpCipher> cipher(SrtpDirection direction) const {
        return make_srtp_cipher(
            GetParam().profile,
            {.encryption = hex(GetParam().key), .authentication = {}, .salt = hex(kSalt)},
            direction);
    }

    // Seals `plain`, of which the first `clear` bytes stay readable, and opens it again.
    void expect(const Bytes& plain,
                std::size_t clear,
                ByteView trailer,
                const std::string& tail,
                const SrtpPacketId& id) const {
        Bytes packet = joined(plain, Bytes(16, 0));
        const std::span<std::uint8_t> all(packet);
        const SrtpParts parts{.clear = all.first(clear),
                              .text = all.subspan(clear, plain.size() - clear),
                              .trailer = trailer,
                              .tag = all.subspan(plain.size())};
        cipher(SrtpDirection::Seal)->seal(id, parts);
        EXPECT_EQ(to_hex(all.subspan(clear)), to_hex(hex(tail)));
        EXPECT_TRUE(cipher(SrtpDirection::Open)->open(id, parts));
        EXPECT_EQ(to_hex(all.first(plain.size())), to_hex(plain));
    }
};

TEST_P(Rfc7714, RtpIsEncryptedAndTaggedAsInSection16) {
    const Bytes header = hex(kRtpHeader);
    expect(joined(header, hex(kRtpPayload)), header.size(), {}, GetParam().sealed_rtp,
           {Ssrc(0x5501A0B2), 0xF17B});
}

TEST_P(Rfc7714, RtcpIsEncryptedAndTaggedAsInSection17) {
    const Bytes header = hex(kRtcpHeader);
    const Bytes word = hex("800005d4");
    expect(joined(header, hex(kRtcpBody)), header.size(), word, GetParam().sealed_rtcp,
           {Ssrc(0x4D617273), kRtcpIndex});
}

TEST_P(Rfc7714, RtcpMayBeTaggedOnlyAsInSection17) {
    const Bytes plain = joined(hex(kRtcpHeader), hex(kRtcpBody));
    const Bytes word = hex("000005d4");
    expect(plain, plain.size(), word, GetParam().rtcp_tag, {Ssrc(0x4D617273), kRtcpIndex});
}

INSTANTIATE_TEST_SUITE_P(
    Gcm,
    Rfc7714,
    testing::Values(
        GcmVector{"Aes128", SrtpProfile::AeadAes128Gcm, "000102030405060708090a0b0c0d0e0f",
                  "f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b "
                  "36de3adf 8833899d 7f27beb1 6a9152cf 765ee439 0cce",
                  "63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda "
                  "4ce09b46 86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade",
                  "841dd968 3dd78ec9 2ae58790 125f62b3"},
        GcmVector{"Aes256", SrtpProfile::AeadAes256Gcm,
                  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
                  "32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f "
                  "1ba63799 b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13",
                  "d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be "
                  "8415f658 c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be",
                  "91db4afb feee5a97 8fab4393 ed2615fe"}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace patchbay::rtp
