// SPDX-License-Identifier: Apache-2.0
// RFC 3711 4.1.1 and 4.2.1: AES in counter mode, then HMAC-SHA1 over what was encrypted.
#include "base/ensure.hpp"
#include "rtp/cipher_context.hpp"
#include "rtp/hmac_sha1.hpp"
#include "rtp/srtp_cipher.hpp"
#include "rtp/srtp_nonce.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace patchbay::rtp {
namespace {

constexpr std::size_t kSsrcInNonce = 4;

class CounterMode final : public SrtpCipher {
  public:
    explicit CounterMode(const SrtpSessionKeys& keys)
        : context_(make_cipher_context()), hmac_(keys.authentication) {
        PB_ENSURE(keys.encryption.size() == 16);
        PB_ENSURE(keys.salt.size() == 14);
        PB_ENSURE(EVP_EncryptInit_ex(context_.get(), EVP_aes_128_ctr(), nullptr,
                                     keys.encryption.data(), nullptr) == 1);
        std::ranges::copy(keys.salt, salt_.begin());
    }

    void seal(const SrtpPacketId& id, const SrtpParts& parts) override {
        apply_key_stream(id, parts.text);
        const HmacSha1::Tag tag = tag_of(parts);
        std::copy_n(tag.begin(), parts.tag.size(), parts.tag.begin());
    }

    // The tag is checked first: a forged packet costs no decryption.
    Result<void> open(const SrtpPacketId& id, const SrtpParts& parts) override {
        const HmacSha1::Tag tag = tag_of(parts);
        if (CRYPTO_memcmp(tag.data(), parts.tag.data(), parts.tag.size()) != 0) {
            return fail(Errc::Unauthorized, "SRTP packet");
        }
        apply_key_stream(id, parts.text);
        return {};
    }

  private:
    HmacSha1::Tag tag_of(const SrtpParts& parts) const {
        PB_ENSURE(parts.tag.size() <= HmacSha1::kSize);
        return hmac_.compute({parts.clear.data(), parts.clear.size() + parts.text.size()},
                             parts.trailer);
    }

    void apply_key_stream(const SrtpPacketId& id, std::span<std::uint8_t> text) {
        const auto nonce = srtp_nonce(salt_, kSsrcInNonce, id);
        int written = 0;
        PB_ENSURE(EVP_EncryptInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data()) == 1);
        PB_ENSURE(EVP_EncryptUpdate(context_.get(), text.data(), &written, text.data(),
                                    static_cast<int>(text.size())) == 1);
    }

    CipherContext context_;
    HmacSha1 hmac_;
    std::array<std::uint8_t, 16> salt_{};  // the last two bytes count blocks within a packet
};

}  // namespace

std::unique_ptr<SrtpCipher> make_counter_mode(const SrtpSessionKeys& keys) {
    return std::make_unique<CounterMode>(keys);
}

}  // namespace patchbay::rtp
