// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "webrtc/ice/candidate.hpp"
#include "webrtc/ice/check_message.hpp"
#include "webrtc/ice/check_transactions.hpp"
#include "webrtc/ice/checklist.hpp"
#include "webrtc/ice/consent.hpp"
#include "webrtc/ice/credentials.hpp"
#include "webrtc/ice/outputs.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace patchbay::webrtc {

struct IceSettings {
    bool lite = false;  // answers checks, makes none; only for a host that all can reach
    IceRole role = IceRole::Controlled;  // who sent the first offer is controlling
    std::string ufrag_prefix;            // see IceCredentials::make
};

// What the peer's description says (RFC 8839 5).
struct IceDescription {
    IceCredentials credentials;
    bool lite = false;
    std::vector<Candidate> candidates;
};

struct IceStatistics {
    std::uint64_t requests = 0;         // genuine checks of the peer
    std::uint64_t responses = 0;        // genuine answers to ours
    std::uint64_t unauthenticated = 0;  // wrong or no signature: changed nothing
    std::uint64_t malformed = 0;        // no STUN, no Binding, no fingerprint
    std::uint64_t stray = 0;            // answers to nothing
    std::uint64_t role_conflicts = 0;
};

// An ICE agent for one component (RFC 8445): RTP and RTCP share it, and all media are bundled. Full
// or lite, either role, trickled candidates (RFC 8838), regular nomination, consent (RFC 7675),
// restarts. Candidates of ours are gathered by the owner and given to it.
//
// - Nothing that is not signed with the right password changes anything but a counter.
// - An offer without any candidate is fine: the peer's own checks reveal its address.
// - A restart keeps the path that works until the new generation has found one.
// - Of a peer that nominates more than one path (RFC 5245's aggressive nomination, and browsers
//   whose network changes) the best is taken, or any while the selected one is mute.
//
// It knows no socket, no SDP and no media. Belongs to a shard; time is an argument.
class IceAgent {
  public:
    IceAgent(IceSettings settings, Random& random);

    const IceCredentials& credentials() const { return own_; }
    const std::vector<LocalCandidate>& local_candidates() const { return locals_; }
    // At any time. TooLarge beyond limits::kLocalCandidates.
    Result<void> add_local_candidate(Instant now, LocalCandidate candidate, IceOutputs& out);

    // The peer's description, again and again if need be. Other credentials than before mean that
    // the peer restarts: unless we began it, ours change as well, so read credentials() afterwards
    // for the answer. Candidates that cannot be used are left out; faulty credentials are refused.
    Result<void> handle_description(Instant now,
                                    const IceDescription& description,
                                    IceOutputs& out);
    // A trickled candidate, also before the description. Unsupported: of a kind that we have no use
    // for. NotFound: of another generation. TooLarge: enough of them.
    Result<void> handle_candidate(Instant now, const Candidate& candidate, IceOutputs& out);
    // New credentials for an offer of ours.
    void restart();
    void close(IceOutputs& out);

    // A datagram that rtp::classify calls STUN.
    void handle_packet(Instant now, const IcePath& path, ByteView datagram, IceOutputs& out);
    void handle_timeout(Instant now, IceOutputs& out);
    std::optional<Instant> next_timeout() const;

    IceState state() const { return state_; }
    IceRole role() const { return role_; }
    // Where media goes; nothing while there is no consent.
    std::optional<IcePath> selected_path() const;
    // A genuine check has come or was answered on this path, so media and DTLS may come on it.
    bool is_proven(const IcePath& path) const;
    const IceStatistics& statistics() const { return statistics_; }
    std::string describe() const;

  private:
    // A selected path, with what keeps consent to it alive over a restart.
    struct Route {
        IcePath path;
        std::uint64_t priority = 0;
        IceCredentials own;
        IceCredentials peer;
        std::uint32_t check_priority = 0;
        Consent consent;
        Instant heard_at;
        bool current = true;  // of this generation
    };
    struct EarlyCheck {
        IcePath path;
        CheckRequest request;
    };

    // agent.cpp
    void enter(IceState state, IceOutputs& out);
    void settle(Instant now, IceOutputs& out);
    Result<void> add_remote(const Candidate& candidate, IceOutputs& out);
    Result<void> admit(const Candidate& candidate) const;
    CandidatePair* pair_up(const LocalCandidate& local, const Candidate& remote);
    void begin(Instant now, const IceDescription& description);
    void replay_early_checks(Instant now, IceOutputs& out);
    const LocalCandidate* local_at(const SocketAddress& base) const;
    Candidate* remote_at(const SocketAddress& address);
    bool gives_up(Instant now) const;
    std::optional<Instant> next_decision() const;

    // agent_requests.cpp
    void handle_request(Instant now,
                        const IcePath& path,
                        const StunMessage& message,
                        std::size_t size,
                        IceOutputs& out);
    Result<const IceCredentials*> authenticate(const StunMessage& message) const;
    bool resolve_conflict(const CheckRequest& request);
    void answer_check(Instant now,
                      const IcePath& path,
                      const StunMessage& message,
                      const IceCredentials& own,
                      IceOutputs& out);
    void receive_check(Instant now,
                       const IcePath& path,
                       const CheckRequest& request,
                       IceOutputs& out);
    const Candidate* reveal(const SocketAddress& address, std::uint32_t priority);
    void hear(Instant now, const IcePath& path);

    // agent_checks.cpp
    void check_next(Instant now, IceOutputs& out);
    void start_check(Instant now, CandidatePair& pair, bool nominating, IceOutputs& out);
    void ask_consent(Instant now, IceOutputs& out);
    void handle_success(Instant now,
                        const IcePath& path,
                        const StunMessage& message,
                        IceOutputs& out);
    void handle_error(const StunMessage& message);
    void set_role(IceRole role);
    const CandidatePair* best_valid() const;
    void nominate(Instant now, IceOutputs& out);
    void consider(Instant now, const CandidatePair& pair, IceOutputs& out);
    void select(Instant now, const CandidatePair& pair, IceOutputs& out);
    bool has_current_route() const { return route_ && route_->current; }

    IceSettings settings_;
    Random& random_;
    IceRole role_;
    std::uint64_t tie_breaker_;
    IceState state_ = IceState::New;

    IceCredentials own_;
    std::optional<IceCredentials> peer_;  // of this generation
    bool peer_lite_ = false;
    bool ever_described_ = false;
    std::vector<LocalCandidate> locals_;
    std::vector<Candidate> remotes_;
    std::vector<EarlyCheck> early_;

    Checklist list_;
    CheckTransactions checks_;
    Instant next_check_;             // Ta after the last one
    Instant began_;                  // this generation's checks
    std::optional<Instant> worked_;  // the first of them that succeeded
    std::optional<Route> route_;
    IceStatistics statistics_;
};

}  // namespace patchbay::webrtc
