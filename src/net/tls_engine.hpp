// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/tls_context.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

struct ssl_st;

namespace patchbay::net {

// Whom a client wants to reach: the name before any DNS lookup, because DNS is not to be believed
// (RFC 5922 4). Names are sent as SNI, addresses are not (RFC 6066 3).
struct TlsPeer {
    std::string name;  // a host name or an address, without brackets
};

// TLS of one connection over bytes that somebody else moves: what came from the network is fed,
// what is to go there is taken. It knows no socket and no clock. What is written before the
// handshake is over waits for its end.
class TlsEngine {
  public:
    static TlsEngine server(const TlsContext& context);
    // The certificate must be that of the SIP domain `peer` (RFC 5922 7), unless the context
    // verifies nothing.
    static TlsEngine client(const TlsContext& context, const TlsPeer& peer);

    void feed(ByteView bytes);
    // Goes on with the handshake; whether it is over. Errc::Refused when it fails (the detail is
    // X.509's verdict, or 0).
    Result<bool> shake_hands();
    // Decrypted bytes, as many as fit, after a handshake where that is still to be made; 0: feed
    // more. Errc::Closed when the peer has said so, Malformed when the bytes are no TLS. After an
    // error take() may still hold an alert.
    Result<std::size_t> read(std::span<std::uint8_t> space);
    Result<void> write(std::string_view bytes);
    // close_notify: what follows is no truncation.
    void close();
    // What is to go to the network now.
    std::string take();

    bool established() const;
    std::string_view version() const;  // "TLSv1.3"
    // The state of the connection, for somebody else to free; the engine is not used any more.
    ssl_st* release() { return connection_.release(); }

  private:
    TlsEngine(const TlsContext& context, bool is_server);

    Result<void> judge_peer() const;
    Error failure(int result) const;

    std::unique_ptr<ssl_st, void (*)(ssl_st*)> connection_;
    bool verifies_;
    std::string peer_name_;  // of a client only
    std::string early_;      // written before the handshake was over
};

}  // namespace patchbay::net
