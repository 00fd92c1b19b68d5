// SPDX-License-Identifier: Apache-2.0
#include "rtp/rtcp_session.hpp"

#include "base/overloaded.hpp"
#include "rtp/sequence.hpp"

#include <array>
#include <cmath>

namespace patchbay::rtp {
namespace {

// RFC 3550 6.2: five seconds at least, the first report after half of that.
constexpr Nanoseconds kInterval = Seconds(5);

// RFC 3550 6.3.1: reconsideration makes intervals shorter than intended by this factor.
constexpr double kCompensation = 1.21828;

// Sixteen characters are 82 bits: unique without naming a host (RFC 7022 4.2).
constexpr std::size_t kCnameLength = 16;

}  // namespace

RtcpSession::RtcpSession(Random& random,
                         const WallAnchor& anchor,
                         Ssrc own,
                         std::uint32_t clock_rate)
    : random_(random),
      anchor_(anchor),
      own_(own),
      clock_rate_(clock_rate),
      cname_(random.token(kCnameLength)),
      reception_(clock_rate) {}

void RtcpSession::set_clock_rate(std::uint32_t clock_rate) {
    if (clock_rate != clock_rate_) {
        clock_rate_ = clock_rate;
        reception_ = Reception(clock_rate);
    }
}

void RtcpSession::start(Instant now) {
    if (!due_) {
        arm(now);
    }
}

// RFC 3550 6.3.1: uniform between half and one and a half of the interval.
void RtcpSession::arm(Instant now) {
    const double share = 0.5 + random_.below(1U << 20U) / static_cast<double>(1U << 20U);
    const auto interval = static_cast<double>((first_ ? kInterval / 2 : kInterval).count());
    due_ = now + Nanoseconds(std::llround(interval * share / kCompensation));
    first_ = false;
}

Result<RtcpSession::Heard> RtcpSession::handle_rtcp(Instant now, ByteView datagram) {
    PB_TRY(const auto compound, parse_rtcp(datagram));
    Heard heard = Heard::Reports;
    const auto handle_reports = [&](const std::vector<ReportBlock>& blocks) {
        for (const ReportBlock& block : blocks) {
            handle_report(now, block);
        }
    };
    for (const RtcpPacket& packet : compound) {
        std::visit(Overloaded{
                       [&](const SenderReport& report) {
                           reception_.handle_sender_report(now, report);
                           handle_reports(report.reports);
                       },
                       [&](const ReceiverReport& report) { handle_reports(report.reports); },
                       [&](const Goodbye&) { heard = Heard::Goodbye; },
                       [](const SourceDescription&) {},
                       [](const OtherRtcp&) {},
                   },
                   packet);
    }
    return heard;
}

// RFC 3550 6.4.1: the round trip is the arrival minus LSR minus DLSR, all in 1/65536 s.
void RtcpSession::handle_report(Instant now, const ReportBlock& block) {
    if (block.source != own_) {
        return;
    }
    far_packets_lost_ = block.cumulative_lost;
    far_loss_percent_ = block.fraction_lost * 100 / 256;
    far_jitter_ = ticks_to_time(block.jitter, clock_rate_);
    if (block.last_sender_report == 0) {
        return;
    }
    const std::uint32_t round_trip = compact_ntp(to_ntp(anchor_, now)) - block.last_sender_report -
                                     block.delay_since_sender_report;
    // A negative result (the upper half of the circle) or a minute comes of a wrong report.
    constexpr std::uint32_t kMinute = 60U << 16U;
    if (round_trip < kMinute) {
        round_trip_ = Nanoseconds(std::int64_t{round_trip} * 1'000'000'000 / 65536);
    }
}

std::vector<RtcpPacket> RtcpSession::make_compound(Instant now, const Sender& sender) {
    std::vector<ReportBlock> blocks;
    if (const auto block = reception_.make_report(now)) {
        blocks.push_back(*block);
    }
    std::vector<RtcpPacket> compound;
    // RFC 3550 6.4: a sender report if anything was sent since the last one, else a receiver
    // report.
    if (sender.packets() != sent_at_last_report_) {
        compound.emplace_back(SenderReport{own_, to_ntp(anchor_, now), sender.timestamp(),
                                           sender.packets(), sender.octets(), std::move(blocks)});
    } else {
        compound.emplace_back(ReceiverReport{own_, std::move(blocks)});
    }
    sent_at_last_report_ = sender.packets();
    compound.emplace_back(SourceDescription{own_, cname_});
    return compound;
}

std::optional<Bytes> RtcpSession::handle_timeout(Instant now, const Sender& sender) {
    if (!due_ || now < *due_) {
        return std::nullopt;
    }
    arm(now);
    return write_rtcp(make_compound(now, sender));
}

Bytes RtcpSession::make_goodbye(Instant now, const Sender& sender) {
    auto compound = make_compound(now, sender);
    compound.emplace_back(Goodbye{{own_}, {}});
    due_.reset();
    return write_rtcp(compound);
}

SessionStatistics RtcpSession::statistics(const Sender& sender) const {
    return {
        .packets_sent = sender.packets(),
        .octets_sent = sender.octets(),
        .packets_received = reception_.packets(),
        .packets_lost = reception_.lost(),
        .jitter = reception_.jitter(),
        .far_packets_lost = far_packets_lost_,
        .far_jitter = far_jitter_,
        .far_loss_percent = far_loss_percent_,
        .round_trip = round_trip_,
    };
}

}  // namespace patchbay::rtp
