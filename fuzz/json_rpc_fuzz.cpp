// SPDX-License-Identifier: Apache-2.0
// Whatever a client of the Call API sends, and however its commands go: each text is JSON,
// `Started` comes first, `Ended` exactly once and last, and nothing runs on for ever. The first
// byte chooses the dialect and what the backend says, each further line is one message of the
// client.
#include "api/jsonrpc/connection.hpp"
#include "base/bytes.hpp"
#include "base/ensure.hpp"
#include "base/random.hpp"
#include "base/text.hpp"
#include "wire/json_reader.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace {

using namespace patchbay;
using namespace patchbay::api::jsonrpc;

class Client {
  public:
    explicit Client(std::uint8_t choice)
        : choice_(choice),
          connection_(
              (choice & 1U) != 0 ? Dialect::OpenSips : Dialect::Contract, random_, last_key_) {}

    void say(std::string_view text) {
        ConnectionOutputs out;
        connection_.handle_text(text, out);
        take(std::move(out));
    }
    void finish() {
        while (!waiting_.empty()) {
            const CommandKey key = waiting_.front();
            waiting_.pop_front();
            report(key, Done{});
        }
        PB_ENSURE(connection_.running() == 0);
        for (const auto& [cmd_id, is_running] : running_) {
            PB_ENSURE(!is_running);
        }
    }

  private:
    void take(ConnectionOutputs outputs) {
        for (ConnectionOutput& output : outputs) {
            if (const auto* send = std::get_if<SendText>(&output)) {
                check(send->text);
            } else if (const auto* begin = std::get_if<BeginCommand>(&output)) {
                carry_out(begin->key, begin->command);
            } else if (const auto* ask = std::get_if<AskBackend>(&output)) {
                (choice_ & 2U) != 0 ? report(ask->key, Failed{404, "404 Dialog not found"})
                                    : report(ask->key, QueryResult{JsonText::verbatim("{}")});
            } else if (const auto* cancel = std::get_if<CancelCommand>(&output)) {
                std::erase(waiting_, cancel->key);
                report(cancel->key, Failed{487, "canceled"});
            }
        }
    }
    void report(CommandKey key, const Report& said) {
        ConnectionOutputs out;
        connection_.handle_report(key, said, out);
        take(std::move(out));
    }
    void carry_out(CommandKey key, const Command& command) {
        if (const auto* echo = std::get_if<Echo>(&command)) {
            report(key, Progress{.step = api::jsonrpc::Step::Reply, .data = echo->params});
        }
        report(key, Progress{.step = api::jsonrpc::Step::TransferPending,
                             .callid = "c",
                             .leg = Party::Callee,
                             .destination = "sip:d@x",
                             .extra = "180 Ringing"});
        switch (choice_ >> 2U & 3U) {
            case 0: waiting_.push_back(key); return;  // until the end
            case 1: report(key, Done{}); break;
            case 2: report(key, Failed{486, "486 Busy Here"}); break;
            default: report(key, Done{}); break;
        }
        report(key, Done{});  // once too often
    }
    void check(std::string_view text) {
        const auto value = wire::parse_json(text);
        PB_ENSURE(value.has_value());
        if (!value->is_array()) {
            return check_message(value->as_object());
        }
        for (const auto& one : value->as_array()) {
            check_message(one.as_object());
        }
    }
    void check_message(const boost::json::object& message) {
        PB_ENSURE(message.at("jsonrpc") == "2.0");
        if (message.contains("error")) {
            return;
        }
        if (const auto* result = message.if_contains("result")) {
            if (const auto* status = result->as_object().if_contains("status");
                status != nullptr && *status == "Started") {
                bool& running = running_[name_of(result->as_object())];
                PB_ENSURE(!running);
                running = true;
            }
            return;
        }
        const auto& params = message.at("params").as_object();
        const auto found = running_.find(name_of(params));
        const auto* event = params.if_contains("event");
        const bool ended =
            message.at("method") == "Ended" || (event != nullptr && *event == "Ended");
        // A notification of the client has no response, and so no `Started`.
        if (found != running_.end() && ended) {
            found->second = false;
        }
    }
    static std::string name_of(const boost::json::object& params) {
        return std::string(params.at("cmd_id").as_string());
    }

    std::uint8_t choice_;
    SeededRandom random_{1};
    std::uint64_t last_key_ = 0;
    Connection connection_;
    std::deque<CommandKey> waiting_;
    std::map<std::string, bool> running_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    Client client(data[0]);
    std::string_view rest = patchbay::as_text({data + 1, size - 1});
    while (!rest.empty()) {
        const auto [line, more] = patchbay::split_once(rest, '\n');
        client.say(line);
        rest = more;
    }
    client.finish();
    return 0;
}
