// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/activecall/calls.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::test {

// The engine as far as the dialect sees it: remembers what it was told, and says what a test wants.
class FakeCalls final : public api::activecall::Calls {
  public:
    Result<std::unique_ptr<api::activecall::PendingCall>> reserve(
        const call::SessionId& id) override {
        if (draining) {
            return fail(Errc::Unavailable, "the server is shutting down");
        }
        if (!taken.insert(id.value()).second) {
            return fail(Errc::Duplicate, "session id");
        }
        return std::make_unique<Pending>(*this, alias.value_or(id));
    }
    Result<std::unique_ptr<api::activecall::PendingCall>> resume(
        const call::SessionId& id, std::string_view token, std::uint64_t last_sequence) override {
        resumed.push_back(id.value() + " " + std::string(token) + " " +
                          std::to_string(last_sequence));
        if (resume_error) {
            return tl::unexpected(*resume_error);
        }
        return std::make_unique<Pending>(*this, id);
    }
    Result<void> command(const call::SessionId& id, call::ClientCommand command) override {
        if (taken.count(id.value()) == 0) {
            return fail(Errc::NotFound, "call");
        }
        commands.push_back(std::move(command));
        return {};
    }
    Result<std::unique_ptr<api::activecall::Observation>> observe(
        const call::SessionId& id, api::activecall::CallListener& observing) override {
        if (taken.count(id.value()) == 0) {
            return fail(Errc::NotFound, "call");
        }
        observer = &observing;
        return std::make_unique<Observing>(*this);
    }
    call::SessionId make_id() override { return call::SessionId("made-1"); }
    std::vector<call::SessionSummary> list() const override { return summaries; }
    Result<void> kill(const call::SessionId& id) override {
        if (taken.count(id.value()) == 0) {
            return fail(Errc::NotFound, "call");
        }
        killed.push_back(id.value());
        return {};
    }

    bool draining = false;
    std::set<std::string> taken;
    std::vector<call::SessionRequest> begun;
    std::vector<call::ClientCommand> commands;
    std::vector<Bytes> audio;
    std::vector<std::string> killed;
    std::vector<call::SessionSummary> summaries;
    std::vector<api::activecall::ControlTerms> terms;
    std::vector<std::string> resumed;
    std::optional<Error> resume_error;
    std::optional<call::SessionId> alias;  // the real name of what is reserved next
    api::activecall::CallListener* listener = nullptr;
    api::activecall::CallListener* observer = nullptr;
    int ports_closed = 0;

  private:
    class Observing final : public api::activecall::Observation {
      public:
        explicit Observing(FakeCalls& calls) : calls_(calls) {}
        ~Observing() override { calls_.observer = nullptr; }

      private:
        FakeCalls& calls_;
    };
    class Port final : public api::activecall::CallPort {
      public:
        explicit Port(FakeCalls& calls) : calls_(calls) {}
        ~Port() override { ++calls_.ports_closed; }
        void command(call::ClientCommand command) override {
            calls_.commands.push_back(std::move(command));
        }
        void audio(ByteView bytes) override {
            calls_.audio.emplace_back(bytes.begin(), bytes.end());
        }

      private:
        FakeCalls& calls_;
    };
    class Pending final : public api::activecall::PendingCall {
      public:
        Pending(FakeCalls& calls, call::SessionId id) : calls_(calls), id_(std::move(id)) {}
        ~Pending() override {
            if (!begun_) {
                calls_.taken.erase(id_.value());
            }
        }
        const call::SessionId& id() const override { return id_; }
        Result<std::unique_ptr<api::activecall::CallPort>> begin(
            call::SessionRequest request,
            const api::activecall::ControlTerms& asked,
            api::activecall::CallListener& to) override {
            begun_ = true;
            calls_.terms.push_back(asked);
            calls_.begun.push_back(std::move(request));
            calls_.listener = &to;
            return std::make_unique<Port>(calls_);
        }

      private:
        FakeCalls& calls_;
        call::SessionId id_;
        bool begun_ = false;
    };
};

}  // namespace patchbay::test
