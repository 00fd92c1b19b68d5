// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "rtp/srtp_cipher.hpp"
#include "rtp/srtp_streams.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace patchbay::rtp {

// Packets that came in, RTP and RTCP together.
struct SrtpStatistics {
    std::uint64_t accepted = 0;
    std::uint64_t forged = 0;     // a wrong tag: another key, a plain packet, an attacker
    std::uint64_t replayed = 0;   // seen before, or too far behind to tell
    std::uint64_t malformed = 0;  // too short, or no RTP
    std::uint64_t excess = 0;     // of an SSRC beyond limits::kSrtpStreams

    friend bool operator==(const SrtpStatistics&, const SrtpStatistics&) = default;
};

// The receiving direction of SRTP and SRTCP under one master key (RFC 3711, RFC 7714): packets are
// checked and decrypted in place, nothing is allocated but for a new SSRC. A packet that is not
// genuine is counted and changes nothing else, however many of them come (CVE-2021-41105).
class SrtpUnprotector {
  public:
    // Errc::OutOfRange when the key has not the length of its profile.
    static Result<SrtpUnprotector> make(const SrtpKey& key);

    // The plain packet, at the front of the one given. After an error its bytes are worth nothing.
    // Unauthorized: wrong tag. Duplicate: replayed. Malformed. TooLarge: too many SSRCs.
    Result<ByteView> unprotect_rtp(std::span<std::uint8_t> packet);
    // RTCP that was only authenticated (flag E is 0) is taken as well: its sender has the key.
    Result<ByteView> unprotect_rtcp(std::span<std::uint8_t> packet);

    const SrtpStatistics& statistics() const { return statistics_; }

  private:
    SrtpUnprotector(const SrtpLengths& lengths, const SrtpKeySet& keys, SrtpProfile profile);

    Result<ByteView> open_rtp(std::span<std::uint8_t> packet);
    Result<ByteView> open_rtcp(std::span<std::uint8_t> packet);
    // As known, or `beginning` as it would begin: only a genuine packet makes it known.
    Result<SrtpStream*> stream_of(Ssrc ssrc, SrtpStream& beginning);
    void keep(const SrtpStream& stream);
    Result<ByteView> counted(Result<ByteView> result);

    SrtpLengths lengths_;
    std::unique_ptr<SrtpCipher> rtp_;
    SrtpStatistics statistics_;
    SrtpStreams streams_;
    std::unique_ptr<SrtpCipher> rtcp_;
};

}  // namespace patchbay::rtp
