// SPDX-License-Identifier: Apache-2.0
#include "rtp/srtp_key_derivation.hpp"

#include "base/ensure.hpp"
#include "rtp/cipher_context.hpp"

#include <algorithm>
#include <array>

namespace patchbay::rtp {
namespace {

// RFC 3711 4.3.2
enum class Label : std::uint8_t {
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
};

constexpr std::size_t kHmacKey = 20;  // RFC 3711 8.2: 160 bits

// The pseudo-random function of RFC 3711 4.3.3: AES in counter mode under the master key, started
// at the master salt with the label mixed in.
class KeyStream {
  public:
    KeyStream(ByteView key, ByteView salt) : context_(make_cipher_context()) {
        // A salt of 96 bits is padded on the right (RFC 7714 11).
        std::ranges::copy(salt, start_.begin());
        const EVP_CIPHER* const cipher = key.size() == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
        PB_ENSURE(EVP_EncryptInit_ex(context_.get(), cipher, nullptr, key.data(), nullptr) == 1);
    }

    Bytes derive(Label label, std::size_t length) {
        auto counter = start_;
        counter[7] ^= static_cast<std::uint8_t>(label);
        Bytes out(length, 0);
        int written = 0;
        PB_ENSURE(EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, counter.data()) ==
                  1);
        PB_ENSURE(EVP_EncryptUpdate(context_.get(), out.data(), &written, out.data(),
                                    static_cast<int>(length)) == 1);
        return out;
    }

  private:
    CipherContext context_;
    std::array<std::uint8_t, 16> start_{};
};

}  // namespace

Result<SrtpKeySet> derive_session_keys(const SrtpKey& key) {
    const SrtpLengths lengths = lengths_of(key.profile);
    const ByteView material = key.material.reveal();
    if (material.size() != lengths.key + lengths.salt) {
        return fail(Errc::OutOfRange, "SRTP master key",
                    static_cast<std::int64_t>(material.size()));
    }
    KeyStream stream(material.first(lengths.key), material.subspan(lengths.key));
    const std::size_t hmac_key = lengths.aead ? 0 : kHmacKey;
    return SrtpKeySet{.rtp = {.encryption = stream.derive(Label::RtpEncryption, lengths.key),
                              .authentication = stream.derive(Label::RtpAuthentication, hmac_key),
                              .salt = stream.derive(Label::RtpSalt, lengths.salt)},
                      .rtcp = {.encryption = stream.derive(Label::RtcpEncryption, lengths.key),
                               .authentication = stream.derive(Label::RtcpAuthentication, hmac_key),
                               .salt = stream.derive(Label::RtcpSalt, lengths.salt)}};
}

}  // namespace patchbay::rtp
