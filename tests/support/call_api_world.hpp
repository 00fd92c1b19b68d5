// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/jsonrpc/connection.hpp"
#include "api/jsonrpc/own_calls.hpp"
#include "base/random.hpp"
#include "support/world.hpp"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace patchbay::test {

// The calls of a world as the Call API steers them.
class WorldCallControl final : public api::jsonrpc::CallControl {
  public:
    explicit WorldCallControl(World& world) : world_(world) {}

    std::vector<call::SessionSummary> list() const override {
        std::vector<call::SessionSummary> out;
        for (const auto& [key, history] : world_.histories()) {
            if (!history.ended && !history.summaries.empty()) {
                out.push_back(history.summaries.back());
            }
        }
        return out;
    }
    std::optional<call::SessionSummary> find(std::string_view callid) const override {
        for (const call::SessionSummary& one : list()) {
            if (one.id.value() == callid || one.call_id == callid) {
                return one;
            }
        }
        return std::nullopt;
    }
    call::OperationId next_operation() override { return call::OperationId(++last_operation_); }
    void start(call::OperationId operation, call::ThirdPartyRequest request) override {
        world_.at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            exchange.start_call(now, operation, std::move(request), out);
        });
    }
    void command(const call::SessionId& session, call::ClientCommand command) override {
        world_.at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            if (const auto key = exchange.find(session)) {
                exchange.handle_command(now, *key, std::move(command), out);
            }
        });
    }
    void redirect(call::OperationId operation,
                  const call::SessionId& party,
                  std::string destination) override {
        world_.at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            exchange.redirect(now, operation, *exchange.find(party), destination, out);
        });
    }
    void connect(call::OperationId operation,
                 const call::SessionId& party,
                 const call::SessionId& other) override {
        world_.at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            exchange.connect(now, operation, *exchange.find(party), other, out);
        });
    }
    void cancel(call::OperationId operation, const call::SessionId& /*party*/) override {
        world_.at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            (void)exchange.cancel(now, operation, out);
        });
    }
    void kill(const call::SessionId& session) override {
        world_.at_exchange([&](call::Exchange& exchange, Instant now, call::Effects& out) {
            if (const auto key = exchange.find(session)) {
                exchange.kill(now, *key, out);
            }
        });
    }
    void watch(bool on) override { watching_ = on; }
    bool watching() const { return watching_; }

  private:
    World& world_;
    std::uint64_t last_operation_ = 0;
    bool watching_ = false;
};

// A client of the Call API in a world: what it says goes through the JSON of the API, and so does
// what it hears.
class CallApiClient {
  public:
    CallApiClient(World& world, api::jsonrpc::Dialect dialect)
        : control_(world), calls_(control_), connection_(dialect, random_, last_key_) {
        calls_.on_report([this](api::jsonrpc::CommandKey key, const api::jsonrpc::Report& report) {
            api::jsonrpc::ConnectionOutputs out;
            connection_.handle_report(key, report, out);
            perform(std::move(out));
        });
        world.on_report = [this](const call::Effect& effect) {
            if (const auto* operation = std::get_if<call::OperationReported>(&effect)) {
                calls_.handle(*operation);
            } else if (const auto* call = std::get_if<call::ThirdPartyReported>(&effect)) {
                calls_.handle(*call);
            } else if (const auto* changed = std::get_if<call::SessionChanged>(&effect)) {
                change(changed->summary);
            } else if (const auto* ended = std::get_if<call::SessionEnded>(&effect)) {
                change(ended->summary);
            }
        };
    }

    void say(const std::string& method, const std::string& params) {
        api::jsonrpc::ConnectionOutputs out;
        connection_.handle_text(
            R"({"jsonrpc":"2.0","method":")" + method + R"(","params":)" + params + R"(,"id":1})",
            out);
        perform(std::move(out));
    }
    const std::vector<std::string>& heard() const { return heard_; }
    void forget() { heard_.clear(); }
    std::size_t running() const { return connection_.running(); }

  private:
    void change(const call::SessionSummary& summary) {
        if (control_.watching()) {
            calls_.handle(summary);
        }
    }
    void perform(api::jsonrpc::ConnectionOutputs outputs) {
        for (api::jsonrpc::ConnectionOutput& output : outputs) {
            if (auto* send = std::get_if<api::jsonrpc::SendText>(&output)) {
                heard_.push_back(std::move(send->text));
            } else if (auto* begin = std::get_if<api::jsonrpc::BeginCommand>(&output)) {
                calls_.begin(begin->key, begin->command, IpAddress());
            } else if (auto* ask = std::get_if<api::jsonrpc::AskBackend>(&output)) {
                calls_.ask(ask->key, ask->query);
            } else if (auto* cancel = std::get_if<api::jsonrpc::CancelCommand>(&output)) {
                calls_.cancel(cancel->key);
            }
        }
    }

    SeededRandom random_{5};
    WorldCallControl control_;
    api::jsonrpc::OwnCalls calls_;
    std::uint64_t last_key_ = 0;
    api::jsonrpc::Connection connection_;
    std::vector<std::string> heard_;
};

}  // namespace patchbay::test
