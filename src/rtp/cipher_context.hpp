// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"

#include <openssl/evp.h>

#include <memory>

namespace patchbay::rtp {

struct CipherContextDeleter {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};

// OpenSSL's state of one cipher under one key; only for the .cpp files of SRTP.
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextDeleter>;

inline CipherContext make_cipher_context() {
    CipherContext context(EVP_CIPHER_CTX_new());
    PB_ENSURE(context != nullptr);
    return context;
}

}  // namespace patchbay::rtp
