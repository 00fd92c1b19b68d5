// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "media/frame.hpp"
#include "rtp/limits.hpp"
#include "rtp/srtp_protector.hpp"
#include "rtp/srtp_unprotector.hpp"

#include <array>
#include <cstdint>
#include <memory>

namespace patchbay::media {

// SRTP and SRTCP of one track, both ways. What it cannot encrypt is not sent, and what is not
// genuine is not heard: there is no way around it. Part of an RtpTrack, on its shard.
class TrackSecurity {
  public:
    // OutOfRange when a key has not the length of its profile.
    static Result<std::unique_ptr<TrackSecurity>> make(const rtp::SrtpKeys& keys);

    // Later keys. A direction whose key stays goes on with its counters: to begin again under the
    // same key would repeat the key stream.
    Result<void> configure(const rtp::SrtpKeys& keys);

    // The plain packet; it lies here until the next call.
    Result<ByteView> open_rtp(ByteView packet);
    Result<ByteView> open_rtcp(ByteView packet);

    // RTP or RTCP, as classify() says; likewise.
    Result<ByteView> protect(ByteView packet);

    const rtp::SrtpStatistics& statistics() const { return unprotector_.statistics(); }

  private:
    TrackSecurity(const rtp::SrtpKeys& keys,
                  rtp::SrtpProtector protector,
                  rtp::SrtpUnprotector unprotector);

    bool fits(ByteView packet) const;

    rtp::SrtpKeys keys_;
    rtp::SrtpProtector protector_;
    rtp::SrtpUnprotector unprotector_;
    std::array<std::uint8_t, rtp::limits::kPacket + rtp::limits::kSrtpOverhead> buffer_{};
};

// Encrypts what a track sends on its way to the socket.
class SecureSink final : public PacketSink {
  public:
    SecureSink(TrackSecurity& security, PacketSink& sink) : security_(security), sink_(sink) {}

    void send(const SocketAddress& to, ByteView packet) override {
        if (const auto sealed = security_.protect(packet)) {
            sink_.send(to, *sealed);
        }
    }

  private:
    TrackSecurity& security_;
    PacketSink& sink_;
};

}  // namespace patchbay::media
