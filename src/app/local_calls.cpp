// SPDX-License-Identifier: Apache-2.0
#include "app/local_calls.hpp"

#include <utility>

namespace patchbay::app {
namespace {

class LocalPort final : public api::activecall::CallPort {
  public:
    LocalPort(ShardRuntime& runtime, call::SessionKey session)
        : runtime_(runtime), session_(session) {}
    ~LocalPort() override { runtime_.close(session_); }

    void command(call::ClientCommand command) override {
        runtime_.command(session_, std::move(command));
    }
    void audio(ByteView bytes) override { runtime_.audio(session_, bytes); }

  private:
    ShardRuntime& runtime_;
    call::SessionKey session_;
};

class Reservation final : public api::activecall::PendingCall {
  public:
    Reservation(ShardRuntime& runtime, call::SessionId id)
        : runtime_(runtime), id_(std::move(id)) {}
    ~Reservation() override {
        if (held_) {
            runtime_.directory().release(id_);
        }
    }

    Result<std::unique_ptr<api::activecall::CallPort>> begin(
        call::SessionRequest request,
        const IpAddress& client,
        api::activecall::CallListener& listener) override {
        PB_TRY(const auto key, runtime_.open(std::move(request), client, listener));
        held_ = false;  // the call's end releases the id
        return std::make_unique<LocalPort>(runtime_, key);
    }

  private:
    ShardRuntime& runtime_;
    call::SessionId id_;
    bool held_ = true;
};

}  // namespace

Result<std::unique_ptr<api::activecall::PendingCall>> LocalCalls::reserve(
    const call::SessionId& id) {
    if (draining_) {
        return fail(Errc::Unavailable, "the server is shutting down");
    }
    PB_CHECK(runtime_.directory().reserve(id, runtime_.shard().index()));
    return std::make_unique<Reservation>(runtime_, id);
}

call::SessionId LocalCalls::make_id() {
    return call::SessionId(runtime_.random().uuid());
}

std::vector<call::SessionSummary> LocalCalls::list() const {
    return runtime_.directory().list();
}

Result<void> LocalCalls::kill(const call::SessionId& id) {
    const auto entry = runtime_.directory().find(id);
    if (!entry) {
        return fail(Errc::NotFound, "call");
    }
    ShardRuntime* const owner = runtimes_[entry->shard];
    return owner->shard().post([owner, id] { owner->kill(id); });
}

}  // namespace patchbay::app
