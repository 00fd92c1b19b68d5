// SPDX-License-Identifier: Apache-2.0
#include "net/signals.hpp"

#include "net/detail/steps.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <utility>

namespace patchbay::net {

struct Signals::State : std::enable_shared_from_this<Signals::State> {
    State(Shard& of_shard, UniqueFunction<void(int)> on_signal)
        : shard(of_shard), set(of_shard.context()), handler(std::move(on_signal)) {}

    void wait() {
        set.async_wait(
            [self = shared_from_this()](const boost::system::error_code& error, int number) {
                if (error) {
                    return;
                }
                self->shard.steps().run("signal", [&](Instant) { self->handler(number); });
                self->wait();
            });
    }

    Shard& shard;
    boost::asio::signal_set set;
    UniqueFunction<void(int)> handler;
};

Signals::Signals(Shard& shard,
                 std::initializer_list<int> numbers,
                 UniqueFunction<void(int number)> handler)
    : state_(std::make_shared<State>(shard, std::move(handler))) {
    for (const int number : numbers) {
        state_->set.add(number);
    }
    state_->wait();
}

Signals::~Signals() {
    state_->set.clear();
    state_->set.cancel();
}

}  // namespace patchbay::net
