// SPDX-License-Identifier: Apache-2.0
#include "webrtc/peer.hpp"

#include "base/overloaded.hpp"
#include "rtp/packet.hpp"

#include <fmt/format.h>

#include <utility>

namespace patchbay::webrtc {

std::string_view to_string(PeerState state) {
    switch (state) {
        case PeerState::New: return "new";
        case PeerState::Connecting: return "connecting";
        case PeerState::Connected: return "connected";
        case PeerState::Disconnected: return "disconnected";
        case PeerState::Failed: return "failed";
        case PeerState::Closed: return "closed";
    }
    return "unknown";
}

Peer::Peer(IceSettings ice, const DtlsContext& context, Random& random)
    : context_(context), lite_(ice.lite), ice_(std::move(ice), random) {}

// Runs one input of the ICE agent and hands on what came of it.
template <class Input>
void Peer::with_ice(Instant now, PeerOutputs& out, Input&& input) {
    IceOutputs ice;
    std::forward<Input>(input)(ice);
    for (IceTransmit& transmit : ice.transmits) {
        out.transmits.push_back(std::move(transmit));
    }
    for (const IceEvent& event : ice.events) {
        if (const auto* wanted = std::get_if<IceNameWanted>(&event)) {
            out.events.emplace_back(PeerNameWanted{wanted->candidate});
        }
    }
    shake_hands(now, out);
    settle(out);
}

// The same for DTLS. Its datagrams go where media goes, or, before ICE has decided, back to where
// the other side was heard.
template <class Input>
void Peer::with_dtls(PeerOutputs& out, Input&& input) {
    DtlsOutputs dtls;
    std::forward<Input>(input)(*dtls_, dtls);
    const std::optional<IcePath> selected = ice_.selected_path();
    const std::optional<IcePath> path = selected ? selected : dtls_path_;
    for (Bytes& datagram : dtls.datagrams) {
        if (path) {
            out.transmits.push_back({*path, std::move(datagram)});
        }
    }
    for (const DtlsEvent& event : dtls.events) {
        handle_event(event, out);
    }
}

void Peer::handle_event(const DtlsEvent& event, PeerOutputs& out) {
    std::visit(Overloaded{
                   [&](const DtlsConnected& connected) {
                       out.events.emplace_back(PeerSecured{connected.keys});
                   },
                   [&](const DtlsFailed& failed) { failure_ = failed.error; },
                   [](const DtlsClosed&) {},
               },
               event);
}

Result<void> Peer::add_local_candidate(Instant now, LocalCandidate candidate, PeerOutputs& out) {
    Result<void> result;
    with_ice(now, out, [&](IceOutputs& ice) {
        result = ice_.add_local_candidate(now, std::move(candidate), ice);
    });
    return result;
}

// RFC 8842 5.3: who answers may choose, and should be active: one round trip less.
DtlsRole Peer::role_for(const PeerDescription& offer) const {
    if (dtls_ && offer.setup == DtlsSetup::ActPass) {
        return dtls_->role();  // a later offer says actpass again and means what it was
    }
    return offer.setup == DtlsSetup::Active ? DtlsRole::Server : DtlsRole::Client;
}

Result<void> Peer::check_offer(const PeerDescription& offer) const {
    return check_other(offer, role_for(offer));
}

Result<void> Peer::handle_offer(Instant now, const PeerDescription& offer, PeerOutputs& out) {
    return describe_other(now, offer, role_for(offer), out);
}

Result<void> Peer::handle_answer(Instant now, const PeerDescription& answer, PeerOutputs& out) {
    if (answer.setup == DtlsSetup::ActPass) {
        return fail(Errc::Malformed, "a=setup of an answer");
    }
    const DtlsRole role = answer.setup == DtlsSetup::Active ? DtlsRole::Server : DtlsRole::Client;
    return describe_other(now, answer, role, out);
}

Result<void> Peer::check_other(const PeerDescription& other, DtlsRole role) const {
    if (other.fingerprints.empty()) {
        return fail(Errc::NotFound, "fingerprint");
    }
    // RFC 8842 5.5: one that never had a path has not begun, and nothing is lost with it.
    const bool has_begun =
        dtls_ && (dtls_->state() == DtlsState::Connected || ice_.selected_path());
    if (has_begun && (other.fingerprints != expected_ || role != dtls_->role())) {
        return fail(Errc::Unsupported, "another DTLS association");
    }
    if (ice_.state() == IceState::Closed) {
        return fail(Errc::WrongState, "ICE agent");
    }
    return check(other.ice.credentials);
}

Result<void> Peer::describe_other(Instant now,
                                  const PeerDescription& other,
                                  DtlsRole role,
                                  PeerOutputs& out) {
    PB_CHECK(check_other(other, role));
    Result<void> result;
    with_ice(now, out, [&](IceOutputs& ice) {
        result = ice_.handle_description(now, other.ice, ice);
        if (result && (!dtls_ || other.fingerprints != expected_ || role != dtls_->role())) {
            expected_ = other.fingerprints;
            dtls_.emplace(context_, role, expected_);
        }
    });
    return result;
}

Result<void> Peer::handle_candidate(Instant now, const Candidate& candidate, PeerOutputs& out) {
    Result<void> result;
    with_ice(now, out,
             [&](IceOutputs& ice) { result = ice_.handle_candidate(now, candidate, ice); });
    return result;
}

// A server listens from the start; a client speaks as soon as there is a path.
void Peer::shake_hands(Instant now, PeerOutputs& out) {
    if (!dtls_ || dtls_->state() != DtlsState::New) {
        return;
    }
    if (dtls_->role() == DtlsRole::Server || ice_.selected_path()) {
        with_dtls(out, [&](DtlsTransport& dtls, DtlsOutputs& o) { dtls.start(now, o); });
    }
}

void Peer::close(Instant now, PeerOutputs& out) {
    if (dtls_) {
        with_dtls(out, [](DtlsTransport& dtls, DtlsOutputs& o) { dtls.close(o); });
    }
    with_ice(now, out, [&](IceOutputs& ice) { ice_.close(ice); });
}

std::optional<ByteView> Peer::handle_packet(Instant now,
                                            const IcePath& path,
                                            ByteView datagram,
                                            PeerOutputs& out) {
    switch (rtp::classify(datagram)) {
        case rtp::PacketKind::Stun:
            with_ice(now, out,
                     [&](IceOutputs& ice) { ice_.handle_packet(now, path, datagram, ice); });
            return std::nullopt;
        case rtp::PacketKind::Dtls: handle_dtls(now, path, datagram, out); return std::nullopt;
        case rtp::PacketKind::Rtp:
        case rtp::PacketKind::Rtcp: break;
        case rtp::PacketKind::Unknown: ++statistics_.unknown; return std::nullopt;
    }
    if (!ice_.is_proven(path)) {
        ++statistics_.unproven;
        return std::nullopt;
    }
    if (!dtls_ || dtls_->state() != DtlsState::Connected) {
        ++statistics_.early;
        return std::nullopt;
    }
    return datagram;
}

// CVE-2023-51443: a hello from anybody must not reach DTLS. Before the description is here there is
// no association; the other side repeats its hello.
void Peer::handle_dtls(Instant now, const IcePath& path, ByteView datagram, PeerOutputs& out) {
    if (!ice_.is_proven(path) || !dtls_) {
        ++statistics_.unproven;
        return;
    }
    dtls_path_ = path;
    with_dtls(out,
              [&](DtlsTransport& dtls, DtlsOutputs& o) { dtls.handle_datagram(now, datagram, o); });
    settle(out);
}

void Peer::handle_timeout(Instant now, PeerOutputs& out) {
    with_ice(now, out, [&](IceOutputs& ice) {
        if (ice_.next_timeout() && *ice_.next_timeout() <= now) {
            ice_.handle_timeout(now, ice);
        }
    });
    if (dtls_ && dtls_->next_timeout() && *dtls_->next_timeout() <= now) {
        with_dtls(out, [&](DtlsTransport& dtls, DtlsOutputs& o) { dtls.handle_timeout(now, o); });
        settle(out);
    }
}

std::optional<Instant> Peer::next_timeout() const {
    if (state_ == PeerState::Closed || (state_ == PeerState::Failed && failure_)) {
        return std::nullopt;
    }
    return earlier(ice_.next_timeout(), dtls_ ? dtls_->next_timeout() : std::nullopt);
}

PeerState Peer::combined() const {
    const DtlsState dtls = dtls_ ? dtls_->state() : DtlsState::New;
    if (ice_.state() == IceState::Closed || dtls == DtlsState::Closed) {
        return PeerState::Closed;
    }
    if (ice_.state() == IceState::Failed || dtls == DtlsState::Failed) {
        return PeerState::Failed;
    }
    if (ice_.state() == IceState::New) {
        return PeerState::New;
    }
    if (ice_.state() == IceState::Disconnected) {
        return PeerState::Disconnected;
    }
    return dtls == DtlsState::Connected && ice_.selected_path() ? PeerState::Connected
                                                                : PeerState::Connecting;
}

void Peer::settle(PeerOutputs& out) {
    const PeerState now = combined();
    if (now == state_) {
        return;
    }
    state_ = now;
    PeerStateChanged changed{now, std::nullopt};
    if (now == PeerState::Failed) {
        changed.reason = failure_.value_or(Error{Errc::Timeout, "ICE"});
    }
    out.events.emplace_back(std::move(changed));
}

std::optional<DtlsRole> Peer::dtls_role() const {
    return dtls_ ? std::optional(dtls_->role()) : std::nullopt;
}

std::string Peer::describe() const {
    return fmt::format("peer {} {} dtls {}", to_string(state_), ice_.describe(),
                       dtls_ ? to_string(dtls_->state()) : "none");
}

}  // namespace patchbay::webrtc
