// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "rtp/reception.hpp"
#include "rtp/sender.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace patchbay::rtp {

// A snapshot for records and metrics.
struct SessionStatistics {
    std::uint64_t packets_sent = 0;
    std::uint64_t octets_sent = 0;  // payload only, as a sender report counts
    std::uint64_t packets_received = 0;
    std::int64_t packets_lost = 0;      // of what the far side sent
    Nanoseconds jitter{0};              // of what arrives here
    std::int64_t far_packets_lost = 0;  // of what we sent, as the far side reports
    Nanoseconds far_jitter{0};
    int far_loss_percent = 0;  // between its last two reports
    std::optional<Nanoseconds> round_trip;
};

// The RTCP side of one RTP session with one peer: counts what goes out and comes in, says when a
// compound report is due (RFC 3550 6.2: 5 s, randomised by half either way) and writes it. It does
// not know addresses; SourceGuard does. Driven by the shard that owns the call.
class RtcpSession {
  public:
    RtcpSession(Random& random, const WallAnchor& anchor, Ssrc own, std::uint32_t clock_rate);

    void handle_rtp(Instant now, const RtpHeader& header) { reception_.handle_packet(now, header); }
    enum class Heard : std::uint8_t { Reports, Goodbye };
    // Malformed input changes nothing.
    Result<Heard> handle_rtcp(Instant now, ByteView datagram);

    // A codec with another clock: jitter is counted afresh (RFC 7160 4.1).
    void set_clock_rate(std::uint32_t clock_rate);

    void start(Instant now);  // arms the first report
    std::optional<Instant> next_timeout() const { return due_; }
    // The report that is due, and the next one armed; nothing when it is too early.
    std::optional<Bytes> handle_timeout(Instant now, const Sender& sender);
    // How our reports name us (RFC 3550 6.5.1).
    const std::string& cname() const { return cname_; }
    // The last compound of the session: report, CNAME, BYE (RFC 3550 6.6).
    Bytes make_goodbye(Instant now, const Sender& sender);

    // Of what we sent, as the far side last reported.
    int far_loss_percent() const { return far_loss_percent_; }
    SessionStatistics statistics(const Sender& sender) const;

  private:
    void arm(Instant now);
    void handle_report(Instant now, const ReportBlock& block);
    std::vector<RtcpPacket> make_compound(Instant now, const Sender& sender);

    Random& random_;
    WallAnchor anchor_;
    Ssrc own_;
    std::uint32_t clock_rate_;
    std::string cname_;
    Reception reception_;
    std::optional<Instant> due_;
    bool first_ = true;
    std::uint32_t sent_at_last_report_ = 0;
    std::int64_t far_packets_lost_ = 0;
    Nanoseconds far_jitter_{0};
    int far_loss_percent_ = 0;
    std::optional<Nanoseconds> round_trip_;
};

}  // namespace patchbay::rtp
