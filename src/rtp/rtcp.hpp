// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "rtp/packet.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace patchbay::rtp {

// 64-bit NTP time, seconds since 1900 in the upper half (RFC 3550 4).
using NtpTime = Strong<std::uint64_t, struct NtpTimeTag>;

NtpTime to_ntp(const WallAnchor& anchor, Instant t);
// The middle 32 bits, in units of 1/65536 s: what LSR and DLSR are made of.
constexpr std::uint32_t compact_ntp(NtpTime t) {
    return static_cast<std::uint32_t>(t.value() >> 16);
}

// RFC 3550 6.4.1: how one source was received.
struct ReportBlock {
    Ssrc source;
    std::uint8_t fraction_lost = 0;        // of 256, since the last report
    std::int32_t cumulative_lost = 0;      // 24 bits, negative when duplicates outnumber losses
    std::uint32_t highest_sequence = 0;    // cycles in the upper half
    std::uint32_t jitter = 0;              // ticks
    std::uint32_t last_sender_report = 0;  // compact NTP, 0: none yet
    std::uint32_t delay_since_sender_report = 0;  // 1/65536 s

    friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

struct SenderReport {
    Ssrc sender;
    NtpTime ntp;
    std::uint32_t rtp_timestamp = 0;
    std::uint32_t packets = 0;
    std::uint32_t octets = 0;
    std::vector<ReportBlock> reports;

    friend bool operator==(const SenderReport&, const SenderReport&) = default;
};

struct ReceiverReport {
    Ssrc sender;
    std::vector<ReportBlock> reports;

    friend bool operator==(const ReceiverReport&, const ReceiverReport&) = default;
};

// One SDES chunk; of its items only CNAME is kept (RFC 3550 6.5.1).
struct SourceDescription {
    Ssrc source;
    std::string cname;

    friend bool operator==(const SourceDescription&, const SourceDescription&) = default;
};

struct Goodbye {
    std::vector<Ssrc> sources;
    std::string reason;

    friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

// XR, feedback and application packets: well formed, and of no interest here.
struct OtherRtcp {
    std::uint8_t type = 0;

    friend bool operator==(const OtherRtcp&, const OtherRtcp&) = default;
};

using RtcpPacket =
    std::variant<SenderReport, ReceiverReport, SourceDescription, Goodbye, OtherRtcp>;

// A whole compound packet (RFC 3550 6.1, A.2). Reduced size (RFC 5506) is tolerated: the first
// packet need not be a report. One bad packet condemns the compound.
Result<std::vector<RtcpPacket>> parse_rtcp(ByteView datagram);

Bytes write_rtcp(std::span<const RtcpPacket> compound);

}  // namespace patchbay::rtp
