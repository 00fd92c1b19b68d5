// SPDX-License-Identifier: Apache-2.0
#include "lab/meta/authority.hpp"

#include "store/whole_file.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>

namespace patchbay::lab::meta {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long kDay = 24L * 3600;

Key make_key() {
    return {EVP_EC_gen("P-256"), EVP_PKEY_free};
}

void extend(X509* certificate, X509V3_CTX& context, int what, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

// Of an authority where there is no issuer.
Certificate sign(EVP_PKEY* key, const std::string& name, EVP_PKEY* signer, X509* issuer) {
    Certificate made(X509_new(), X509_free);
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(made.get()), serial >> 1U);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -kDay);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), kDay);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509* const parent = issuer == nullptr ? made.get() : issuer;
    X509_set_issuer_name(made.get(), X509_get_subject_name(parent));
    X509V3_CTX context;
    X509V3_set_ctx(&context, parent, made.get(), nullptr, nullptr, 0);
    if (issuer == nullptr) {
        extend(made.get(), context, NID_basic_constraints, "critical,CA:TRUE");
    } else {
        extend(made.get(), context, NID_subject_alt_name, "DNS:" + name);
    }
    X509_sign(made.get(), signer, EVP_sha256());
    return made;
}

template <class Print>
std::string as_pem(Print print) {
    const std::unique_ptr<BIO, int (*)(BIO*)> out(BIO_new(BIO_s_mem()), BIO_free);
    print(out.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

std::string as_pem(X509* certificate) {
    return as_pem([&](BIO* out) { PEM_write_bio_X509(out, certificate); });
}

std::string as_pem(EVP_PKEY* key) {
    return as_pem([&](BIO* out) {
        PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
}

}  // namespace

Expected<Certificates, std::string> make_certificates(const std::filesystem::path& folder,
                                                      const std::string& service,
                                                      const std::string& server) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    const Key authority_key = make_key();
    const Certificate authority =
        sign(authority_key.get(), "fake-meta", authority_key.get(), nullptr);
    std::string broken;
    const auto write = [&](std::string_view name, const std::string& text) {
        const std::filesystem::path path = folder / name;
        if (!store::write_whole_file(path, text)) {
            broken = path.string();
        }
        return path.string();
    };
    Certificates files;
    files.authority = write("ca.pem", as_pem(authority.get()));
    const auto issue = [&](const std::string& name, const std::string& file, std::string& to_file,
                           std::string& key_file) {
        const Key key = make_key();
        to_file = write(file + ".pem",
                        as_pem(sign(key.get(), name, authority_key.get(), authority.get()).get()));
        key_file = write(file + ".key", as_pem(key.get()));
    };
    issue(service, "meta", files.service_certificate, files.service_key);
    issue(server, "server", files.server_certificate, files.server_key);
    if (!broken.empty()) {
        return tl::unexpected(fmt::format("cannot write {}", broken));
    }
    return files;
}

}  // namespace patchbay::lab::meta
