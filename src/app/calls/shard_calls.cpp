// SPDX-License-Identifier: Apache-2.0
#include "app/calls/shard_calls.hpp"

#include <utility>

namespace patchbay::app {

std::vector<call::SessionSummary> ShardCalls::list() const {
    return runtime_.directory().list();
}

std::optional<call::SessionSummary> ShardCalls::find(std::string_view callid) const {
    return runtime_.directory().find_call(callid);
}

call::OperationId ShardCalls::next_operation() {
    return CallReports::operation(runtime_.shard().index(), ++last_operation_);
}

ShardRuntime* ShardCalls::owner(const call::SessionId& session) const {
    const auto entry = runtime_.directory().find(session);
    return entry ? runtimes_[entry->shard] : nullptr;
}

template <class Action>
bool ShardCalls::run(ShardRuntime& owner, Action action) const {
    if (&owner == &runtime_) {
        action();
        return true;
    }
    return owner.shard().post(std::move(action)).has_value();
}

void ShardCalls::refuse(std::optional<call::OperationId> operation,
                        int status,
                        std::string reason) const {
    if (operation) {
        reports_.tell(runtime_.shard().index(),
                      call::OperationReported{
                          {}, *operation, {.status = status, .reason = reason, .final = true}});
    }
}

void ShardCalls::start(call::OperationId operation, call::ThirdPartyRequest request) {
    if (draining_) {
        reports_.tell(runtime_.shard().index(),
                      call::ThirdPartyReported{operation,
                                               {.stage = call::ThirdPartyStage::Failed,
                                                .call_id = {},
                                                .status = 503,
                                                .reason = "503 the server is shutting down"}});
        return;
    }
    runtime_.start_call(operation, std::move(request));
}

// A transfer to a call of another shard needs the names of that call's dialog first.
void ShardCalls::command(const call::SessionId& session, call::ClientCommand command) {
    const auto* transfer = std::get_if<call::command::Transfer>(&command.command);
    ShardRuntime* const target = transfer != nullptr && transfer->target_session_id
                                     ? owner(*transfer->target_session_id)
                                     : nullptr;
    if (target == nullptr || target == owner(session)) {
        return deliver(session, std::move(command));
    }
    const auto operation = command.operation;
    const bool sent = run(*target, [this, target, session, id = *transfer->target_session_id,
                                    command = std::move(command)]() mutable {
        command.target = target->dialog(id);
        if (!runtime_.shard().post(
                [this, session, command]() mutable { deliver(session, std::move(command)); })) {
            return;
        }
    });
    if (!sent) {
        refuse(operation, 503, "the server is too busy");
    }
}

void ShardCalls::deliver(const call::SessionId& session, call::ClientCommand command) const {
    ShardRuntime* const runtime = owner(session);
    if (runtime == nullptr) {
        return refuse(command.operation, 481, "the call has ended");
    }
    const auto operation = command.operation;
    if (!run(*runtime, [runtime, session, command = std::move(command)]() mutable {
            runtime->command(session, std::move(command));
        })) {
        refuse(operation, 503, "the server is too busy");
    }
}

void ShardCalls::redirect(call::OperationId operation,
                          const call::SessionId& party,
                          std::string destination) {
    if (ShardRuntime* const runtime = owner(party)) {
        (void)run(*runtime, [runtime, operation, party, destination = std::move(destination)] {
            runtime->redirect(operation, party, destination);
        });
    } else {
        report_gone(operation);
    }
}

void ShardCalls::report_gone(call::OperationId operation) const {
    reports_.tell(runtime_.shard().index(),
                  call::ThirdPartyReported{operation,
                                           {.stage = call::ThirdPartyStage::Failed,
                                            .call_id = {},
                                            .status = 481,
                                            .reason = "481 the call has ended"}});
}

// The shard of the other call is its own business.
void ShardCalls::connect(call::OperationId operation,
                         const call::SessionId& party,
                         const call::SessionId& other) {
    ShardRuntime* const runtime = owner(party);
    const bool sent = runtime != nullptr && run(*runtime, [runtime, operation, party, other] {
                          runtime->connect(operation, party, other);
                      });
    if (!sent) {
        report_gone(operation);
    }
}

void ShardCalls::cancel(call::OperationId operation, const call::SessionId& party) {
    ShardRuntime* const runtime = party.value().empty() ? &runtime_ : owner(party);
    if (runtime != nullptr) {
        (void)run(*runtime, [runtime, operation] { runtime->cancel(operation); });
    }
}

void ShardCalls::kill(const call::SessionId& session) {
    if (ShardRuntime* const runtime = owner(session)) {
        (void)run(*runtime, [runtime, session] { runtime->kill(session); });
    }
}

void ShardCalls::watch(bool on) {
    reports_.watch(runtime_.shard().index(), on);
}

}  // namespace patchbay::app
