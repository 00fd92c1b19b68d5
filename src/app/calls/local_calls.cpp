// SPDX-License-Identifier: Apache-2.0
#include "app/calls/local_calls.hpp"

#include "app/calls/remote_call.hpp"

#include <utility>

namespace patchbay::app {
namespace {

using api::activecall::CallListener;
using api::activecall::CallPort;
using api::activecall::ControlTerms;

class LocalPort final : public CallPort {
  public:
    LocalPort(ShardRuntime& runtime, call::SessionKey session, const CallListener& listener)
        : runtime_(runtime), session_(session), listener_(listener) {}
    ~LocalPort() override { runtime_.close(session_, listener_); }

    void command(call::ClientCommand command) override {
        runtime_.command(session_, std::move(command));
    }
    void audio(ByteView bytes) override { runtime_.audio(session_, bytes); }

  private:
    ShardRuntime& runtime_;
    call::SessionKey session_;
    const CallListener& listener_;
};

class LocalObservation final : public api::activecall::Observation {
  public:
    LocalObservation(ShardRuntime& runtime, call::SessionId id, CallListener& listener)
        : runtime_(runtime), id_(std::move(id)), listener_(listener) {
        runtime_.observe(id_, listener_);
    }
    ~LocalObservation() override { runtime_.stop_observing(id_, listener_); }

  private:
    ShardRuntime& runtime_;
    call::SessionId id_;
    CallListener& listener_;
};

// A call of the client's own, born on this shard.
class NewCall final : public api::activecall::PendingCall {
  public:
    NewCall(ShardRuntime& runtime, call::SessionId id) : runtime_(runtime), id_(std::move(id)) {}
    ~NewCall() override {
        if (held_) {
            runtime_.directory().release(id_);
        }
    }

    const call::SessionId& id() const override { return id_; }
    Result<std::unique_ptr<CallPort>> begin(call::SessionRequest request,
                                            const ControlTerms& terms,
                                            CallListener& listener) override {
        PB_TRY(const auto key, runtime_.open(std::move(request), terms, listener));
        held_ = false;  // the call's end releases the id
        return std::make_unique<LocalPort>(runtime_, key, listener);
    }

  private:
    ShardRuntime& runtime_;
    call::SessionId id_;
    bool held_ = true;
};

// A call that is there already, on this shard or another: an incoming one that an application
// takes, or one whose client comes back.
class ExistingCall final : public api::activecall::PendingCall {
  public:
    struct Return {
        std::uint64_t last_sequence = 0;
    };

    // `back`: absent for an incoming call, which has been claimed.
    ExistingCall(ShardRuntime& home,
                 ShardRuntime& owner,
                 call::SessionId id,
                 std::optional<Return> back)
        : home_(home), owner_(owner), id_(std::move(id)), back_(back) {}
    ~ExistingCall() override {
        if (!back_ && !begun_) {
            home_.directory().unclaim(id_);
        }
    }

    const call::SessionId& id() const override { return id_; }
    Result<std::unique_ptr<CallPort>> begin(call::SessionRequest request,
                                            const ControlTerms& terms,
                                            CallListener& listener) override {
        begun_ = true;
        auto attach = [id = id_, back = back_, track = std::move(request.server_track), terms](
                          ShardRuntime& owner, CallListener& hears) {
            return back ? owner.resume(id, back->last_sequence, terms, hears)
                        : owner.adopt(id, track, terms, hears);
        };
        if (&home_ != &owner_) {
            return make_remote_port(home_, owner_, id_, listener, std::move(attach));
        }
        PB_TRY(const auto key, attach(owner_, listener));
        return std::make_unique<LocalPort>(owner_, key, listener);
    }

  private:
    ShardRuntime& home_;
    ShardRuntime& owner_;
    call::SessionId id_;
    std::optional<Return> back_;
    bool begun_ = false;
};

}  // namespace

Result<std::unique_ptr<api::activecall::PendingCall>> LocalCalls::reserve(
    const call::SessionId& id) {
    Directory& directory = runtime_.directory();
    if (const auto claim = directory.claim(id)) {
        return std::make_unique<ExistingCall>(runtime_, *runtimes_[claim->shard], claim->id,
                                              std::nullopt);
    }
    if (draining_) {
        return fail(Errc::Unavailable, "the server is shutting down");
    }
    PB_CHECK(directory.reserve(id, runtime_.shard().index()));
    return std::make_unique<NewCall>(runtime_, id);
}

Result<std::unique_ptr<api::activecall::PendingCall>> LocalCalls::resume(
    const call::SessionId& id, std::string_view token, std::uint64_t last_sequence) {
    const auto entry = runtime_.directory().find(id);
    if (!entry || !entry->log) {
        return fail(Errc::NotFound, "call");
    }
    if (const auto admitted = entry->log->check(token, last_sequence); !admitted) {
        if (admitted.error().code == Errc::OutOfRange) {
            (void)kill(id);
        }
        return tl::unexpected(admitted.error());
    }
    return std::make_unique<ExistingCall>(runtime_, *runtimes_[entry->shard], id,
                                          ExistingCall::Return{last_sequence});
}

call::SessionId LocalCalls::make_id() {
    return call::SessionId(runtime_.random().uuid());
}

std::vector<call::SessionSummary> LocalCalls::list() const {
    return runtime_.directory().list();
}

Result<void> LocalCalls::kill(const call::SessionId& id) {
    PB_TRY(ShardRuntime* const owner, owner_of(id));
    return owner->shard().post([owner, id] { owner->kill(id); });
}

Result<void> LocalCalls::command(const call::SessionId& id, call::ClientCommand command) {
    PB_TRY(ShardRuntime* const owner, owner_of(id));
    return owner->shard().post([owner, id, command = std::move(command)]() mutable {
        owner->command(id, std::move(command));
    });
}

Result<std::unique_ptr<api::activecall::Observation>> LocalCalls::observe(const call::SessionId& id,
                                                                          CallListener& listener) {
    PB_TRY(ShardRuntime* const owner, owner_of(id));
    if (owner == &runtime_) {
        return std::make_unique<LocalObservation>(runtime_, id, listener);
    }
    return make_remote_observation(runtime_, *owner, id, listener);
}

// The shard of a call that has begun and is not over.
Result<ShardRuntime*> LocalCalls::owner_of(const call::SessionId& id) const {
    const auto entry = runtime_.directory().find(id);
    if (!entry || !entry->summary) {
        return fail(Errc::NotFound, "call");
    }
    return runtimes_[entry->shard];
}

}  // namespace patchbay::app
