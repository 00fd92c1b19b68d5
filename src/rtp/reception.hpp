// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "rtp/packet.hpp"
#include "rtp/rtcp.hpp"
#include "rtp/sequence.hpp"

#include <cstdint>
#include <optional>

namespace patchbay::rtp {

// What a receiver must count about one source so that it can report on it (RFC 3550 A.3, A.8). It
// counts what came from the network, whether or not the jitter buffer could use it. A new SSRC
// starts the counts afresh; RFC 3550 speaks of one source per table entry, and a call hears one.
class Reception {
  public:
    explicit Reception(std::uint32_t clock_rate) : clock_rate_(clock_rate) {}

    void handle_packet(Instant now, const RtpHeader& header);
    void handle_sender_report(Instant now, const SenderReport& report);

    // Nothing was heard: nothing to report. Each call closes the interval of fraction_lost.
    std::optional<ReportBlock> make_report(Instant now);

    std::optional<Ssrc> source() const { return source_; }
    std::uint64_t packets() const { return received_; }
    std::int64_t lost() const { return expected() - static_cast<std::int64_t>(received_); }
    Nanoseconds jitter() const;

  private:
    void restart(const RtpHeader& header);
    std::int64_t expected() const;
    void update_jitter(Instant now, std::uint32_t timestamp);

    std::uint32_t clock_rate_;
    std::optional<Ssrc> source_;
    SequenceUnwrapper sequences_;
    std::int64_t first_sequence_ = 0;
    std::uint64_t received_ = 0;
    std::int64_t expected_before_ = 0;
    std::uint64_t received_before_ = 0;
    std::optional<std::uint32_t> transit_;
    std::uint32_t jitter_scaled_ = 0;  // sixteenths of a tick, as in RFC 3550 A.8
    std::uint32_t last_sender_report_ = 0;
    Instant sender_report_arrival_;
};

}  // namespace patchbay::rtp
