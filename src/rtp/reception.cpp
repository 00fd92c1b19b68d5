// SPDX-License-Identifier: Apache-2.0
#include "rtp/reception.hpp"

#include <algorithm>
#include <cstdlib>

namespace patchbay::rtp {
namespace {

// RFC 3550 A.1: a sequence number further ahead than this is another sequence, not a loss.
constexpr std::int16_t kMaxDropout = 3000;

// Unsigned arithmetic on the 65536th of a second: 1/65536 s in 2^48 ns is not exact enough.
std::uint32_t to_compact_duration(Nanoseconds duration) {
    return static_cast<std::uint32_t>(duration.count() / 1'000'000'000 * 65536 +
                                      duration.count() % 1'000'000'000 * 65536 / 1'000'000'000);
}

}  // namespace

void Reception::restart(const RtpHeader& header) {
    source_ = header.ssrc;
    sequences_ = SequenceUnwrapper();
    first_sequence_ = sequences_.unwrap(header.sequence);
    received_ = 0;
    expected_before_ = 0;
    received_before_ = 0;
    transit_.reset();
    jitter_scaled_ = 0;
    last_sender_report_ = 0;
}

void Reception::handle_packet(Instant now, const RtpHeader& header) {
    const bool jumped =
        source_ && std::abs(sequences_.peek(header.sequence) - sequences_.newest()) > kMaxDropout;
    if (source_ != header.ssrc || jumped) {
        restart(header);
    }
    // A packet from before the first one was expected as well.
    first_sequence_ = std::min(first_sequence_, sequences_.unwrap(header.sequence));
    ++received_;
    update_jitter(now, header.timestamp);
}

// RFC 3550 A.8, in integers as written there.
void Reception::update_jitter(Instant now, std::uint32_t timestamp) {
    const auto arrival = static_cast<std::uint32_t>(time_to_ticks(now.since_epoch(), clock_rate_));
    const std::uint32_t transit = arrival - timestamp;
    if (transit_) {
        const auto difference = static_cast<std::uint32_t>(
            std::abs(std::int64_t{timestamp_distance(*transit_, transit)}));
        // A sender that jumped says nothing about the network.
        if (difference < clock_rate_ * 10) {
            jitter_scaled_ += difference - ((jitter_scaled_ + 8) >> 4);
        }
    }
    transit_ = transit;
}

void Reception::handle_sender_report(Instant now, const SenderReport& report) {
    if (source_ != report.sender) {
        return;
    }
    last_sender_report_ = compact_ntp(report.ntp);
    sender_report_arrival_ = now;
}

std::int64_t Reception::expected() const {
    return source_ ? sequences_.newest() - first_sequence_ + 1 : 0;
}

Nanoseconds Reception::jitter() const {
    return ticks_to_time(jitter_scaled_ >> 4, clock_rate_);
}

// RFC 3550 A.3
std::optional<ReportBlock> Reception::make_report(Instant now) {
    if (!source_) {
        return std::nullopt;
    }
    const std::int64_t expected_lately = expected() - expected_before_;
    const auto received_lately = static_cast<std::int64_t>(received_ - received_before_);
    const std::int64_t lost_lately = expected_lately - received_lately;
    expected_before_ = expected();
    received_before_ = received_;

    ReportBlock block;
    block.source = *source_;
    if (expected_lately > 0 && lost_lately > 0) {
        block.fraction_lost = static_cast<std::uint8_t>(
            std::min<std::int64_t>(255, lost_lately * 256 / expected_lately));
    }
    block.cumulative_lost =
        static_cast<std::int32_t>(std::clamp<std::int64_t>(lost(), -0x800000, 0x7FFFFF));
    block.highest_sequence = static_cast<std::uint32_t>(sequences_.newest());
    block.jitter = jitter_scaled_ >> 4;
    if (last_sender_report_ != 0) {
        block.last_sender_report = last_sender_report_;
        block.delay_since_sender_report = to_compact_duration(now - sender_report_arrival_);
    }
    return block;
}

}  // namespace patchbay::rtp
