// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "support/temporary_folder.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace patchbay::test {

// A certificate authority in a temporary folder that signs certificates for any names.
class TestCertificates {
  public:
    struct Files {
        std::string certificate;
        std::string key;
    };

    TestCertificates() : key_(make_key()) {
        certificate_ = sign(*key_, "Test Authority", "", *key_, nullptr);
        authority_ = write_certificate("authority.pem", *certificate_);
    }

    const std::string& authority_file() const { return authority_; }
    std::string path(const std::string& name) const { return (folder_.path() / name).string(); }

    // `alternative_names` as OpenSSL writes them: "DNS:a.example,IP:127.0.0.1,URI:sip:b.example";
    // empty: none.
    Files issue(const std::string& common_name, const std::string& alternative_names) {
        const Key key = make_key();
        const Certificate leaf =
            sign(*key, common_name, alternative_names, *key_, certificate_.get());
        const std::string name = std::to_string(++serial_);
        return {write_certificate(name + ".pem", *leaf), write_key(name + ".key", *key)};
    }

  private:
    using Key = std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)>;
    using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

    static Key make_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

    static void extend(X509& certificate, X509V3_CTX& context, int what, const char* value) {
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value);
        X509_add_ext(&certificate, extension, -1);
        X509_EXTENSION_free(extension);
    }

    Certificate sign(EVP_PKEY& key,
                     const std::string& common_name,
                     const std::string& alternative_names,
                     EVP_PKEY& signer,
                     X509* issuer) {
        constexpr long kDay = 24L * 3600;
        Certificate made(X509_new(), X509_free);
        X509_set_version(made.get(), 2);
        ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial_);
        X509_gmtime_adj(X509_getm_notBefore(made.get()), -kDay);
        X509_gmtime_adj(X509_getm_notAfter(made.get()), kDay);
        X509_set_pubkey(made.get(), &key);
        X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                   -1, 0);
        X509* const parent = issuer == nullptr ? made.get() : issuer;
        X509_set_issuer_name(made.get(), X509_get_subject_name(parent));
        X509V3_CTX context;
        X509V3_set_ctx(&context, parent, made.get(), nullptr, nullptr, 0);
        if (issuer == nullptr) {
            extend(*made, context, NID_basic_constraints, "critical,CA:TRUE");
        }
        if (!alternative_names.empty()) {
            extend(*made, context, NID_subject_alt_name, alternative_names.c_str());
        }
        X509_sign(made.get(), &signer, EVP_sha256());
        return made;
    }

    std::string write_certificate(const std::string& name, X509& certificate) const {
        return write(name, [&](BIO* out) { PEM_write_bio_X509(out, &certificate); });
    }
    std::string write_key(const std::string& name, EVP_PKEY& key) const {
        return write(name, [&](BIO* out) {
            PEM_write_bio_PrivateKey(out, &key, nullptr, nullptr, 0, nullptr, nullptr);
        });
    }
    template <class Print>
    std::string write(const std::string& name, Print print) const {
        const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
        print(out.get());
        char* text = nullptr;
        const long size = BIO_get_mem_data(out.get(), &text);
        folder_.write(name, {text, static_cast<std::size_t>(size)});
        return path(name);
    }

    TemporaryFolder folder_;
    long serial_ = 0;
    Key key_;
    Certificate certificate_{nullptr, X509_free};
    std::string authority_;
};

}  // namespace patchbay::test
