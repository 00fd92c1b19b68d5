// SPDX-License-Identifier: Apache-2.0
#include "app/calls/remote_call.hpp"

#include <atomic>
#include <optional>
#include <utility>

namespace patchbay::app {
namespace {

using api::activecall::CallListener;

// What the two shards share of one connection. Each member belongs to one of them.
class Link final : public CallListener, public std::enable_shared_from_this<Link> {
  public:
    Link(ShardRuntime& home, ShardRuntime& owner, CallListener& listener)
        : home_(home), owner_(owner), listener_(&listener) {}

    // On the call's shard: the call speaks.
    void on_event(const call::Event& event, std::uint64_t sequence) override {
        tell([event, sequence](Link& link) { link.deliver(event, sequence); });
    }
    void on_audio(ByteView bytes) override {
        tell([audio = Bytes(bytes.begin(), bytes.end())](Link& link) {
            link.listener_->on_audio(audio);
        });
    }
    void on_command(const call::ClientCommand& command) override {
        tell([command](Link& link) { link.listener_->on_command(command); });
    }
    void on_displaced(std::string_view reason) override {
        tell([reason = std::string(reason)](Link& link) { link.displace(reason); });
        self_.reset();
    }
    void on_ended() override {
        tell([](Link& link) { std::exchange(link.listener_, nullptr)->on_ended(); });
        self_.reset();
    }

    // On the connection's shard.
    ShardRuntime& home() { return home_; }
    ShardRuntime& owner() { return owner_; }
    // The connection is gone.
    void leave() { listener_ = nullptr; }
    CallListener* listener() { return listener_; }

    // On the call's shard: keeps the link while the call knows it.
    void hold(std::optional<call::SessionKey> key) {
        key_ = key;
        self_ = shared_from_this();
    }
    void let_go() { self_.reset(); }
    const std::optional<call::SessionKey>& key() const { return key_; }

    // To the connection's shard. What finds no room is missed in the count of the events.
    template <class Task>
    void tell(Task task) {
        (void)home_.shard().post([link = shared_from_this(), task = std::move(task)] {
            if (link->listener_ != nullptr) {
                task(*link);
            }
        });
    }

  private:
    void deliver(const call::Event& event, std::uint64_t sequence) {
        if (last_sequence_ && sequence != *last_sequence_ + 1) {
            displace("events were lost");
            return;
        }
        last_sequence_ = sequence;
        listener_->on_event(event, sequence);
    }
    void displace(std::string_view reason) {
        std::exchange(listener_, nullptr)->on_displaced(reason);
    }

    ShardRuntime& home_;
    ShardRuntime& owner_;
    CallListener* listener_;                      // home's
    std::optional<std::uint64_t> last_sequence_;  // home's
    std::optional<call::SessionKey> key_;         // owner's
    std::shared_ptr<Link> self_;                  // owner's
};

class RemotePort final : public api::activecall::CallPort {
  public:
    RemotePort(std::shared_ptr<Link> link, call::SessionId id)
        : link_(std::move(link)), id_(std::move(id)) {}
    ~RemotePort() override {
        link_->leave();
        close(link_);
    }

    void command(call::ClientCommand command) override {
        const std::optional<std::string> request = command.request_id;
        const auto sent =
            link_->owner().shard().post([link = link_, command = std::move(command)]() mutable {
                if (link->key()) {
                    link->owner().command(*link->key(), std::move(command));
                }
            });
        if (CallListener* listener = link_->listener(); !sent && listener != nullptr) {
            const WallTime now = link_->home().wall().at(link_->home().shard().now());
            listener->on_event(call::event::Error{.track_id = call::TrackId(id_.value()),
                                                  .timestamp = now,
                                                  .sender = "command",
                                                  .error = "the server is overloaded",
                                                  .code = 503,
                                                  .request_id = request},
                               0);
        }
    }

    // Audio that finds no room is lost, as it would be on a network.
    void audio(ByteView bytes) override {
        (void)link_->owner().shard().post(
            [link = link_, audio = Bytes(bytes.begin(), bytes.end())] {
                if (link->key()) {
                    link->owner().audio(*link->key(), audio);
                }
            });
    }

  private:
    // A full mailbox is tried again from the other end of the loop: the call must not be left
    // without an owner.
    static void close(const std::shared_ptr<Link>& link) {
        const auto sent = link->owner().shard().post([link] {
            if (link->key()) {
                link->owner().close(*link->key(), *link);
            }
            link->let_go();
        });
        if (!sent) {
            (void)link->home().shard().post([link] { close(link); });
        }
    }

    std::shared_ptr<Link> link_;  // shared with the call's shard
    call::SessionId id_;
};

class RemoteObservation final : public api::activecall::Observation {
  public:
    RemoteObservation(std::shared_ptr<Link> link, call::SessionId id)
        : link_(std::move(link)), id_(std::move(id)) {}
    ~RemoteObservation() override {
        link_->leave();
        (void)link_->owner().shard().post([link = link_, id = id_] {
            link->owner().stop_observing(id, *link);
            link->let_go();
        });
    }

  private:
    std::shared_ptr<Link> link_;  // shared with the call's shard
    call::SessionId id_;
};

}  // namespace

std::unique_ptr<api::activecall::CallPort> make_remote_port(ShardRuntime& home,
                                                            ShardRuntime& owner,
                                                            const call::SessionId& id,
                                                            CallListener& listener,
                                                            AttachRemote attach) {
    auto link = std::make_shared<Link>(home, owner, listener);
    const auto sent = owner.shard().post([link, attach = std::move(attach)]() mutable {
        link->hold(std::nullopt);
        const auto key = attach(link->owner(), *link);
        if (key) {
            link->hold(*key);
        } else {
            link->on_displaced("the call is over");
        }
    });
    if (!sent) {
        link->tell([](Link& one) { one.on_displaced("the server is overloaded"); });
    }
    return std::make_unique<RemotePort>(std::move(link), id);
}

std::unique_ptr<api::activecall::Observation> make_remote_observation(ShardRuntime& home,
                                                                      ShardRuntime& owner,
                                                                      const call::SessionId& id,
                                                                      CallListener& listener) {
    auto link = std::make_shared<Link>(home, owner, listener);
    (void)owner.shard().post([link, id] {
        link->hold(std::nullopt);
        link->owner().observe(id, *link);
    });
    return std::make_unique<RemoteObservation>(std::move(link), id);
}

}  // namespace patchbay::app
