// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "call/rtp_endpoint.hpp"
#include "lab/meta/account.hpp"
#include "lab/meta/conversation.hpp"
#include "lab/meta/media.hpp"
#include "lab/meta/message_text.hpp"
#include "lab/meta/note.hpp"
#include "lab/meta/rules.hpp"
#include "lab/meta/surroundings.hpp"
#include "sip/message.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::lab::meta {

// A TLS connection, as its owner numbers them.
using ConnectionNumber = std::uint64_t;

struct ServiceOutputs {
    struct Send {
        ConnectionNumber connection = 0;
        std::string bytes;
    };
    std::vector<Send> sends;
    Notes notes;
    std::vector<call::RtpPort> closed;  // ports that are used no more
};

// A strict double of WhatsApp Business Calling over SIP, seen from a business's SIP server: both
// Meta's edge and the users' phones behind it. Whatever breaks a rule that the documentation names
// is refused, or ends the call, and said. Of the server's SIP it shares the parser and nothing
// else: what both understood wrongly would otherwise look right.
//
// An engine: whole messages, packets, ticks and commands in; sends and notes out.
class Service {
  public:
    Service(Account account, Surroundings around);

    void handle_message(Instant now,
                        ConnectionNumber connection,
                        std::string_view message,
                        ServiceOutputs& out);
    void handle_closed(Instant now, ConnectionNumber connection, ServiceOutputs& out);
    void handle_rtp(Instant now,
                    call::RtpPort port,
                    const SocketAddress& from,
                    ByteView packet,
                    ServiceOutputs& out);
    void tick(Instant now, ServiceOutputs& out);  // every 5 to 20 ms

    // A user calls the business, by a connection to its server that is open. NotFound: no number.
    void call(Instant now, ConnectionNumber connection, std::string_view user, ServiceOutputs& out);
    // What the user of the latest call does: answers, presses keys, hangs up; or does not want to
    // talk, or is not there: a final status.
    void answer(Instant now, ServiceOutputs& out);
    void reject(Instant now, int status, ServiceOutputs& out);
    void press(Instant now, std::string_view digits, ServiceOutputs& out);
    void hang_up(Instant now, ServiceOutputs& out);

    // What is wanted of the users from now on; calls in progress go on.
    Account& account() { return account_; }
    std::size_t calls() const { return calls_.size(); }

  private:
    enum class State : std::uint8_t { Calling, Ringing, Answered, Talking };
    struct Call {
        Conversation talk;
        std::string call_id;
        State state = State::Calling;
        bool ours = false;  // a user calls
        ConnectionNumber connection = 0;
        std::optional<sip::Message> invite = {};  // that is to be answered, or was sent
        std::string local_party = {};             // From or To with tag
        std::string remote_party = {};            // as far as it is known
        std::string remote_target = {};           // URI
        std::uint32_t sequence = 1;
        bool proved = false;  // the digest was sent, or was right
        bool canceled = false;
        std::optional<Instant> due = {};  // the user answers, or is not there; or the ACK is late
    };
    using Calls = std::map<std::string, Call, std::less<>>;  // by Call-ID

    // service.cpp: what comes in
    void handle_request(Instant now,
                        ConnectionNumber from,
                        sip::Message request,
                        ServiceOutputs& out);
    void handle_within(Instant now,
                       ConnectionNumber from,
                       Call& call,
                       const sip::Message& request,
                       ServiceOutputs& out);
    void refuse(const sip::Message& request,
                ConnectionNumber to,
                const Refusal& refusal,
                Instant now,
                ServiceOutputs& out);
    void reply(ConnectionNumber to,
               const sip::Message& request,
               Reply reply,
               ServiceOutputs& out) const;
    std::optional<Refusal> judge_proof(const sip::Message& request);
    std::string challenge();

    // service_callee.cpp: the business calls a user
    void take_invite(Instant now, ConnectionNumber from, sip::Message invite, ServiceOutputs& out);
    void accept(Instant now, Call& call, ServiceOutputs& out);
    void decline(Instant now, Call& call, int status, ServiceOutputs& out);

    // service_caller.cpp: a user calls the business
    void send_invite(Call& call, const Lines& proof, ServiceOutputs& out);
    void handle_response(Instant now, const sip::Message& response, ServiceOutputs& out);
    void handle_final(Instant now, Call& call, const sip::Message& response, ServiceOutputs& out);
    bool prove(Call& call, const sip::Message& response, ServiceOutputs& out);
    void acknowledge(Call& call, const sip::Message& response, ServiceOutputs& out);

    // service_call.cpp: both
    Result<std::unique_ptr<Media>> open_media(Instant now, bool offers);
    Lines dialog_lines(const Call& call, std::string_view method, std::uint32_t sequence);
    void say_bye(Instant now, Call& call, std::string_view reason, ServiceOutputs& out);
    void break_off(Instant now, Call& call, const std::string& rule, ServiceOutputs& out);
    void follow(Instant now, Call& call, const MediaEvents& events, ServiceOutputs& out);
    void end(Instant now, const std::string& call_id, std::string_view by, ServiceOutputs& out);
    Call* latest();
    WallTime wall(Instant now) const { return around_.wall.at(now); }

    Account account_;
    Surroundings around_;
    std::string tag_;    // of every To of ours
    std::string nonce_;  // one for the life of the double
    std::string opaque_;
    Calls calls_;
    std::string latest_;  // Call-ID
};

}  // namespace patchbay::lab::meta
