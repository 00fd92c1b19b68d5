// SPDX-License-Identifier: Apache-2.0
#include "webrtc/ice/agent.hpp"

#include "webrtc/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace patchbay::webrtc {
namespace {

// A name under .local is one of mDNS (RFC 6762 3).
bool is_mdns(std::string_view name) {
    return name.ends_with(".local");
}

// Checks to many hosts at once are not what a candidate is for.
bool is_multicast(const IpAddress& ip) {
    constexpr std::uint8_t kFirstV4 = 224;  // and broadcast
    constexpr std::uint8_t kV6 = 0xFF;
    return ip.is_v6() ? ip.bytes()[0] == kV6 : ip.bytes()[0] >= kFirstV4;
}

}  // namespace

std::string_view to_string(IceState state) {
    switch (state) {
        case IceState::New: return "new";
        case IceState::Checking: return "checking";
        case IceState::Connected: return "connected";
        case IceState::Disconnected: return "disconnected";
        case IceState::Failed: return "failed";
        case IceState::Closed: return "closed";
    }
    return "unknown";
}

std::string_view to_string(IceRole role) {
    return role == IceRole::Controlling ? "controlling" : "controlled";
}

IceAgent::IceAgent(IceSettings settings, Random& random)
    : settings_(std::move(settings)),
      random_(random),
      role_(settings_.lite ? IceRole::Controlled : settings_.role),
      tie_breaker_(random.u64()),
      own_(IceCredentials::make(random, settings_.ufrag_prefix)) {}

Result<void> IceAgent::add_local_candidate(Instant now, LocalCandidate candidate, IceOutputs& out) {
    if (locals_.size() == limits::kLocalCandidates) {
        return fail(Errc::TooLarge, "local candidates");
    }
    locals_.push_back(std::move(candidate));
    for (const Candidate& remote : remotes_) {
        pair_up(locals_.back(), remote);
    }
    settle(now, out);
    return {};
}

Result<void> IceAgent::handle_description(Instant now,
                                          const IceDescription& description,
                                          IceOutputs& out) {
    PB_CHECK(check(description.credentials));
    if (state_ == IceState::Closed) {
        return fail(Errc::WrongState, "ICE agent");
    }
    if (peer_ && *peer_ != description.credentials) {
        restart();  // RFC 8445 9: the peer began it
    }
    if (!peer_) {
        begin(now, description);
    }
    for (const Candidate& candidate : description.candidates) {
        // One that we cannot use must not keep us from using the others.
        static_cast<void>(add_remote(candidate, out));
    }
    list_.unfreeze_first_of_each_foundation();
    replay_early_checks(now, out);
    const bool unchecked = settings_.lite && peer_lite_ && state_ != IceState::Failed;
    if (unchecked && !list_.pairs().empty() && !has_current_route()) {
        select(now, list_.pairs().front(), out);  // RFC 8445 8.2: nobody checks
    }
    settle(now, out);
    return {};
}

void IceAgent::begin(Instant now, const IceDescription& description) {
    peer_ = description.credentials;
    peer_lite_ = description.lite;
    ever_described_ = true;
    began_ = now;
    worked_.reset();
    if (peer_lite_ && !settings_.lite) {
        set_role(IceRole::Controlling);  // RFC 8445 6.1.1
    }
    // Trickled ones that came too early and belong to another generation.
    std::erase_if(remotes_, [&](const Candidate& candidate) {
        return !candidate.ufrag.empty() && candidate.ufrag != peer_->ufrag;
    });
    for (const Candidate& remote : remotes_) {
        for (const LocalCandidate& local : locals_) {
            pair_up(local, remote);
        }
    }
}

void IceAgent::replay_early_checks(Instant now, IceOutputs& out) {
    std::vector<EarlyCheck> early;
    early.swap(early_);
    for (const EarlyCheck& check : early) {
        receive_check(now, check.path, check.request, out);
    }
}

Result<void> IceAgent::handle_candidate(Instant now, const Candidate& candidate, IceOutputs& out) {
    if (state_ == IceState::Closed) {
        return fail(Errc::WrongState, "ICE agent");
    }
    PB_CHECK(add_remote(candidate, out));
    list_.unfreeze_first_of_each_foundation();
    settle(now, out);
    return {};
}

Result<void> IceAgent::admit(const Candidate& candidate) const {
    if (candidate.component != 1) {
        return fail(Errc::Unsupported, "a=candidate component");
    }
    if (peer_ && !candidate.ufrag.empty() && candidate.ufrag != peer_->ufrag) {
        return fail(Errc::NotFound, "a=candidate generation");
    }
    if (!candidate.host_name.empty()) {
        return is_mdns(candidate.host_name) ? Result<void>{}
                                            : fail(Errc::Unsupported, "a=candidate host name");
    }
    if (is_multicast(candidate.address.ip) || candidate.address.ip.is_unspecified() ||
        candidate.address.port == 0) {
        return fail(Errc::OutOfRange, "a=candidate address");
    }
    return {};
}

Result<void> IceAgent::add_remote(const Candidate& candidate, IceOutputs& out) {
    PB_CHECK(admit(candidate));
    if (!candidate.host_name.empty()) {
        out.events.emplace_back(IceNameWanted{candidate});
        return {};
    }
    if (Candidate* known = remote_at(candidate.address)) {
        // RFC 8838 11.4: it was revealed by a check before it was trickled.
        known->type = candidate.type;
        return {};
    }
    if (remotes_.size() == limits::kRemoteCandidates) {
        return fail(Errc::TooLarge, "a=candidate");
    }
    remotes_.push_back(candidate);
    for (const LocalCandidate& local : locals_) {
        pair_up(local, candidate);
    }
    return {};
}

// A lite agent learns its pairs from the peer's checks, unless the peer is lite as well.
CandidatePair* IceAgent::pair_up(const LocalCandidate& local, const Candidate& remote) {
    const bool same_family = local.base.ip.is_v6() == remote.address.ip.is_v6();
    if (!peer_ || !same_family || (settings_.lite && !peer_lite_)) {
        return nullptr;
    }
    return list_.add(local, remote, role_);
}

// RFC 8445 9: new credentials, new lists; media stays on the path that works.
void IceAgent::restart() {
    own_ = IceCredentials::make(random_, settings_.ufrag_prefix);
    peer_.reset();
    remotes_.clear();
    early_.clear();
    list_.clear();
    checks_.clear();
    worked_.reset();
    if (route_) {
        route_->current = false;
    }
    if (state_ == IceState::Failed) {
        state_ = IceState::New;
    }
}

void IceAgent::close(IceOutputs& out) {
    enter(IceState::Closed, out);
}

void IceAgent::enter(IceState state, IceOutputs& out) {
    if (state_ == state) {
        return;
    }
    state_ = state;
    if (state == IceState::Failed || state == IceState::Closed) {
        list_.clear();
        checks_.clear();
        early_.clear();
        route_.reset();
    }
    out.events.emplace_back(IceStateChanged{state});
}

// RFC 8863 4: nothing is left to check, and the peer has had its time to show itself.
bool IceAgent::gives_up(Instant now) const {
    return !list_.undecided() && now >= began_ + limits::kPatience;
}

// What follows from an input for the state.
void IceAgent::settle(Instant now, IceOutputs& out) {
    if (state_ == IceState::Closed || state_ == IceState::Failed) {
        return;
    }
    if (route_ && route_->consent.is_lost(now)) {
        const bool current = route_->current;
        route_.reset();
        if (current) {
            enter(IceState::Failed, out);
            return;
        }
    }
    nominate(now, out);
    if (route_) {
        enter(route_->consent.is_silent() ? IceState::Disconnected : IceState::Connected, out);
    } else if (!peer_) {
        enter(ever_described_ ? IceState::Checking : IceState::New, out);
    } else {
        enter(gives_up(now) ? IceState::Failed : IceState::Checking, out);
    }
}

void IceAgent::handle_packet(Instant now, const IcePath& path, ByteView datagram, IceOutputs& out) {
    const auto message = StunMessage::parse(datagram);
    if (!message || message->method() != StunMethod::Binding) {
        ++statistics_.malformed;
        return;
    }
    if (state_ == IceState::Closed) {
        return;
    }
    switch (message->message_class()) {
        case StunClass::Request: handle_request(now, path, *message, datagram.size(), out); break;
        case StunClass::Success: handle_success(now, path, *message, out); break;
        case StunClass::Error: handle_error(*message); break;
        case StunClass::Indication: break;  // a keepalive (RFC 8445 11)
    }
    settle(now, out);
}

void IceAgent::handle_timeout(Instant now, IceOutputs& out) {
    if (state_ == IceState::Closed || state_ == IceState::Failed) {
        return;
    }
    for (const Check& failed : checks_.handle_timeout(now, out)) {
        CandidatePair* pair = list_.find(failed.path);
        if (pair != nullptr && (failed.nominating || pair->state == PairState::InProgress)) {
            pair->state = PairState::Failed;
        }
    }
    check_next(now, out);
    ask_consent(now, out);
    settle(now, out);
}

std::optional<Instant> IceAgent::next_timeout() const {
    if (state_ == IceState::Closed || state_ == IceState::Failed) {
        return std::nullopt;
    }
    std::optional<Instant> next = checks_.next_timeout();
    if (!settings_.lite && list_.has_next()) {
        next = earlier(next, next_check_);
    }
    if (route_) {
        next = earlier(next, route_->consent.next_timeout());
    }
    return has_current_route() || !peer_ ? next : earlier(next, next_decision());
}

// While nothing is selected: when to nominate what there is, or to give up. Before that time comes
// something else is due, as long as checks are going on.
std::optional<Instant> IceAgent::next_decision() const {
    if (role_ == IceRole::Controlling && worked_ && best_valid() != nullptr) {
        return checks_.is_nominating() ? std::nullopt
                                       : std::optional(*worked_ + limits::kNominationWait);
    }
    // A restart that finds nothing leaves the old path alone for as long as there is consent.
    const bool waits = !route_ && !list_.undecided();
    return waits ? std::optional(began_ + limits::kPatience) : std::nullopt;
}

const LocalCandidate* IceAgent::local_at(const SocketAddress& base) const {
    const auto found = std::ranges::find(locals_, base, &LocalCandidate::base);
    return found == locals_.end() ? nullptr : &*found;
}

Candidate* IceAgent::remote_at(const SocketAddress& address) {
    const auto found = std::ranges::find(remotes_, address, &Candidate::address);
    return found == remotes_.end() ? nullptr : &*found;
}

std::optional<IcePath> IceAgent::selected_path() const {
    return route_ ? std::optional(route_->path) : std::nullopt;
}

bool IceAgent::is_proven(const IcePath& path) const {
    if (route_ && route_->path == path) {
        return true;
    }
    const CandidatePair* pair = list_.find(path);
    return pair != nullptr && pair->heard_at.has_value();
}

std::string IceAgent::describe() const {
    return fmt::format("ice {} {} pairs {} ({} work) path {}", to_string(state_), to_string(role_),
                       list_.pairs().size(), list_.count(PairState::Succeeded),
                       route_ ? route_->path.remote.to_string() : "none");
}

}  // namespace patchbay::webrtc
