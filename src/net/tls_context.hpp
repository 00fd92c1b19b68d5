// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace patchbay::net {

// A certificate chain and its private key, as PEM files.
struct TlsIdentity {
    std::string certificate_file;
    std::string key_file;  // may be the same file

    friend bool operator==(const TlsIdentity&, const TlsIdentity&) = default;
};

// What a server asks of its clients. A certificate that is shown is always checked.
enum class ClientCertificates : std::uint8_t { Ignored, Asked, Required };

struct TlsServerOptions {
    // The first one is shown to clients that ask for none by name (RFC 6066 3).
    std::vector<TlsIdentity> identities;
    ClientCertificates clients = ClientCertificates::Ignored;
    std::string authorities_file;  // who may have signed a client's certificate
};

struct TlsClientOptions {
    std::optional<TlsIdentity> identity;  // shown to servers that ask
    std::string authorities_file;         // empty: those that the system trusts
    bool verify = true;                   // false: encrypts, and believes whoever answers
};

// Certificates and rules of TLS, read from files once and never changed: new certificates are a new
// context, and connections keep the one that they began with. A cheap value; any thread may copy
// and use it. TLS 1.2 and later, no renegotiation, no compression, no ALPN.
class TlsContext {
  public:
    // Errors are one sentence for the operator, with the file's name.
    static Expected<TlsContext, std::string> for_server(const TlsServerOptions& options);
    static Expected<TlsContext, std::string> for_client(const TlsClientOptions& options);

    ssl_ctx_st* native() const { return context_.get(); }
    bool verifies() const { return verifies_; }

  private:
    TlsContext(std::shared_ptr<ssl_ctx_st> context, bool verifies)
        : context_(std::move(context)), verifies_(verifies) {}

    // Counted by OpenSSL as well; shared by the shards.
    std::shared_ptr<ssl_ctx_st> context_;
    bool verifies_ = false;
};

}  // namespace patchbay::net
