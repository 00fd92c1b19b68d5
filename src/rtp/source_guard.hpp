// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/time.hpp"
#include "rtp/limits.hpp"
#include "rtp/packet.hpp"

#include <array>
#include <cstdint>
#include <optional>

namespace patchbay::rtp {

// Where the session description says that the peer's media lives.
struct SignalledAddress {
    SocketAddress rtp;
    SocketAddress rtcp;

    friend bool operator==(const SignalledAddress&, const SignalledAddress&) = default;
};

// Decides whose packets belong to a stream, and where ours go: the defence against RTP bleed and
// injection (CVE-2025-53399), with room for a peer behind a NAT whose SDP names an address that
// nobody sees.
//
// - The signalled address is believed at its first packet, and from then on only that.
// - Another address of the same family is learned only within the first kLearningPackets of a
//   stream, only by consecutive packets of one SSRC at the pace of speech, fewer of them when at
//   least the IP address is the signalled one. Until then its packets are held back and nothing is
//   sent there. A flood is no faster than a phone, so a true peer who speaks at once is first.
// - The signalled address still wins until the learning window closes. Then the source is locked.
// - Only a session description that names another address opens the window again; a refresh or a
//   hold does not.
//
// It knows nothing of payloads: the caller drops what is not of a negotiated payload type first.
class SourceGuard {
  public:
    enum class Policy : std::uint8_t {
        Strict,  // the signalled address or nothing: per trunk, where no NAT is in the way
        Learn,
    };
    enum class Verdict : std::uint8_t {
        Accepted,
        Pending,   // may become the source; this packet is not used
        Rejected,  // not the source
    };

    explicit SourceGuard(Policy policy) : policy_(policy) {}

    void handle_description(const SignalledAddress& signalled);

    Verdict handle_packet(Instant now, const SocketAddress& from, const RtpHeader& header);
    // RTCP has no sequence to learn from: it must come from where the RTP comes from, or from the
    // signalled RTCP address.
    Verdict handle_rtcp(const SocketAddress& from);

    // Where to send; nothing before a description, or while it says 0.0.0.0 or port 0.
    std::optional<SocketAddress> rtp_destination() const;
    std::optional<SocketAddress> rtcp_destination() const;

    bool locked() const { return source_.has_value() && !window_open(); }
    std::uint64_t rejected() const { return rejected_; }

  private:
    struct Candidate {
        SocketAddress address;
        Ssrc ssrc;
        std::uint16_t next_sequence = 0;
        std::uint32_t in_sequence = 0;
        Instant since;  // the first packet of them
    };

    bool window_open() const { return seen_ < limits::kLearningPackets; }
    Verdict judge(Instant now, const SocketAddress& from, const RtpHeader& header);
    Verdict consider(Instant now, const SocketAddress& from, const RtpHeader& header);
    Candidate& candidate_for(const SocketAddress& from, const RtpHeader& header);
    void enter_source(const SocketAddress& from);

    Policy policy_;
    std::optional<SignalledAddress> signalled_;
    bool on_hold_ = false;                      // the description says 0.0.0.0 or port 0 for now
    std::optional<SocketAddress> source_;       // absent while nobody has proved himself
    std::optional<SocketAddress> rtcp_source_;  // seen at the learned IP address
    std::array<std::optional<Candidate>, 4> candidates_;
    std::uint32_t seen_ = 0;  // plausible packets since the description, from anywhere
    std::uint64_t rejected_ = 0;
};

}  // namespace patchbay::rtp
