// SPDX-License-Identifier: Apache-2.0
#include "rtp/source_guard.hpp"

#include "rtp/sequence.hpp"

#include <algorithm>

namespace patchbay::rtp {
namespace {

// Packets in sequence, and the time they span, that make another source believable. A peer whose
// NAT only changed the port is met often; a wholly different address has more to prove, and 80 ms
// are not missed at a start.
struct Proof {
    std::uint32_t packets;
    Nanoseconds span;
};
constexpr Proof kProofFromSignalledIp{3, Milliseconds(35)};
constexpr Proof kProofFromElsewhere{4, Milliseconds(50)};

// Numbers that may be missing between two packets of the proof.
constexpr std::int16_t kMayBeMissing = 3;

}  // namespace

void SourceGuard::handle_description(const SignalledAddress& signalled) {
    on_hold_ = signalled.rtp.ip.is_unspecified() || signalled.rtp.port == 0;
    if (on_hold_) {
        return;
    }
    const bool moved = !signalled_ || signalled_->rtp != signalled.rtp;
    signalled_ = signalled;
    if (moved) {
        source_.reset();
        rtcp_source_.reset();
        candidates_.fill(std::nullopt);
        seen_ = 0;
    }
}

SourceGuard::Verdict SourceGuard::handle_packet(Instant now,
                                                const SocketAddress& from,
                                                const RtpHeader& header) {
    const Verdict verdict = judge(now, from, header);
    rejected_ += verdict == Verdict::Rejected ? 1 : 0;
    return verdict;
}

SourceGuard::Verdict SourceGuard::judge(Instant now,
                                        const SocketAddress& from,
                                        const RtpHeader& header) {
    if (!signalled_ || from.ip.is_v6() != signalled_->rtp.ip.is_v6()) {
        return Verdict::Rejected;
    }
    const bool open = window_open();
    seen_ += open ? 1 : 0;
    if (source_ == from) {
        return Verdict::Accepted;
    }
    if (from == signalled_->rtp && (open || !source_)) {
        enter_source(from);
        return Verdict::Accepted;
    }
    if (source_ || !open || policy_ == Policy::Strict) {
        return Verdict::Rejected;
    }
    return consider(now, from, header);
}

SourceGuard::Verdict SourceGuard::consider(Instant now,
                                           const SocketAddress& from,
                                           const RtpHeader& header) {
    Candidate& candidate = candidate_for(from, header);
    const auto ahead = sequence_distance(candidate.next_sequence, header.sequence);
    const bool follows = candidate.ssrc == header.ssrc && ahead >= 0 && ahead <= kMayBeMissing;
    candidate.in_sequence = follows ? candidate.in_sequence + 1 : 1;
    candidate.since = candidate.in_sequence == 1 ? now : candidate.since;
    candidate.ssrc = header.ssrc;
    candidate.next_sequence = static_cast<std::uint16_t>(header.sequence + 1);
    const Proof& proof =
        from.ip == signalled_->rtp.ip ? kProofFromSignalledIp : kProofFromElsewhere;
    if (candidate.in_sequence < proof.packets || now - candidate.since < proof.span) {
        return Verdict::Pending;
    }
    enter_source(from);
    return Verdict::Accepted;
}

// The candidate of that address; a new one takes the place of the least proven, so that single
// packets from many ports cannot push out a real stream.
SourceGuard::Candidate& SourceGuard::candidate_for(const SocketAddress& from,
                                                   const RtpHeader& header) {
    const auto proven = [](const std::optional<Candidate>& c) { return c ? c->in_sequence : 0; };
    for (std::optional<Candidate>& candidate : candidates_) {
        if (candidate && candidate->address == from) {
            return *candidate;
        }
    }
    auto& place = *std::ranges::min_element(candidates_, {}, proven);
    place = Candidate{from, header.ssrc, header.sequence, 0, {}};
    return *place;
}

void SourceGuard::enter_source(const SocketAddress& from) {
    source_ = from;
    rtcp_source_.reset();
    candidates_.fill(std::nullopt);
}

SourceGuard::Verdict SourceGuard::handle_rtcp(const SocketAddress& from) {
    if (!signalled_ || from.ip.is_v6() != signalled_->rtp.ip.is_v6()) {
        return Verdict::Rejected;
    }
    if (source_ && source_->ip == from.ip) {
        rtcp_source_ = from;
        return Verdict::Accepted;
    }
    return from == signalled_->rtcp ? Verdict::Accepted : Verdict::Rejected;
}

std::optional<SocketAddress> SourceGuard::rtp_destination() const {
    if (!signalled_ || on_hold_) {
        return std::nullopt;
    }
    return source_.value_or(signalled_->rtp);
}

std::optional<SocketAddress> SourceGuard::rtcp_destination() const {
    if (!signalled_ || on_hold_) {
        return std::nullopt;
    }
    const bool learned = source_ && *source_ != signalled_->rtp;
    if (!learned) {
        return signalled_->rtcp;
    }
    if (signalled_->rtcp == signalled_->rtp) {
        return source_;  // RFC 5761
    }
    // Where a NAT put the RTCP is not to be guessed: reports wait until its own have shown it.
    return rtcp_source_;
}

}  // namespace patchbay::rtp
