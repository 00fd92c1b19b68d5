// SPDX-License-Identifier: Apache-2.0
// RFC 7714: AES in Galois counter mode, 128 or 256 bits, with a tag of 16 bytes.
#include "base/ensure.hpp"
#include "rtp/cipher_context.hpp"
#include "rtp/srtp_cipher.hpp"
#include "rtp/srtp_nonce.hpp"

#include <algorithm>

namespace patchbay::rtp {
namespace {

constexpr std::size_t kSsrcInNonce = 2;
constexpr std::size_t kTag = 16;

class Gcm final : public SrtpCipher {
  public:
    Gcm(const SrtpSessionKeys& keys, SrtpDirection direction) : context_(make_cipher_context()) {
        PB_ENSURE(keys.salt.size() == salt_.size());
        const EVP_CIPHER* const cipher =
            keys.encryption.size() == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
        PB_ENSURE(EVP_CipherInit_ex(context_.get(), cipher, nullptr, keys.encryption.data(),
                                    nullptr, direction == SrtpDirection::Seal ? 1 : 0) == 1);
        std::ranges::copy(keys.salt, salt_.begin());
    }

    void seal(const SrtpPacketId& id, const SrtpParts& parts) override {
        PB_ENSURE(parts.tag.size() == kTag);
        start(id, parts);
        PB_ENSURE(finish());
        PB_ENSURE(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTag,
                                      parts.tag.data()) == 1);
    }

    Result<void> open(const SrtpPacketId& id, const SrtpParts& parts) override {
        PB_ENSURE(parts.tag.size() == kTag);
        start(id, parts);
        PB_ENSURE(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTag,
                                      parts.tag.data()) == 1);
        return finish() ? Result<void>{} : fail(Errc::Unauthorized, "SRTP packet");
    }

  private:
    void start(const SrtpPacketId& id, const SrtpParts& parts) {
        const auto nonce = srtp_nonce(salt_, kSsrcInNonce, id);
        // The direction stays as it was made.
        PB_ENSURE(EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(), -1) ==
                  1);
        update(nullptr, parts.clear);
        update(nullptr, parts.trailer);
        update(parts.text.data(), parts.text);
    }

    // Without an output the input is authenticated only.
    void update(std::uint8_t* out, ByteView in) {
        int written = 0;
        PB_ENSURE(in.empty() || EVP_CipherUpdate(context_.get(), out, &written, in.data(),
                                                 static_cast<int>(in.size())) == 1);
    }

    bool finish() {
        std::array<std::uint8_t, kTag> nothing{};
        int written = 0;
        return EVP_CipherFinal_ex(context_.get(), nothing.data(), &written) == 1;
    }

    CipherContext context_;
    std::array<std::uint8_t, 12> salt_{};
};

}  // namespace

std::unique_ptr<SrtpCipher> make_gcm(const SrtpSessionKeys& keys, SrtpDirection direction) {
    return std::make_unique<Gcm>(keys, direction);
}

}  // namespace patchbay::rtp
