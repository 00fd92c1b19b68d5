// SPDX-License-Identifier: Apache-2.0
// OpenSSL 3.0 calls these functions deprecated, and has no other way to continue a hash without
// allocating: EVP_MD_CTX_copy_ex and EVP_MAC_init ask for memory at every use and take three times
// as long for the packet of a telephone call (bench/srtp_bench.cpp).
#define OPENSSL_SUPPRESS_DEPRECATED
#include "rtp/hmac_sha1.hpp"

#include "base/ensure.hpp"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>

namespace patchbay::rtp {
namespace {

SHA_CTX hashed_pad(ByteView key, std::uint8_t filler) {
    std::array<std::uint8_t, SHA_CBLOCK> pad{};
    std::ranges::copy(key, pad.begin());
    for (std::uint8_t& byte : pad) {
        byte ^= filler;
    }
    SHA_CTX hash;
    PB_ENSURE(SHA1_Init(&hash) == 1 && SHA1_Update(&hash, pad.data(), pad.size()) == 1);
    OPENSSL_cleanse(pad.data(), pad.size());
    return hash;
}

}  // namespace

struct HmacSha1::Pads {
    SHA_CTX inner;
    SHA_CTX outer;
};

HmacSha1::HmacSha1(ByteView key) : pads_(std::make_unique<Pads>()) {
    PB_ENSURE(key.size() <= SHA_CBLOCK);
    pads_->inner = hashed_pad(key, 0x36);
    pads_->outer = hashed_pad(key, 0x5C);
}

HmacSha1::~HmacSha1() {
    OPENSSL_cleanse(pads_.get(), sizeof(Pads));
}

HmacSha1::Tag HmacSha1::compute(ByteView message, ByteView rest) const {
    Tag tag;
    SHA_CTX hash = pads_->inner;
    SHA1_Update(&hash, message.data(), message.size());
    SHA1_Update(&hash, rest.data(), rest.size());
    SHA1_Final(tag.data(), &hash);
    hash = pads_->outer;
    SHA1_Update(&hash, tag.data(), tag.size());
    SHA1_Final(tag.data(), &hash);
    return tag;
}

}  // namespace patchbay::rtp
