// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/dialect.hpp"
#include "api/jsonrpc/report.hpp"
#include "api/jsonrpc/request.hpp"
#include "base/random.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace patchbay::api::jsonrpc {

// What a connection asks for, in the order in which it must happen.
struct SendText {
    std::string text;
};
struct BeginCommand {
    CommandKey key;
    Command command;
};
// Answered by a report of QueryResult or Failed. Never CallCancel.
struct AskBackend {
    CommandKey key;
    Query query;
};
// The command is to end; it still reports how.
struct CancelCommand {
    CommandKey key;
};
using ConnectionOutput = std::variant<SendText, BeginCommand, AskBackend, CancelCommand>;
using ConnectionOutputs = std::vector<ConnectionOutput>;

// One client of the Call API: requests in, responses and notifications out, and the ledger of its
// commands, which keeps the promise that of each `cmd_id` `Started` comes first, `Ended` once and
// last, and nothing after it. It knows no socket and nothing of what a command does.
//
// Belongs to the shard of its socket, which gives all its connections one counter of keys.
class Connection {
  public:
    Connection(Dialect dialect, Random& random, std::uint64_t& last_key)
        : dialect_(dialect), random_(random), last_key_(last_key) {}

    void handle_text(std::string_view text, ConnectionOutputs& out);
    // Of a command that is over it is ignored.
    void handle_report(CommandKey key, const Report& report, ConnectionOutputs& out);
    // The socket is gone. Calls go on; subscriptions have nobody to tell.
    void handle_closed(ConnectionOutputs& out);

    std::size_t running() const { return running_.size(); }

  private:
    // The requests of one text. Its commands begin when its responses are sent, so that no
    // notification overtakes them.
    struct Round {
        bool is_batch = false;
        std::size_t awaited = 0;  // queries without an answer, and the reading itself
        std::vector<std::string> responses;
        ConnectionOutputs afterwards;
    };
    struct AskedQuery {
        std::optional<JsonText> id;
        std::uint64_t round = 0;
    };

    CommandKey next_key() { return CommandKey(++last_key_); }
    void serve(ReadRequest request, std::uint64_t round, ConnectionOutputs& out);
    void serve(Request request, Command command, Round& round);
    void serve(const Request& request, const CallCancel& cancel, Round& round);
    void refuse(const RefusedRequest& refused, Round& round);
    void start(Round& round, const std::optional<JsonText>& id, const std::string& cmd_id) const;
    void finish_one(std::uint64_t round, ConnectionOutputs& out);
    bool is_running(std::string_view cmd_id) const;
    void answer(CommandKey key, const Report& report, ConnectionOutputs& out);

    Dialect dialect_;
    Random& random_;
    std::uint64_t& last_key_;
    std::uint64_t last_round_ = 0;
    std::map<std::uint64_t, Round> rounds_;
    std::map<CommandKey, CommandIdentity> running_;
    std::map<CommandKey, AskedQuery> asked_;
};

}  // namespace patchbay::api::jsonrpc
