// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "rtp/srtp_cipher.hpp"
#include "rtp/srtp_streams.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace patchbay::rtp {

// The sending direction of SRTP and SRTCP under one master key (RFC 3711, RFC 7714): packets are
// encrypted and signed in place, nothing is allocated. No index is used twice, whatever the caller
// does: two packets under one key stream would give both away.
//
// Belongs to the owner of the stream. Where the key comes from (SDES, DTLS) is not its business.
class SrtpProtector {
  public:
    // Errc::OutOfRange when the key has not the length of its profile.
    static Result<SrtpProtector> make(const SrtpKey& key);

    // The first `size` bytes of the buffer are a packet; behind them is room for
    // limits::kSrtpOverhead. What comes back is the front of the buffer, ready to be sent.
    // WrongState: an index that was used. OutOfRange: the key is used up. TooLarge: too many SSRCs.
    Result<ByteView> protect_rtp(std::span<std::uint8_t> buffer, std::size_t size);
    Result<ByteView> protect_rtcp(std::span<std::uint8_t> buffer, std::size_t size);

    std::uint64_t packets() const { return packets_; }

  private:
    SrtpProtector(const SrtpLengths& lengths, const SrtpKeySet& keys, SrtpProfile profile);

    Result<SrtpStream*> stream_of(Ssrc ssrc);

    // What each RTP packet needs comes first and close together: with thousands of calls the cost
    // is in the lines of memory that are touched.
    SrtpLengths lengths_;
    std::unique_ptr<SrtpCipher> rtp_;
    std::uint64_t packets_ = 0;
    SrtpStreams streams_;
    std::unique_ptr<SrtpCipher> rtcp_;
};

}  // namespace patchbay::rtp
