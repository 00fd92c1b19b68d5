// SPDX-License-Identifier: Apache-2.0
#include "webrtc/dtls/context.hpp"

#include "webrtc/dtls/openssl.hpp"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/err.h>

#include <array>
#include <string>
#include <utility>

namespace patchbay::webrtc {
namespace {

// RFC 8827 6.5 asks for the first; browsers have the others as well. Our certificate is ECDSA, a
// peer's may be RSA.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* kGroups = "X25519:P-256:P-384";

// RFC 5764 4.1.2, RFC 7714 14.2. GCM first: it costs less than AES-CM with HMAC-SHA1.
constexpr const char* kSrtpProfiles =
    "SRTP_AEAD_AES_128_GCM:SRTP_AEAD_AES_256_GCM:SRTP_AES128_CM_SHA1_80:SRTP_AES128_CM_SHA1_32";

// No browser looks at the dates; a process that lives longer than this is restarted before.
constexpr std::int64_t kDay = 24 * 3600;
constexpr std::int64_t kValidity = 365 * 10 * kDay;

using BigNumberPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>>;

bool set_serial(X509* certificate, Random& random) {
    std::array<std::uint8_t, 16> serial{};
    random.fill(serial);
    serial[0] &= 0x7F;  // positive
    const BigNumberPtr number(BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
    return number &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_validity(X509* certificate, WallTime now) {
    const std::int64_t seconds = now.milliseconds / 1000;
    return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds - kDay) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(certificate), seconds + kValidity) != nullptr;
}

// RFC 8827 6.5 and privacy: a random name, because it travels in plain sight.
bool set_name(X509* certificate, Random& random) {
    X509_NAME* name = X509_get_subject_name(certificate);
    const std::string text = random.token(16);
    return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, as_bytes(text).data(),
                                      static_cast<int>(text.size()), -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1;
}

CertificatePtr make_certificate(EVP_PKEY* key, WallTime now, Random& random) {
    CertificatePtr certificate(X509_new());
    const bool made = certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1 &&
                      set_serial(certificate.get(), random) &&
                      set_validity(certificate.get(), now) && set_name(certificate.get(), random) &&
                      X509_set_pubkey(certificate.get(), key) == 1 &&
                      X509_sign(certificate.get(), key, EVP_sha256()) != 0;
    return made ? std::move(certificate) : nullptr;
}

Bytes der_of(X509* certificate) {
    std::uint8_t* raw = nullptr;
    const int size = i2d_X509(certificate, &raw);
    if (size <= 0) {
        return {};
    }
    const std::unique_ptr<std::uint8_t, decltype([](std::uint8_t* p) { OPENSSL_free(p); })> owner(
        raw);
    return {raw, raw + size};
}

// In place of the usual chain of trust: the fingerprint decides (RFC 8122 6).
int judge_certificate(X509_STORE_CTX* store, void* /*unused*/) {
    auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto* judge = ssl == nullptr ? nullptr : static_cast<CertificateJudge*>(SSL_get_app_data(ssl));
    X509* certificate = X509_STORE_CTX_get0_cert(store);
    if (judge != nullptr && certificate != nullptr && judge->accepts(der_of(certificate))) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

bool configure(SSL_CTX* context, EVP_PKEY* key, X509* certificate) {
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(context, judge_certificate, nullptr);
    return SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
           SSL_CTX_set1_groups_list(context, kGroups) == 1 &&
           SSL_CTX_set_tlsext_use_srtp(context, kSrtpProfiles) == 0 &&  // 0 is success
           SSL_CTX_use_certificate(context, certificate) == 1 &&
           SSL_CTX_use_PrivateKey(context, key) == 1;
}

}  // namespace

DtlsContext::DtlsContext(std::unique_ptr<Native> native) : native_(std::move(native)) {}
DtlsContext::DtlsContext(DtlsContext&&) noexcept = default;
DtlsContext& DtlsContext::operator=(DtlsContext&&) noexcept = default;
DtlsContext::~DtlsContext() = default;

Result<DtlsContext> DtlsContext::make(WallTime now, Random& random, DtlsSettings settings) {
    auto native = std::make_unique<Native>();
    native->settings = settings;
    native->key.reset(EVP_EC_gen("P-256"));
    native->context.reset(SSL_CTX_new(DTLS_method()));
    if (native->key) {
        native->certificate = make_certificate(native->key.get(), now, random);
    }
    if (!native->context || !native->certificate ||
        !configure(native->context.get(), native->key.get(), native->certificate.get())) {
        return fail(Errc::Unavailable, "DTLS", static_cast<std::int64_t>(ERR_get_error()));
    }
    // next_wait in transport.cpp reads it; `native` stays where it is.
    SSL_CTX_set_app_data(native->context.get(), &native->settings);
    const Bytes der = der_of(native->certificate.get());
    DtlsContext context(std::move(native));
    PB_TRY(context.fingerprint_, make_fingerprint("sha-256", der));
    return context;
}

}  // namespace patchbay::webrtc
