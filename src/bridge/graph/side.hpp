// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "bridge/gateway.hpp"
#include "bridge/graph/action.hpp"
#include "bridge/graph/errands.hpp"
#include "bridge/graph/error_meaning.hpp"
#include "bridge/graph/notice.hpp"
#include "bridge/side_state.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::bridge::graph {

struct SideSettings {
    std::string bridge;
    std::string phone_number_id;
    std::string phone_number;  // in E.164; empty: as the webhooks say
    bool takes_calls = true;   // false: those that are go on to their end
    // Each shard of the server has a side of its own, and all of them hear every webhook: whose a
    // call from WhatsApp is follows from its id.
    unsigned shard = 0;
    unsigned shards = 1;
};

struct SideOutputs {
    std::vector<std::string> messages;    // to the engine, by flow_to_side()
    std::vector<ActionRequest> requests;  // to Graph
};

// WhatsApp calls by Graph API and webhooks, of one number. Webhooks may come twice, late, in any
// order, and before the answer to the request that they are about; each call goes its way once.
//
//   a user calls:   connect -> INVITE; 18x with an answer -> pre_accept; 200 -> accept
//   the PBX calls:  INVITE -> connect; RINGING -> 180; connect with an answer -> 200
//
// An engine: requests and webhooks are values, the JSON and the HTTP of both are elsewhere. Belongs
// to one shard.
class Side {
  public:
    Side(SideSettings settings, WallAnchor wall, Random& random);

    // Other settings; calls go on.
    void use(Instant now, SideSettings settings, SideOutputs& out);
    // A message of the engine to this side.
    void handle_message(Instant now, ByteView message, SideOutputs& out);
    void handle_notice(Instant now, const Notice& notice, SideOutputs& out);
    void handle_outcome(Instant now, ActionId id, const ActionOutcome& outcome, SideOutputs& out);
    void handle_timeout(Instant now, SideOutputs& out);
    std::optional<Instant> next_timeout() const;

    const SideState& state() const { return state_; }
    bool takes_calls() const { return settings_.takes_calls; }
    std::size_t calls() const { return calls_.size(); }

  private:
    enum class Phase : std::uint8_t {
        Connecting,   // the PBX calls, and WhatsApp has not taken the call yet
        Ringing,      // at the PBX, or at the user
        Accepting,    // the PBX has answered, and WhatsApp is told
        Established,  // both talk
    };
    struct Call {
        bool from_user = false;
        std::string id;      // at WhatsApp; empty while it connects
        std::string opaque;  // of ours, by which its webhooks are known before the id is
        Phase phase = Phase::Connecting;
        std::optional<Instant> deadline;
        bool is_told_ringing = false;  // the PBX, or WhatsApp by pre_accept
    };
    using Calls = std::map<GatewayCall, Call>;

    // side.cpp: the PBX, and what came of requests
    void take(Instant now, GatewayOutputs& gateway, SideOutputs& out);
    void handle(Instant now, const NumberCalled& event, SideOutputs& out);
    void handle(Instant now, const PbxRings& event, SideOutputs& out);
    void handle(Instant now, const PbxAnswered& event, SideOutputs& out);
    void handle(Instant now, const CallEnded& event, SideOutputs& out);
    // Meta takes one description for each call, so there is never a second offer.
    void handle(Instant /*now*/, const PbxAnsweredAgain& /*event*/, SideOutputs& /*out*/) {}
    void connected(Instant now, GatewayCall handle, const ActionOutcome& outcome, SideOutputs& out);
    void accepted(Instant now, GatewayCall handle, const ActionOutcome& outcome, SideOutputs& out);
    void ask(Instant now, GatewayCall handle, Action action, SideOutputs& out);
    void give_up(Instant now, GatewayCall handle, SideOutputs& out);
    void probe(Instant now, SideOutputs& out);

    // side_notices.cpp: webhooks
    void handle(Instant now, const Notice& notice, const Connect& connect, SideOutputs& out);
    void handle(Instant now, const Notice& notice, const Status& status, SideOutputs& out);
    void handle(Instant now, const Notice& notice, const Terminate& terminate, SideOutputs& out);
    void call_pbx(Instant now, const Notice& notice, const Connect& connect, SideOutputs& out);
    Calls::iterator find(const std::string& id, const std::string& opaque);
    void keep(const Notice& notice);
    void replay(Instant now, SideOutputs& out);
    bool is_owner(const std::string& id) const;

    // Both: to the PBX
    void refuse(Instant now, GatewayCall handle, const Trouble& trouble, SideOutputs& out);
    void hang_up(Instant now, GatewayCall handle, std::string_view reason, SideOutputs& out);
    void forget(Calls::iterator call);
    void remember(const std::string& id);
    void note(Instant now, const std::optional<Trouble>& trouble);

    SideSettings settings_;
    WallAnchor wall_;
    Random& random_;
    Gateway gateway_;
    Errands errands_;
    Calls calls_;
    std::deque<std::string> ended_;  // ids, the oldest first
    std::deque<Notice> early_;
    SideState state_;
    bool trouble_is_of_side_ = false;
    std::optional<Instant> probe_at_;
};

}  // namespace patchbay::bridge::graph
