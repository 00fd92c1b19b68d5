// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/backend.hpp"
#include "api/jsonrpc/call_control.hpp"
#include "api/jsonrpc/call_entry.hpp"
#include "call/effects.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace patchbay::api::jsonrpc {

// The embedded backend: commands become operations on the server's own calls, and what those report
// becomes steps in the documented order. It knows no JSON-RPC and no shard.
class OwnCalls final : public Backend {
  public:
    explicit OwnCalls(CallControl& control) : control_(control) {}

    void on_report(Tell tell) override { tell_ = std::move(tell); }
    void begin(CommandKey key, const Command& command, const IpAddress& client) override;
    void ask(CommandKey key, const Query& query) override;
    void cancel(CommandKey key) override;

    void handle(const call::OperationReported& reported);
    void handle(const call::ThirdPartyReported& reported);
    // A call of the server began, changed its state, or ended.
    void handle(const call::SessionSummary& changed);

  private:
    // A command under way. What it waits for is in operations_.
    struct Running {
        Command command;
        bool accepted = false;  // Transferring was told
        bool started = false;   // TransferStart was told
        std::size_t open_legs = 0;
        std::optional<Failed> failure;
        call::SessionId party;                       // who is transferred
        call::SessionId other;                       // whom he goes to, in an attended transfer
        std::optional<call::OperationId> operation;  // that can be canceled
    };
    struct Subscription {
        std::optional<std::string> callid;
    };
    struct Operation {
        CommandKey command;
        std::optional<Party> leg;
    };
    // A party of a call that the server has a dialog with, or why there is none.
    using FoundParty = Expected<call::SessionSummary, Failed>;

    void start(CommandKey key, const CallStart& start);
    void start(CommandKey key, const CallBlindTransfer& transfer);
    void start(CommandKey key, const CallAttendedTransfer& transfer);
    void start(CommandKey key, const CallHold& hold);
    void start(CommandKey key, const CallUnHold& unhold);
    void start(CommandKey key, const CallEnd& end);
    void start(CommandKey key, const CallDtmf& dtmf);
    void start(CommandKey key, const CallSubscribe& subscribe);
    void start(CommandKey key, const Echo& echo);

    void change_hold(CommandKey key,
                     const std::string& callid,
                     std::optional<Party> leg,
                     bool held);
    void settle_leg(CommandKey key, Party leg, const call::OperationStatus& status);
    void handle_refer(CommandKey key, const call::OperationStatus& status);
    void transfer_ourselves(CommandKey key);
    void say_transferring(CommandKey key);
    void say_transfer_start(CommandKey key, const std::string& call_id);

    FoundParty party(const std::string& callid, Party leg) const;
    CallEntry entry(const call::SessionSummary& summary) const;
    std::vector<CallEntry> entries() const;
    call::OperationId follow(CommandKey key, std::optional<Party> leg = std::nullopt);

    void tell(CommandKey key, const Report& report) {
        if (tell_) {
            tell_(key, report);
        }
    }
    // The last word.
    void fail(CommandKey key, Failed failed);
    void finish(CommandKey key);

    CallControl& control_;
    Tell tell_;
    std::map<CommandKey, Running> running_;
    std::map<call::OperationId, Operation> operations_;
    std::map<CommandKey, Subscription> subscriptions_;
    // While somebody is told of changes: the name under which a session's call is known, and what
    // was said of it last.
    std::map<std::string, std::string> call_of_session_;
    std::map<std::string, std::string> told_;
};

}  // namespace patchbay::api::jsonrpc
