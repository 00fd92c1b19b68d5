// SPDX-License-Identifier: Apache-2.0
// Our checks, what their answers mean, nomination and consent (RFC 8445 7.2 and 8, RFC 7675).
#include "webrtc/ice/agent.hpp"
#include "webrtc/limits.hpp"

#include <algorithm>

namespace patchbay::webrtc {
namespace {

// RFC 8445 7.1.1: what a peer-reflexive candidate of ours would have, keeping its order among ours.
std::uint32_t reflexive_priority(std::uint32_t local_priority) {
    constexpr std::uint32_t kWithoutType = 0x00FFFFFF;
    return (candidate_priority(CandidateType::PeerReflexive, 0) & ~kWithoutType) |
           (local_priority & kWithoutType);
}

}  // namespace

// RFC 8445 6.1.4.2: one check every Ta.
void IceAgent::check_next(Instant now, IceOutputs& out) {
    if (settings_.lite || !peer_ || now < next_check_) {
        return;
    }
    if (CandidatePair* pair = list_.next()) {
        start_check(now, *pair, false, out);
        next_check_ = now + limits::kTa;
    }
}

void IceAgent::start_check(Instant now, CandidatePair& pair, bool nominating, IceOutputs& out) {
    if (!nominating) {
        pair.state = PairState::InProgress;
    }
    Check check;
    check.id = make_transaction_id(random_);
    check.path = pair.path;
    check.role = role_;
    check.nominating = nominating;
    const CheckRequest request{reflexive_priority(pair.local_priority), role_, tie_breaker_,
                               nominating};
    check.request = request.write(check.id, own_, *peer_);
    // RFC 8445 14.3: the more checks are going on, the longer each waits.
    const auto active =
        static_cast<int>(list_.count(PairState::Waiting) + list_.count(PairState::InProgress));
    checks_.start(now, std::move(check), std::max(limits::kMinRto, limits::kTa * active), out);
}

void IceAgent::ask_consent(Instant now, IceOutputs& out) {
    if (!route_ || !route_->consent.is_due(now)) {
        return;
    }
    const CheckRequest request{route_->check_priority, role_, tie_breaker_, false};
    const TransactionId id = route_->consent.make_request(now);
    out.transmits.push_back({route_->path, request.write(id, route_->own, route_->peer)});
}

void IceAgent::handle_success(Instant now,
                              const IcePath& path,
                              const StunMessage& message,
                              IceOutputs& out) {
    if (route_ && route_->consent.is_outstanding(message.transaction())) {
        const bool genuine = message.verify(as_bytes(route_->peer.password)).has_value();
        statistics_.unauthenticated += genuine ? 0 : 1;
        if (genuine && path == route_->path) {
            ++statistics_.responses;
            route_->consent.grant(now);
            route_->heard_at = now;
        }
        return;
    }
    if (!peer_ || !message.verify(as_bytes(peer_->password))) {
        ++statistics_.unauthenticated;
        return;
    }
    const auto check = checks_.take(message.transaction());
    CandidatePair* pair = check ? list_.find(check->path) : nullptr;
    if (pair == nullptr) {
        ++statistics_.stray;
        return;
    }
    ++statistics_.responses;
    // RFC 8445 7.2.5.2.1: the answer must come back the way the question went. The mapped address
    // may reveal a reflexive candidate of ours; the pair is the same, as it is known by its base.
    if (path != check->path || !message.address(StunAttribute::XorMappedAddress)) {
        pair->state = PairState::Failed;
        return;
    }
    pair->state = PairState::Succeeded;
    pair->heard_at = now;
    worked_ = worked_.value_or(now);
    list_.unfreeze_like(*pair);
    if (check->nominating && role_ == IceRole::Controlling) {
        select(now, *pair, out);
    } else if (pair->nominated_by_peer && role_ == IceRole::Controlled) {
        consider(now, *pair, out);
    }
}

// An error that is not signed is as good as none (RFC 8489 9.1.5).
void IceAgent::handle_error(const StunMessage& message) {
    if (!peer_ || !message.verify(as_bytes(peer_->password))) {
        ++statistics_.unauthenticated;
        return;
    }
    const auto error = message.error();
    const auto check = checks_.take(message.transaction());
    CandidatePair* pair = check ? list_.find(check->path) : nullptr;
    if (!error || pair == nullptr) {
        ++statistics_.stray;
        return;
    }
    if (error->code != 487) {
        pair->state = PairState::Failed;
        return;
    }
    // RFC 8445 7.2.5.1. Unless a request of the peer has changed it meanwhile.
    if (check->role == role_) {
        set_role(role_ == IceRole::Controlling ? IceRole::Controlled : IceRole::Controlling);
    }
    list_.trigger(*pair);
}

void IceAgent::set_role(IceRole role) {
    role_ = role;
    list_.set_role(role);
}

const CandidatePair* IceAgent::best_valid() const {
    const auto found =
        std::ranges::find(list_.pairs(), PairState::Succeeded, &CandidatePair::state);
    return found == list_.pairs().end() ? nullptr : &*found;
}

// RFC 8445 8.1.1: regular nomination, of the best path that works.
void IceAgent::nominate(Instant now, IceOutputs& out) {
    if (settings_.lite || role_ != IceRole::Controlling || !peer_ || has_current_route() ||
        checks_.is_nominating()) {
        return;
    }
    const CandidatePair* best = best_valid();
    if (best == nullptr || !worked_) {
        return;
    }
    if (now >= *worked_ + limits::kNominationWait || !list_.undecided_above(best->priority)) {
        start_check(now, *list_.find(best->path), true, out);
    }
}

// The peer nominates a path on which our check has succeeded too.
void IceAgent::consider(Instant now, const CandidatePair& pair, IceOutputs& out) {
    const bool better = !has_current_route() || pair.priority > route_->priority;
    if (better || (pair.path != route_->path && now - route_->heard_at >= limits::kStalePath)) {
        select(now, pair, out);
    }
}

void IceAgent::select(Instant now, const CandidatePair& pair, IceOutputs& out) {
    const bool moved = !route_ || route_->path != pair.path;
    route_ = Route{pair.path,
                   pair.priority,
                   own_,
                   *peer_,
                   reflexive_priority(pair.local_priority),
                   Consent(now, random_, !settings_.lite),
                   now,
                   true};
    if (moved) {
        out.events.emplace_back(IcePathSelected{pair.path});
    }
    // A controlled agent goes on with what is better: an aggressive peer may nominate that too.
    const std::uint64_t decided = role_ == IceRole::Controlling ? UINT64_MAX : route_->priority;
    list_.give_up_below(decided);
    for (const CandidatePair& other : list_.pairs()) {
        if (other.state == PairState::Failed) {
            checks_.cancel(other.path);
        }
    }
}

}  // namespace patchbay::webrtc
