// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ensure.hpp"
#include "call/exchange.hpp"
#include "call/limits.hpp"
#include "call/neighbours.hpp"
#include "call/peer_routes.hpp"
#include "call/session.hpp"
#include "call/third_party_call.hpp"
#include "sip/user_agent.hpp"
#include "speech/vad/voice_batch.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace patchbay::call {

// What an Exchange owns: the sessions, and the indexes by which an input finds its session. Every
// input goes through step(), which is the boundary where a broken invariant is caught and where the
// indexes are brought up to date.
class Exchange::State {
  public:
    struct Entry {
        explicit Entry(SessionBirth birth, Surroundings& around)
            : session(std::move(birth), around) {}

        Session session;
        // Under what the indexes know the session now.
        std::vector<sip::CallHandle> calls;
        std::optional<RtpPort> port;
        std::optional<Instant> deadline;
        unsigned phase = 0;
        std::size_t peer_paths = 0;        // of its browser, that are in `peers`
        std::string ufrag;                 // of its browser, the same; a restart brings another one
        const Browser* browser = nullptr;  // whose paths those are
        LegState announced = LegState::Idle;
        // The other session of a `refer`.
        std::optional<SessionKey> main_call;
        std::optional<SessionKey> second_leg;
        std::optional<SessionId> far_party;  // the other party, on another shard
        bool hold_music = false;             // of a second leg: it is heard from the answer on
        bool forward_dtmf = true;
        bool joined = false;
        bool ended = false;              // and on its way out, while others are told
        std::vector<QuotaClaim> claims;  // of an incoming call, until it ends
    };

    State(ExchangeConfig config_in, WallAnchor wall_in, Random& random_in)
        : config(std::move(config_in)),
          wall(wall_in),
          random(random_in),
          services(config.services, config.listeners, random),
          neighbours(config.services.gate, services.gate(), random),
          agent(agent_config(), random),
          voices(config.voice_network ? std::make_unique<speech::VoiceBatch>(config.voice_network)
                                      : nullptr),
          around{config, services, agent, sip, random, voices.get()} {}

    Entry& add(Instant now, SessionBirth birth, Effects& out);

    // Runs one input of one session.
    template <class Input>
    void step(Instant now, Entry& entry, Effects& out, Input&& input) {
        const LegState before = entry.session.leg_state();
        run(now, entry, out, std::forward<Input>(input));
        finish_step(now, entry, before, out);
    }
    // The same for a key that may be gone.
    template <class Input>
    void step(Instant now, SessionKey key, Effects& out, Input&& input) {
        if (const auto found = sessions.find(key); found != sessions.end()) {
            step(now, *found->second, out, std::forward<Input>(input));
        }
    }

    std::optional<SessionKey> second_leg_of(SessionKey main) const;
    Result<void> accept_bridge(Instant now,
                               SessionKey target,
                               const BridgeRequest& request,
                               Effects& out);
    void answer_bridge(Instant now,
                       const BridgeRequest& request,
                       const Result<void>& answer,
                       Effects& out);

    // What the session says of itself, and who its other party is.
    SessionSummary summary(const Entry& entry) const;
    // Lets the neural detector judge what waits, and tells the sessions.
    void judge_voices(Instant now, Effects& out);

    // The other party of the call that has this dialog.
    std::optional<SessionKey> other_party(const sip::Replaces& dialog);

    // Hands on what the user agent said, until it has nothing more to say.
    void dispatch_sip(Instant now, Effects& out);
    // exchange_third_party.cpp
    void start_call(Instant now, OperationId operation, ThirdPartyRequest request, Effects& out);
    void redirect(Instant now,
                  OperationId operation,
                  SessionKey party,
                  std::string destination,
                  Effects& out);
    void connect(
        Instant now, OperationId operation, SessionKey party, const SessionId& other, Effects& out);
    bool cancel(Instant now, OperationId operation, Effects& out);

    // exchange_services.cpp
    void replace_neighbours(Instant now, NeighbourConfig config, Effects& out);

    // Asks where the servers are that accounts wait for.
    void look_up(std::vector<AccountLookup> lookups, Effects& out);

    ExchangeConfig config;
    WallAnchor wall;
    Random& random;
    Services services;
    Neighbours neighbours;  // outlives the agent, whose policy it is
    sip::UserAgent agent;
    sip::Outputs sip;
    std::unique_ptr<speech::VoiceBatch> voices;      // outlives the sessions that write to it
    std::vector<speech::VoiceBatch::Judged> judged;  // of one tick
    Surroundings around;

    std::unordered_map<SessionKey, std::unique_ptr<Entry>> sessions;
    std::unordered_map<SessionKey, SessionKey> partners;  // of forwarded calls, both ways
    // Calls of a third party until their callee answers, and whose they are.
    std::map<OperationId, ThirdPartyCall> third_parties;
    std::unordered_map<SessionKey, OperationId> third_party_of;
    std::unordered_map<SessionKey, SessionForward> waiting;  // between call_party() and launch()
    std::unordered_map<SessionId, SessionKey> by_id;
    std::unordered_map<sip::CallHandle, Entry*> by_call;
    std::unordered_map<RtpPort, Entry*> by_port;
    // Of the called party of a forwarded call, until it ends: which row led there.
    struct LedBy {
        std::string route;
        bool answered = false;
    };
    std::unordered_map<SessionKey, LedBy> led_by;
    RouteUses route_uses;
    // Tables that were replaced, as long as a session lives that may point into them.
    struct RetiredTrunks {
        std::shared_ptr<const Trunks> trunks;
        SessionKey youngest;
    };
    std::vector<RetiredTrunks> retired_trunks;
    PeerRoutes peers;
    std::array<std::vector<Entry*>, kPhases> by_phase;
    std::set<std::pair<Instant, SessionKey>> deadlines;
    Instant phase_0;
    bool refusing = false;  // the server goes down: an INVITE gets 503

  private:
    template <class Input>
    void run(Instant now, Entry& entry, Effects& out, Input&& input) {
        Session& session = entry.session;
        Step step{now, wall.at(now), session.names(), session.log(), out, now - phase_0};
        try {
            input(session, step);
        } catch (const BrokenInvariant& bug) {
            break_off(step, entry, bug);
        }
    }
    void break_off(Step& step, Entry& entry, const BrokenInvariant& bug);
    void end_broken(Instant now, const sip::Broken& broken, Effects& out);
    void settle(Instant now, Entry& entry, Effects& out);
    void end_settled(Instant now, Entry& entry, Effects& out);
    // exchange_bridge.cpp
    void place_bridge(Instant now, Entry& entry, Effects& out);
    // exchange_connect.cpp
    void bring_together(Instant now, SessionKey first, SessionKey second, Effects& out);
    void place_join_request(Instant now, Entry& entry, Effects& out);
    void answer_join_request(Instant now, SessionKey asked_by, int status, Effects& out);
    std::optional<SessionKey> other_party(const Entry& entry) const;
    bool is_there(SessionKey key) const;
    Result<void> accept_far_party(Instant now,
                                  SessionKey party,
                                  const BridgeRequest& request,
                                  Effects& out);
    void far_party_answered(Instant now,
                            const BridgeRequest& request,
                            const Result<void>& answer,
                            Effects& out);
    void enter_far_party(Instant now,
                         SessionKey party,
                         AudioJoin::Side side,
                         const SessionId& other,
                         const BridgeRequest& request,
                         Effects& out);
    // exchange_direct.cpp
    void pass_on(Instant now, SessionKey from, std::vector<DirectMessage> messages, Effects& out);
    SessionKey other_party_of(SessionKey key) const;
    void connect_directly(
        Instant now, OperationId operation, SessionKey party, SessionKey other, Effects& out);
    void direct_settled(Instant now, SessionKey callee, int status, Effects& out);
    // exchange_second_leg.cpp
    void bear_second_leg(Instant now, Entry& main, Effects& out);
    void follow_second_leg(Instant now, Entry& leg, Effects& out);
    void join(Entry& main, Entry& leg);
    void part_from_second_leg(Instant now, Entry& main, Effects& out);
    void end_second_leg(Instant now, Entry& main, Effects& out);
    void finish_step(Instant now, Entry& entry, LegState before, Effects& out);
    DialDecision plan_forward(Instant now,
                              const sip::IncomingCall& incoming,
                              const RouteChoice& choice);
    void forward_call(Instant now,
                      const sip::IncomingCall& incoming,
                      const RouteChoice& choice,
                      std::vector<QuotaClaim> claims,
                      Effects& out);
    void tell_partner(Instant now, SessionKey key, LegState state, int status, Effects& out);
    void count_route(Instant now, SessionKey key, LegState state, int status);
    void retire_trunks();
    void pass_hold_on(Instant now, SessionKey key, Effects& out);
    // exchange_third_party.cpp
    void report(Instant now, OperationId operation, ThirdPartyStatus status, Effects& out);
    std::optional<SessionKey> call_party(Instant now,
                                         SessionForward forward,
                                         Result<DialDecision> decision,
                                         std::shared_ptr<AudioJoin> join,
                                         OperationId operation,
                                         Effects& out);
    void launch(Instant now, SessionKey key, Effects& out);
    void follow(ThirdPartyCall call);
    void forget(const ThirdPartyCall& call);
    void call_callee(Instant now, ThirdPartyCall call, Effects& out);
    void give_up(
        Instant now, const ThirdPartyCall& call, int status, std::string reason, Effects& out);
    void advance_third_party(Instant now, SessionKey key, LegState state, int status, Effects& out);
    void caller_ended(Instant now, const ThirdPartyCall& call, int status, Effects& out);
    void callee_rings(Instant now, const ThirdPartyCall& call, bool early_media, Effects& out);
    void callee_answered(Instant now, const ThirdPartyCall& call, Effects& out);
    void callee_ended(Instant now, const ThirdPartyCall& call, int status, Effects& out);
    void give_back(Instant now, const ThirdPartyCall& call, Effects& out);
    void report_connected(
        Instant now, OperationId operation, const std::string& call_id, bool rang, Effects& out);
    // exchange_refer.cpp
    bool follow_refer(Instant now, SessionKey key, const sip::ReferReceived& refer, Effects& out);
    int hand_on(Instant now, SessionKey key, const sip::ReferReceived& refer, Effects& out);
    void tell_asker(Instant now, const ThirdPartyCall& call, const ThirdPartyStatus& status);
    bool is_left_to_successor(SessionKey key) const;
    void pair(SessionKey first, SessionKey second, Effects& out);
    SessionKey part(SessionKey key);
    SessionKey leave_second_leg(SessionKey main);
    void file(Entry& entry);
    void file_browser(Entry& entry);
    void remove(Entry& entry);
    void leave_phase(Entry& entry);
    void take_call(Instant now, const sip::IncomingCall& incoming, Effects& out);
    Entry& add_incoming(Instant now, const std::string& id, Effects& out);
    SessionKey add_outgoing(Instant now, Effects& out);
    Entry& add_sip(Instant now, const std::string& id, bool incoming, Effects& out);
    void take_over(Instant now, const sip::IncomingCall& incoming, Effects& out);
    void reject(Instant now, const sip::IncomingCall& incoming, sip::Rejection rejection);
    void handle_outside_calls(Instant now, const sip::Event& event);
    sip::UserAgentConfig agent_config();
    const RouteTable& routes() const;

    std::uint64_t last_key_ = 0;
    std::uint64_t last_refer_ = 0;
    bool dispatching_ = false;
};

}  // namespace patchbay::call
