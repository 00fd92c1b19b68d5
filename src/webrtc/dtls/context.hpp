// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "webrtc/dtls/fingerprint.hpp"

#include <memory>

namespace patchbay::webrtc {

struct DtlsSettings {
    // Until a flight is sent again; doubled each time. RFC 6347 4.2.4.1 has one second, and less
    // where a person waits.
    Milliseconds first_retransmission{400};
};

// The identity of a server towards browsers: a P-256 key and its self-signed certificate, made at
// the start and valid until the end of the process, and the rules of every handshake. One for each
// shard; it must outlive the transports made with it.
class DtlsContext {
  public:
    // Unavailable when OpenSSL cannot.
    static Result<DtlsContext> make(WallTime now, Random& random, DtlsSettings settings = {});

    const Fingerprint& fingerprint() const { return fingerprint_; }  // sha-256

    // For DtlsTransport: OpenSSL's objects.
    struct Native;
    const Native& native() const { return *native_; }

    DtlsContext(DtlsContext&&) noexcept;
    DtlsContext& operator=(DtlsContext&&) noexcept;
    ~DtlsContext();

  private:
    explicit DtlsContext(std::unique_ptr<Native> native);

    std::unique_ptr<Native> native_;
    Fingerprint fingerprint_;
};

}  // namespace patchbay::webrtc
