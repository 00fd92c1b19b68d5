// SPDX-License-Identifier: Apache-2.0
// The peer's checks: who is believed, and what they reveal (RFC 8445 7.3).
#include "webrtc/ice/agent.hpp"
#include "webrtc/limits.hpp"

#include <algorithm>

namespace patchbay::webrtc {

void IceAgent::handle_request(Instant now,
                              const IcePath& path,
                              const StunMessage& message,
                              std::size_t size,
                              IceOutputs& out) {
    if (local_at(path.local) == nullptr || !message.has_fingerprint()) {
        ++statistics_.malformed;
        return;
    }
    const auto own = authenticate(message);
    if (own) {
        ++statistics_.requests;
        answer_check(now, path, message, **own, out);
        return;
    }
    ++statistics_.unauthenticated;
    // RFC 8489 9.1.3; but a stranger gets nothing that is longer than what he sent.
    Bytes refusal =
        write_unsigned_error(message, own.error().code == Errc::Unauthorized ? 401 : 400);
    if (refusal.size() <= size) {
        out.transmits.push_back({path, std::move(refusal)});
    }
}

// Ours that the request was signed with: of this generation, or of the path that a restart has not
// replaced yet.
Result<const IceCredentials*> IceAgent::authenticate(const StunMessage& message) const {
    PB_TRY(const auto ufrag, addressed_ufrag(message));
    const IceCredentials* own = nullptr;
    if (ufrag == own_.ufrag) {
        own = &own_;
    } else if (route_ && ufrag == route_->own.ufrag) {
        own = &route_->own;
    } else {
        return fail(Errc::Unauthorized, "USERNAME");
    }
    PB_CHECK(message.verify(as_bytes(own->password)));
    return own;
}

void IceAgent::answer_check(Instant now,
                            const IcePath& path,
                            const StunMessage& message,
                            const IceCredentials& own,
                            IceOutputs& out) {
    const auto unknown = message.unknown(
        {StunAttribute::Username, StunAttribute::Priority, StunAttribute::UseCandidate});
    if (!unknown.empty()) {
        out.transmits.push_back({path, write_check_not_understood(message, unknown, own)});
        return;
    }
    const auto request = CheckRequest::read(message);
    if (!request) {
        out.transmits.push_back({path, write_check_error(message, 400, own)});
        return;
    }
    if (!resolve_conflict(*request)) {
        out.transmits.push_back({path, write_check_error(message, 487, own)});
        return;
    }
    out.transmits.push_back({path, write_check_success(message, path.remote, own)});
    hear(now, path);
    if (own == own_) {
        receive_check(now, path, *request, out);
    }
}

// RFC 8445 7.3.1.1. False: the peer has to change its role.
bool IceAgent::resolve_conflict(const CheckRequest& request) {
    if (request.role != role_) {
        return true;
    }
    ++statistics_.role_conflicts;
    if (settings_.lite) {
        return false;  // who makes checks is controlling
    }
    const bool controlling = tie_breaker_ >= request.tie_breaker;
    if (controlling == (role_ == IceRole::Controlling)) {
        return false;
    }
    set_role(controlling ? IceRole::Controlling : IceRole::Controlled);
    return true;
}

// An authentic message: the path is alive. To an agent that does not ask it is also consent.
void IceAgent::hear(Instant now, const IcePath& path) {
    if (route_ && route_->path == path) {
        route_->heard_at = now;
        if (settings_.lite) {
            route_->consent.grant(now);
        }
    }
}

void IceAgent::receive_check(Instant now,
                             const IcePath& path,
                             const CheckRequest& request,
                             IceOutputs& out) {
    if (!peer_) {
        if (early_.size() < limits::kEarlyChecks) {
            early_.push_back({path, request});
        }
        return;
    }
    const LocalCandidate* local = local_at(path.local);
    const Candidate* remote = reveal(path.remote, request.priority);
    if (local == nullptr || remote == nullptr || state_ == IceState::Failed) {
        return;
    }
    CandidatePair* pair = list_.add(*local, *remote, role_);
    if (pair == nullptr) {
        return;
    }
    pair->heard_at = now;
    const bool nominated = request.use_candidate && role_ == IceRole::Controlled;
    pair->nominated_by_peer |= nominated;
    if (settings_.lite) {
        pair->state = PairState::Succeeded;  // RFC 8445 7.3.2
    } else if (pair->state != PairState::Succeeded) {
        checks_.cancel(path);  // RFC 8445 7.3.1.4
        list_.trigger(*pair);
    }
    if (nominated && pair->state == PairState::Succeeded) {
        consider(now, *pair, out);
    }
}

// RFC 8445 7.3.1.3: an address that no description named.
const Candidate* IceAgent::reveal(const SocketAddress& address, std::uint32_t priority) {
    if (const Candidate* known = remote_at(address)) {
        return known;
    }
    if (remotes_.size() == limits::kRemoteCandidates) {
        return nullptr;
    }
    Candidate candidate;
    candidate.foundation = "prflx" + std::to_string(remotes_.size());
    candidate.priority = priority;
    candidate.address = address;
    candidate.type = CandidateType::PeerReflexive;
    remotes_.push_back(std::move(candidate));
    return &remotes_.back();
}

}  // namespace patchbay::webrtc
