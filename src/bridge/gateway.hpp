// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/time.hpp"
#include "sip/event.hpp"
#include "sip/flow.hpp"
#include "sip/request.hpp"
#include "sip/user_agent.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::bridge {

// The way between the engine and the WhatsApp side of a bridge in the same process, as the engine
// sees it: a WebSocket between two addresses of the discard-only block (RFC 6666). No socket is
// bound there, so no packet of a network can claim to have come by it.
sip::Flow flow_to_side(std::string_view bridge);
bool leads_to_side(const sip::Flow& flow);

// One call between the engine and a WhatsApp side, from its first event or call_pbx() on until
// CallEnded or refuse(), hang_up().
using GatewayCall = sip::CallHandle;

// The PBX calls a WhatsApp number, with our offer.
struct NumberCalled {
    GatewayCall call;
    std::string number;  // as dialled
    std::string offer;
};
// The PBX rings; with an answer whose ICE and DTLS may begin at once.
struct PbxRings {
    GatewayCall call;
    std::string answer;  // empty: none yet
};
struct PbxAnswered {
    GatewayCall call;
    std::string answer;
};
// The PBX refused, gave up or hung up.
struct CallEnded {
    GatewayCall call;
    int status = 0;  // of a refusal; 0: given up, or hung up
};
// What came of offer_again().
struct PbxAnsweredAgain {
    GatewayCall call;
    std::string answer;  // empty: refused, and the call is as it was
};
using GatewayEvent = std::variant<NumberCalled, PbxRings, PbxAnswered, CallEnded, PbxAnsweredAgain>;

// What the PBX is told of who calls from WhatsApp.
struct WhatsAppCaller {
    std::string number;  // or a user id; the user part of From
    std::string name;    // empty: unknown
    std::string callee;  // the business number
    std::string offer;
    sip::ExtraHeaders headers;
};

struct GatewayOutputs {
    std::vector<std::string> messages;  // to the engine, by flow_to_side()
    std::vector<GatewayEvent> events;
};

// The SIP end of a WhatsApp side that speaks no SIP itself: the one interface of such sides. What
// is asked of it is ring, answer, refuse, hang up; what it tells are the events above. Audio and
// DTMF go by the session descriptions that it carries, and never through it.
//
// An engine: it knows neither WhatsApp nor sockets. Belongs to one shard.
class Gateway {
  public:
    Gateway(std::string_view bridge, Random& random);

    // A message of the engine to this side.
    void handle_message(Instant now, ByteView message, GatewayOutputs& out);
    void handle_timeout(Instant now, GatewayOutputs& out);
    std::optional<Instant> next_timeout() const { return agent_.next_timeout(); }

    GatewayCall call_pbx(Instant now, const WhatsAppCaller& caller, GatewayOutputs& out);
    // Of a NumberCalled.
    void ring(Instant now, GatewayCall call, GatewayOutputs& out);
    void answer(Instant now, GatewayCall call, std::string sdp, GatewayOutputs& out);
    // Of a call that is answered: its audio is to come another way. PbxAnsweredAgain follows.
    void offer_again(Instant now, GatewayCall call, std::string sdp, GatewayOutputs& out);
    void refuse(Instant now, GatewayCall call, int status, std::string reason, GatewayOutputs& out);
    // Whatever the state. No CallEnded follows.
    void hang_up(Instant now, GatewayCall call, std::string_view reason, GatewayOutputs& out);

    std::size_t calls() const { return agent_.counts().calls; }

  private:
    // What was said in a call, for whoever asks for it once more.
    struct Descriptions {
        std::string ours;
        std::string theirs;
    };

    void take(Instant now, sip::Outputs& outputs, GatewayOutputs& out);
    void end(GatewayCall call, int status, GatewayOutputs& out);
    void answer_reoffer(Instant now, const sip::Reoffer& reoffer, sip::Outputs& outputs);

    sip::Flow flow_;  // as this side sees it
    sip::UserAgent agent_;
    std::map<GatewayCall, Descriptions> descriptions_;
};

}  // namespace patchbay::bridge
