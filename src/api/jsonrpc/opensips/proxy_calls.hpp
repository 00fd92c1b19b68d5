// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/command.hpp"
#include "api/jsonrpc/opensips/mi_message.hpp"
#include "api/jsonrpc/report.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace patchbay::api::jsonrpc::opensips {

struct SendRequest {
    std::string datagram;  // to the management interface
};
struct TellReport {
    CommandKey key;
    Report report;
};
using ProxyOutput = std::variant<SendRequest, TellReport>;
using ProxyOutputs = std::vector<ProxyOutput>;

struct ProxySettings {
    std::string event_address;  // where events shall come: "udp:127.0.0.1:40000", never a wildcard
    std::string next_hop;       // of the INVITE of CallStart; empty: straight to the caller
};

// Commands of the Call API by an OpenSIPS proxy: requests to its management interface, and its
// events. The original leaves commands open for ever where the proxy says nothing; here each wait
// has an end. What a datagram may do (be lost, come twice, come before the reply that it belongs
// to) is allowed for; requests are never repeated, because they are not idempotent.
//
// An engine; belongs to the shard of its sockets. Works with OpenSIPS 3.x and 4.x by the names that
// both know.
class ProxyCalls {
  public:
    ProxyCalls(ProxySettings settings, Random& random)
        : settings_(std::move(settings)), random_(random) {}

    void begin(Instant now, CommandKey key, const Command& command, ProxyOutputs& out);
    void ask(Instant now, CommandKey key, const Query& query, ProxyOutputs& out);
    void cancel(Instant now, CommandKey key, ProxyOutputs& out);
    // From either socket.
    void handle_datagram(Instant now, std::string_view datagram, ProxyOutputs& out);
    void handle_timeout(Instant now, ProxyOutputs& out);
    std::optional<Instant> next_timeout() const;

    std::size_t running() const { return running_.size(); }

  private:
    enum class EventKind : std::uint8_t { Transfer, Hold, Dialog };
    static constexpr std::array<std::string_view, 3> kEventNames = {
        "E_CALL_TRANSFER", "E_CALL_HOLD", "E_DLG_STATE_CHANGED"};

    // What a command waits for.
    enum class Wait : std::uint8_t {
        Subscription,  // before anything that is told by events
        Version,       // of the proxy, before a hold of one party
        Invite,        // the final status of the caller's INVITE
        Pause,         // so that the REFER follows the ACK
        Reply,         // of the proxy
        Events,
        Quiet,  // whether more parties are asked to hold
    };
    // The caller's first call, as its 200 showed it: what a BYE needs.
    struct FirstCall {
        std::string ruri;
        std::string next_hop;
        std::vector<std::string> routes;
        std::string dialog_headers;  // From, To, Call-ID
    };
    struct Running {
        Command command;
        Wait wait = Wait::Subscription;
        std::optional<Instant> deadline;  // absent: it waits for ever
        std::string callid;               // whose events are ours
        std::optional<FirstCall> first_call;
        bool invited = false;
        bool accepted = false;  // the proxy sent the REFER
        bool started = false;
        std::vector<MiEvent> early;  // events that came before the reply
        std::set<std::string> asked_legs;
        std::set<std::string> settled_legs;
        std::optional<std::string> hold_failure;
    };
    using Answered = std::function<void(Instant, const MiReply*, ProxyOutputs&)>;
    struct Pending {
        Instant deadline;
        Answered answered;  // null reply: none came
    };
    struct Subscription {
        std::size_t users = 0;
        bool active = false;
        std::optional<Instant> renew_at;
    };

    // proxy_calls.cpp
    void request(Instant now,
                 std::string_view method,
                 const MiParameters& parameters,
                 Nanoseconds patience,
                 Answered answered,
                 ProxyOutputs& out);
    void subscribe(Instant now, EventKind event, ProxyOutputs& out);
    void subscribed(Instant now, EventKind event, const MiReply* reply, ProxyOutputs& out);
    void use(EventKind event, bool on, Instant now, ProxyOutputs& out);
    void proceed(Instant now, CommandKey key, ProxyOutputs& out);
    // How the original shows an error of the management interface; null: no reply came.
    static Failed failure_of(const MiReply* reply);
    void fail(Instant now, CommandKey key, Failed failed, ProxyOutputs& out);
    void finish(Instant now, CommandKey key, ProxyOutputs& out);
    void release(Instant now, const Running& running, ProxyOutputs& out);
    static void tell(CommandKey key, Report report, ProxyOutputs& out) {
        out.push_back(TellReport{key, std::move(report)});
    }
    static std::optional<EventKind> event_of(const Command& command);
    void expire(Instant now, CommandKey key, ProxyOutputs& out);

    // proxy_calls_start.cpp
    void invite_caller(Instant now, CommandKey key, ProxyOutputs& out);
    void caller_answered(Instant now, CommandKey key, const MiReply* reply, ProxyOutputs& out);
    void stop_ringing(Instant now, const Running& running, ProxyOutputs& out);
    void hang_up_first_call(Instant now, const Running& running, ProxyOutputs& out);

    // proxy_calls_transfer.cpp
    void send_transfer(Instant now, CommandKey key, ProxyOutputs& out);
    void transfer_replied(Instant now, CommandKey key, const MiReply* reply, ProxyOutputs& out);
    void handle_transfer(Instant now, CommandKey key, const MiEvent& event, ProxyOutputs& out);
    void say_transfer_start(CommandKey key, const MiEvent& event, ProxyOutputs& out);
    void transfer_done(Instant now, CommandKey key, const MiEvent& event, ProxyOutputs& out);

    // proxy_calls_hold.cpp
    void ask_version(Instant now, CommandKey key, ProxyOutputs& out);
    void send_hold(Instant now, CommandKey key, ProxyOutputs& out);
    void hold_replied(Instant now, CommandKey key, const MiReply* reply, ProxyOutputs& out);
    void handle_hold(Instant now, CommandKey key, const MiEvent& event, ProxyOutputs& out);
    void settle_hold(Instant now, CommandKey key, ProxyOutputs& out);

    void end_call(Instant now, CommandKey key, ProxyOutputs& out);
    void handle_dialog(Instant now, const MiEvent& event, ProxyOutputs& out);

    ProxySettings settings_;
    Random& random_;
    std::uint32_t last_id_ = 0;
    std::map<std::uint32_t, Pending> pending_;
    std::map<CommandKey, Running> running_;
    std::array<Subscription, 3> subscriptions_;
    std::optional<int> major_version_;
};

}  // namespace patchbay::api::jsonrpc::opensips
