// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "webrtc/dtls/context.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>

// OpenSSL's objects with owners; only for the .cpp files of DTLS.
namespace patchbay::webrtc {

template <auto kFree>
struct OpensslDeleter {
    template <class T>
    void operator()(T* object) const {
        kFree(object);
    }
};

using SslContextPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using BioMethodPtr = std::unique_ptr<BIO_METHOD, OpensslDeleter<BIO_meth_free>>;

struct DtlsContext::Native {
    SslContextPtr context;
    KeyPtr key;
    CertificatePtr certificate;
    DtlsSettings settings;
};

// What a certificate of the peer is judged by, found through SSL_get_app_data.
class CertificateJudge {
  public:
    virtual bool accepts(ByteView certificate) = 0;

  protected:
    ~CertificateJudge() = default;
};

}  // namespace patchbay::webrtc
