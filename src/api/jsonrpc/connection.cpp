// SPDX-License-Identifier: Apache-2.0
#include "api/jsonrpc/connection.hpp"

#include "api/limits.hpp"
#include "base/overloaded.hpp"
#include "wire/json_writer.hpp"

#include <algorithm>
#include <utility>

namespace patchbay::api::jsonrpc {
namespace {

// `event` is the word of the later clients.
JsonText state_of(std::string_view cmd_id, std::string_view state) {
    wire::JsonWriter writer;
    writer.begin_object();
    writer.key("cmd_id");
    writer.text(cmd_id);
    writer.key("status");
    writer.text(state);
    writer.key("event");
    writer.text(state);
    writer.end_object();
    return JsonText::verbatim(writer.take());
}

// The original starts a command before it looks at its parameters, and its clients wait for the end
// of one that was started.
std::string failure_of_the_original(const std::string& message) {
    constexpr std::string_view kMissing = ": required";
    return message.ends_with(kMissing)
               ? message.substr(0, message.size() - kMissing.size()) + " not specified"
               : message;
}

}  // namespace

void Connection::handle_text(std::string_view text, ConnectionOutputs& out) {
    Document document = read_document(text);
    const std::uint64_t id = ++last_round_;
    rounds_.emplace(
        id, Round{.is_batch = document.is_batch, .awaited = 1, .responses = {}, .afterwards = {}});
    for (ReadRequest& request : document.requests) {
        serve(std::move(request), id, out);
    }
    finish_one(id, out);
}

void Connection::serve(ReadRequest read, std::uint64_t round_id, ConnectionOutputs& out) {
    Round& round = rounds_.at(round_id);
    if (const auto* refused = std::get_if<RefusedRequest>(&read)) {
        return refuse(*refused, round);
    }
    Request& request = std::get<Request>(read);
    if (auto* command = std::get_if<Command>(&request.what)) {
        Command what = std::move(*command);
        return serve(std::move(request), std::move(what), round);
    }
    const Query& query = std::get<Query>(request.what);
    if (const auto* cancel = std::get_if<CallCancel>(&query)) {
        return serve(request, *cancel, round);
    }
    const CommandKey key = next_key();
    asked_.emplace(key, AskedQuery{.id = request.id, .round = round_id});
    ++round.awaited;
    out.push_back(AskBackend{key, query});
}

void Connection::serve(Request request, Command command, Round& round) {
    const std::string cmd_id = request.cmd_id ? *request.cmd_id : random_.uuid();
    const bool taken = is_running(cmd_id);
    if (taken || running_.size() >= kCommandsPerConnection) {
        return refuse({.id = request.id,
                       .code = taken ? error_code::kInvalidParams : error_code::kServer,
                       .message = taken ? "a command with this cmd_id is running"
                                        : "too many commands are running",
                       .method = std::nullopt,
                       .cmd_id = std::nullopt},
                      round);
    }
    start(round, request.id, cmd_id);
    CommandIdentity identity{
        .cmd_id = cmd_id, .method = std::move(request.method), .command = command};
    if (const auto* echo = std::get_if<Echo>(&command)) {
        const Progress reply{.step = Step::Reply, .data = echo->params};
        round.afterwards.push_back(SendText{*write_progress(dialect_, identity, reply)});
        round.afterwards.push_back(SendText{write_end(dialect_, identity)});
        return;
    }
    const CommandKey key = next_key();
    running_.emplace(key, std::move(identity));
    round.afterwards.push_back(BeginCommand{key, std::move(command)});
}

void Connection::serve(const Request& request, const CallCancel& cancel, Round& round) {
    const auto found = std::ranges::find_if(
        running_, [&](const auto& one) { return one.second.cmd_id == cancel.cmd_id; });
    if (found == running_.end()) {
        return refuse({.id = request.id,
                       .code = error_code::kInvalidParams,
                       .message = "no command with this cmd_id is running",
                       .method = std::nullopt,
                       .cmd_id = std::nullopt},
                      round);
    }
    if (request.id) {
        round.responses.push_back(write_result(*request.id, state_of(cancel.cmd_id, "Canceled")));
    }
    round.afterwards.push_back(CancelCommand{found->first});
}

void Connection::refuse(const RefusedRequest& refused, Round& round) {
    if (dialect_ == Dialect::OpenSips && refused.method) {
        const CommandIdentity identity{.cmd_id = refused.cmd_id ? *refused.cmd_id : random_.uuid(),
                                       .method = *refused.method,
                                       .command = Echo{}};
        start(round, refused.id, identity.cmd_id);
        round.afterwards.push_back(
            SendText{write_failure(dialect_, identity, failure_of_the_original(refused.message))});
        round.afterwards.push_back(SendText{write_end(dialect_, identity)});
        return;
    }
    if (refused.id) {
        round.responses.push_back(write_error(*refused.id, refused.code, refused.message));
    }
}

void Connection::start(Round& round,
                       const std::optional<JsonText>& id,
                       const std::string& cmd_id) const {
    if (id) {
        round.responses.push_back(write_result(*id, state_of(cmd_id, "Started")));
    }
}

// Section 6: no response at all where every request was a notification.
void Connection::finish_one(std::uint64_t id, ConnectionOutputs& out) {
    const auto found = rounds_.find(id);
    if (found == rounds_.end() || --found->second.awaited > 0) {
        return;
    }
    Round round = std::move(found->second);
    rounds_.erase(found);
    if (!round.responses.empty() && !round.is_batch) {
        out.push_back(SendText{std::move(round.responses.front())});
    } else if (!round.responses.empty()) {
        std::string batch = "[";
        for (const std::string& response : round.responses) {
            batch += (batch.size() > 1 ? "," : "") + response;
        }
        out.push_back(SendText{batch + "]"});
    }
    std::ranges::move(round.afterwards, std::back_inserter(out));
}

bool Connection::is_running(std::string_view cmd_id) const {
    return std::ranges::any_of(running_,
                               [&](const auto& one) { return one.second.cmd_id == cmd_id; });
}

void Connection::handle_report(CommandKey key, const Report& report, ConnectionOutputs& out) {
    const auto found = running_.find(key);
    if (found == running_.end()) {
        return answer(key, report, out);
    }
    const CommandIdentity& about = found->second;
    const auto end = [&] {
        out.push_back(SendText{write_end(dialect_, about)});
        running_.erase(found);
    };
    std::visit(Overloaded{
                   [&](const Progress& progress) {
                       if (auto text = write_progress(dialect_, about, progress)) {
                           out.push_back(SendText{std::move(*text)});
                       }
                   },
                   [&](const Failed& failed) {
                       out.push_back(SendText{write_failure(dialect_, about, failed.text)});
                       end();
                   },
                   [&](const Done&) { end(); },
                   [](const QueryResult&) {},
               },
               report);
}

void Connection::answer(CommandKey key, const Report& report, ConnectionOutputs& out) {
    const auto found = asked_.find(key);
    if (found == asked_.end()) {
        return;
    }
    const AskedQuery query = found->second;
    asked_.erase(found);
    Round& round = rounds_.at(query.round);
    if (const auto* result = std::get_if<QueryResult>(&report); result != nullptr && query.id) {
        round.responses.push_back(write_result(*query.id, result->result));
    } else if (const auto* failed = std::get_if<Failed>(&report); failed != nullptr && query.id) {
        round.responses.push_back(write_error(*query.id, error_code::kServer, failed->text));
    }
    finish_one(query.round, out);
}

void Connection::handle_closed(ConnectionOutputs& out) {
    for (const auto& [key, about] : running_) {
        if (std::holds_alternative<CallSubscribe>(about.command)) {
            out.push_back(CancelCommand{key});
        }
    }
    running_.clear();
    asked_.clear();
    rounds_.clear();
}

}  // namespace patchbay::api::jsonrpc
