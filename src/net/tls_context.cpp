// SPDX-License-Identifier: Apache-2.0
#include "net/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstddef>
#include <string_view>
#include <utility>

namespace patchbay::net {
namespace {

using SharedContext = std::shared_ptr<ssl_ctx_st>;
using Alternatives = std::vector<SharedContext>;

// The contexts behind a server's first one, found again from its SSL_CTX.
int alternatives_index() {
    static const int index = SSL_CTX_get_ex_new_index(
        0, nullptr, nullptr, nullptr, [](void*, void* stored, CRYPTO_EX_DATA*, int, long, void*) {
            delete static_cast<Alternatives*>(stored);
        });
    return index;
}

std::string reason() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    const char* const text = code == 0 ? nullptr : ERR_reason_error_string(code);
    return text == nullptr ? "no reason given" : text;
}

tl::unexpected<std::string> refuse(std::string_view what, const std::string& file) {
    return tl::unexpected(fmt::format("{} {} cannot be used: {}", what, file, reason()));
}

SharedContext make_context(const SSL_METHOD* method) {
    SharedContext context(SSL_CTX_new(method), SSL_CTX_free);
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                           SSL_OP_CIPHER_SERVER_PREFERENCE);
    // An idle connection holds no record buffers.
    SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                        SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return context;
}

Expected<void, std::string> use_identity(SSL_CTX* context, const TlsIdentity& identity) {
    const std::string& certificate = identity.certificate_file;
    const std::string& key = identity.key_file.empty() ? certificate : identity.key_file;
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
        return refuse("the certificate", certificate);
    }
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return refuse("the private key", key);
    }
    return {};
}

Expected<void, std::string> trust(SSL_CTX* context, const std::string& authorities_file) {
    if (authorities_file.empty()) {
        SSL_CTX_set_default_verify_paths(context);  // without any, each check fails, as it must
        return {};
    }
    if (SSL_CTX_load_verify_locations(context, authorities_file.c_str(), nullptr) != 1) {
        return refuse("the file of certificate authorities", authorities_file);
    }
    return {};
}

Expected<void, std::string> judge_clients(SSL_CTX* context, const TlsServerOptions& options) {
    if (options.clients == ClientCertificates::Ignored) {
        return {};
    }
    PB_CHECK(trust(context, options.authorities_file));
    if (!options.authorities_file.empty()) {
        SSL_CTX_set_client_CA_list(context,
                                   SSL_load_client_CA_file(options.authorities_file.c_str()));
    }
    const int required =
        options.clients == ClientCertificates::Required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, nullptr);
    return {};
}

Expected<SharedContext, std::string> make_server(const TlsServerOptions& options,
                                                 const TlsIdentity& identity) {
    SharedContext context = make_context(TLS_server_method());
    PB_CHECK(use_identity(context.get(), identity));
    PB_CHECK(judge_clients(context.get(), options));
    constexpr std::string_view kSessions = "patchbay";
    SSL_CTX_set_session_id_context(context.get(),
                                   reinterpret_cast<const unsigned char*>(kSessions.data()),
                                   static_cast<unsigned>(kSessions.size()));
    return context;
}

// RFC 6066 3: the certificate of the name that the client asked for, else the first one.
int choose_certificate(SSL* connection, int*, void*) {
    const char* const name = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
    const auto* const others = static_cast<const Alternatives*>(
        SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), alternatives_index()));
    if (name == nullptr || others == nullptr) {
        return SSL_TLSEXT_ERR_OK;
    }
    for (const SharedContext& one : *others) {
        X509* const certificate = SSL_CTX_get0_certificate(one.get());
        if (X509_check_host(certificate, name, 0, 0, nullptr) == 1) {
            SSL_set_SSL_CTX(connection, one.get());
            break;
        }
    }
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

Expected<TlsContext, std::string> TlsContext::for_server(const TlsServerOptions& options) {
    if (options.identities.empty()) {
        return tl::unexpected(std::string("a TLS server needs a certificate"));
    }
    PB_TRY(SharedContext first, make_server(options, options.identities.front()));
    auto others = std::make_unique<Alternatives>();
    for (std::size_t i = 1; i < options.identities.size(); ++i) {
        PB_TRY(SharedContext other, make_server(options, options.identities[i]));
        others->push_back(std::move(other));
    }
    if (!others->empty()) {
        SSL_CTX_set_ex_data(first.get(), alternatives_index(), others.release());
        SSL_CTX_callback_ctrl(first.get(), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                              reinterpret_cast<void (*)()>(choose_certificate));
    }
    return TlsContext(std::move(first), options.clients != ClientCertificates::Ignored);
}

Expected<TlsContext, std::string> TlsContext::for_client(const TlsClientOptions& options) {
    SharedContext context = make_context(TLS_client_method());
    if (options.identity) {
        PB_CHECK(use_identity(context.get(), *options.identity));
    }
    if (options.verify) {
        PB_CHECK(trust(context.get(), options.authorities_file));
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    }
    return TlsContext(std::move(context), options.verify);
}

}  // namespace patchbay::net
