// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "rtp/srtp_key.hpp"
#include "webrtc/dtls/context.hpp"
#include "webrtc/dtls/fingerprint.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::webrtc {

// a=setup active and passive (RFC 5763 5).
enum class DtlsRole : std::uint8_t { Client, Server };

enum class DtlsState : std::uint8_t { New, Connecting, Connected, Failed, Closed };

std::string_view to_string(DtlsState state);

// The handshake is done, and the peer's certificate was the one that was announced.
struct DtlsConnected {
    rtp::SrtpKeys keys;

    friend bool operator==(const DtlsConnected&, const DtlsConnected&) = default;
};
// Forbidden: another certificate than announced. Unsupported: no common SRTP profile. Timeout.
// Refused: the handshake broke.
struct DtlsFailed {
    Error error;

    friend bool operator==(const DtlsFailed&, const DtlsFailed&) = default;
};
// The peer said, encrypted, that it is over.
struct DtlsClosed {
    friend bool operator==(const DtlsClosed&, const DtlsClosed&) = default;
};
using DtlsEvent = std::variant<DtlsConnected, DtlsFailed, DtlsClosed>;

struct DtlsOutputs {
    std::vector<Bytes> datagrams;
    std::vector<DtlsEvent> events;
};

// The DTLS 1.2 association that makes the keys of SRTP (RFC 5763, RFC 5764), through OpenSSL.
//
// The caller lets in only what comes over a path that ICE has proven, and sends where ICE says.
// Within that, forged plain packets cannot end it: plain alerts are dropped, and a handshake that
// breaks begins again a few times. A peer with another certificate than announced ends it at once.
//
// Everything is virtual but one thing: OpenSSL reads the real clock to tell whether a flight is to
// be sent again, so next_timeout() follows that clock.
class DtlsTransport {
  public:
    // The context must outlive the transport.
    DtlsTransport(const DtlsContext& context, DtlsRole role, std::vector<Fingerprint> expected);
    ~DtlsTransport();
    DtlsTransport(const DtlsTransport&) = delete;
    DtlsTransport& operator=(const DtlsTransport&) = delete;

    // A client sends its first flight; a server listens.
    void start(Instant now, DtlsOutputs& out);
    void handle_datagram(Instant now, ByteView datagram, DtlsOutputs& out);
    void handle_timeout(Instant now, DtlsOutputs& out);
    std::optional<Instant> next_timeout() const;
    // Says that it is over.
    void close(DtlsOutputs& out);

    DtlsRole role() const { return role_; }
    DtlsState state() const { return state_; }

  private:
    struct Native;

    void begin_again(Instant now, DtlsOutputs& out);
    void drive(Instant now, DtlsOutputs& out);
    void handle_broken(Instant now, DtlsOutputs& out);
    void read_after_handshake(DtlsOutputs& out);
    void enter_connected(DtlsOutputs& out);
    void enter_failed(const Error& error, DtlsOutputs& out);
    void flush(DtlsOutputs& out);
    void arm(Instant now);
    Result<rtp::SrtpKeys> export_keys() const;

    const DtlsContext& context_;
    DtlsRole role_;
    std::unique_ptr<Native> native_;
    DtlsState state_ = DtlsState::New;
    std::optional<Instant> retransmit_at_;
    Instant give_up_at_;
    unsigned restarts_ = 0;
};

}  // namespace patchbay::webrtc
