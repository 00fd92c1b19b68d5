// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "call/rtp_endpoint.hpp"
#include "lab/meta/conversation.hpp"
#include "lab/meta/graph_account.hpp"
#include "lab/meta/graph_messages.hpp"
#include "lab/meta/note.hpp"
#include "lab/meta/rules.hpp"
#include "lab/meta/surroundings.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::lab::meta {

// A request of the business to the Graph API.
struct GraphRequest {
    bool posts = false;  // else it asks
    std::string path;
    std::string authorization;
    std::string body;
};
struct GraphReply {
    int status = 200;  // of HTTP
    std::string body;
};

struct GraphOutputs {
    struct Webhook {
        std::string about;
        std::string body;
    };
    std::vector<Webhook> webhooks;  // in the order in which they are to be sent
    Notes notes;
    std::vector<call::RtpPort> closed;  // ports that are used no more
};

// A strict double of WhatsApp Business Calling by the Graph API, seen from a business's server: the
// five actions, the webhooks, and the users' phones behind them. What breaks a rule that the
// documentation names is refused, or ends the call, and said. It shares neither JSON, signature nor
// state with the server's own side.
//
// An engine: requests, packets, ticks and commands in; webhooks and notes out.
class GraphService {
  public:
    GraphService(GraphAccount account, Surroundings around);

    GraphReply handle_request(Instant now, const GraphRequest& request, GraphOutputs& out);
    void handle_rtp(Instant now,
                    call::RtpPort port,
                    const SocketAddress& from,
                    ByteView packet,
                    GraphOutputs& out);
    void tick(Instant now, GraphOutputs& out);  // every 5 to 20 ms

    // A user calls the business: a number, or a business-scoped id.
    void call(Instant now, std::string_view user, GraphOutputs& out);
    // What the user of the latest call does: answers, presses keys, hangs up; or does not want to
    // talk (486, 603), or is not there.
    void answer(Instant now, GraphOutputs& out);
    void reject(Instant now, int status, GraphOutputs& out);
    void press(Instant now, std::string_view digits, GraphOutputs& out);
    void hang_up(Instant now, GraphOutputs& out);

    // What is wanted from now on; calls in progress go on.
    GraphAccount& account() { return account_; }
    // With which error the next calls of the business are refused; 0: with none.
    void refuse_calls(int code) { refusal_ = code; }
    std::size_t calls() const { return calls_.size(); }

  private:
    enum class State : std::uint8_t { Ringing, Talking };
    struct Call {
        Conversation talk;
        std::string user;
        bool ours = false;  // a user calls
        State state = State::Ringing;
        std::string opaque = {};
        std::string offer = {};   // of the business
        std::string answer = {};  // of the business, by pre_accept or accept
        std::optional<Instant> due = {};
    };
    using Calls = std::map<std::string, Call, std::less<>>;  // by id

    // graph_actions.cpp
    GraphReply act(Instant now, const graph::ActionRequest& action, GraphOutputs& out);
    GraphReply connect(Instant now, const graph::ActionRequest& action, GraphOutputs& out);
    GraphReply accept(Instant now,
                      Call& call,
                      const graph::ActionRequest& action,
                      GraphOutputs& out);
    GraphReply refuse(Instant now,
                      const graph::ActionRequest& action,
                      int code,
                      std::string rule,
                      GraphOutputs& out);
    std::optional<std::string> broken_rule(const graph::ActionRequest& action) const;

    Result<Call> open_call(Instant now, std::string_view user, bool ours);
    void enter_talking(Instant now, Call& call, GraphOutputs& out);
    void break_off(Instant now, Call& call, const std::string& rule, GraphOutputs& out);
    void end(Instant now, const std::string& id, std::string_view by, int error, GraphOutputs& out);
    void follow(Instant now, Call& call, const MediaEvents& events, GraphOutputs& out);
    void say_status(Instant now, const Call& call, std::string_view status, GraphOutputs& out);
    graph::CallNews news_of(const Call& call) const;
    Call* latest();
    WallTime wall(Instant now) const { return around_.wall.at(now); }

    GraphAccount account_;
    Surroundings around_;
    Calls calls_;
    std::string latest_;
    int refusal_ = 0;
    struct Later {
        Instant at;
        GraphOutputs::Webhook webhook;
    };
    std::vector<Later> later_;
};

}  // namespace patchbay::lab::meta
