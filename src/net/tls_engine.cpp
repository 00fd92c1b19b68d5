// SPDX-License-Identifier: Apache-2.0
#include "net/tls_engine.hpp"

#include "base/address.hpp"
#include "base/ensure.hpp"
#include "net/detail/sip_domain_identity.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace patchbay::net {
namespace {

int size_of(std::size_t size) {
    return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

TlsEngine::TlsEngine(const TlsContext& context, bool is_server)
    : connection_(SSL_new(context.native()), SSL_free), verifies_(context.verifies()) {
    PB_ENSURE(connection_ != nullptr);
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);  // empty means "not yet", never "the end"
    SSL_set_bio(connection_.get(), in, out);
    if (is_server) {
        SSL_set_accept_state(connection_.get());
    } else {
        SSL_set_connect_state(connection_.get());
    }
}

TlsEngine TlsEngine::server(const TlsContext& context) {
    return {context, true};
}

TlsEngine TlsEngine::client(const TlsContext& context, const TlsPeer& peer) {
    TlsEngine engine(context, false);
    engine.peer_name_ = peer.name;
    if (!peer.name.empty() && !IpAddress::parse(peer.name)) {
        SSL_ctrl(engine.connection_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(peer.name.c_str()));
    }
    SSL_do_handshake(engine.connection_.get());  // writes the first flight
    ERR_clear_error();
    return engine;
}

void TlsEngine::feed(ByteView bytes) {
    BIO_write(SSL_get_rbio(connection_.get()), bytes.data(), size_of(bytes.size()));
}

Result<std::size_t> TlsEngine::read(std::span<std::uint8_t> space) {
    if (!established()) {
        PB_TRY(const bool over, shake_hands());
        if (!over) {
            return 0;
        }
    }
    ERR_clear_error();
    const int count = SSL_read(connection_.get(), space.data(), size_of(space.size()));
    if (count > 0) {
        return static_cast<std::size_t>(count);
    }
    if (SSL_get_error(connection_.get(), count) == SSL_ERROR_WANT_READ) {
        return 0;
    }
    return tl::unexpected(failure(count));
}

Result<bool> TlsEngine::shake_hands() {
    ERR_clear_error();
    const int result = SSL_do_handshake(connection_.get());
    if (result != 1) {
        const int error = SSL_get_error(connection_.get(), result);
        if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
            return false;
        }
        ERR_clear_error();
        return fail(Errc::Refused, "TLS handshake", SSL_get_verify_result(connection_.get()));
    }
    PB_CHECK(judge_peer());
    if (!early_.empty()) {
        PB_CHECK(write(std::exchange(early_, {})));
    }
    return true;
}

// OpenSSL has judged the chain of certificates; here it is whether this is the one we wanted.
Result<void> TlsEngine::judge_peer() const {
    if (!verifies_ || SSL_is_server(connection_.get()) != 0) {
        return {};
    }
    X509* const certificate = SSL_get0_peer_certificate(connection_.get());
    if (certificate == nullptr || !detail::is_sip_domain(*certificate, peer_name_)) {
        return fail(Errc::Refused, "TLS handshake", X509_V_ERR_HOSTNAME_MISMATCH);
    }
    return {};
}

Result<void> TlsEngine::write(std::string_view bytes) {
    if (!established()) {
        early_.append(bytes);
        return {};
    }
    while (!bytes.empty()) {
        ERR_clear_error();
        const int count = SSL_write(connection_.get(), bytes.data(), size_of(bytes.size()));
        if (count <= 0) {
            return tl::unexpected(failure(count));
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

void TlsEngine::close() {
    if (established()) {
        SSL_shutdown(connection_.get());
    }
    ERR_clear_error();
}

std::string TlsEngine::take() {
    BIO* const out = SSL_get_wbio(connection_.get());
    std::string bytes(BIO_ctrl_pending(out), '\0');
    if (!bytes.empty()) {
        BIO_read(out, bytes.data(), size_of(bytes.size()));
    }
    return bytes;
}

bool TlsEngine::established() const {
    return SSL_is_init_finished(connection_.get()) != 0;
}

std::string_view TlsEngine::version() const {
    return SSL_get_version(connection_.get());
}

Error TlsEngine::failure(int result) const {
    const int error = SSL_get_error(connection_.get(), result);
    ERR_clear_error();
    return error == SSL_ERROR_ZERO_RETURN ? Error{Errc::Closed, "TLS", 0}
                                          : Error{Errc::Malformed, "TLS record", error};
}

}  // namespace patchbay::net
