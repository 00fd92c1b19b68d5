// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/shard.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace patchbay::net::detail {

// A time limit of one connection, moved ahead on every sign of life. Moving it ahead costs nothing:
// the timer of the loop is set again only when it fires too early. Expires at most once.
class Deadline {
  public:
    Deadline(const boost::asio::any_io_executor& executor, UniqueFunction<void()> expired)
        : state_(std::make_shared<State>(executor, std::move(expired))) {}
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    ~Deadline() {
        clear();
        state_->timer.cancel();
    }

    void after(Nanoseconds duration) {
        state_->due = monotonic_now() + duration;
        arm(state_);
    }
    void clear() { state_->due.reset(); }

  private:
    struct State {
        State(const boost::asio::any_io_executor& executor, UniqueFunction<void()> on_expiry)
            : timer(executor), expired(std::move(on_expiry)) {}

        boost::asio::steady_timer timer;
        UniqueFunction<void()> expired;
        std::optional<Instant> due;
        std::optional<Instant> armed;
    };

    static void arm(const std::shared_ptr<State>& state) {
        if (!state->due || (state->armed && *state->armed <= *state->due)) {
            return;
        }
        state->armed = state->due;
        state->timer.expires_at(std::chrono::steady_clock::time_point(state->due->since_epoch()));
        state->timer.async_wait([state](const boost::system::error_code& error) {
            if (!error) {
                fire(state);
            }
        });
    }

    static void fire(const std::shared_ptr<State>& state) {
        state->armed.reset();
        if (!state->due || *state->due > monotonic_now()) {
            arm(state);
            return;
        }
        state->due.reset();
        if (UniqueFunction<void()> expired = std::move(state->expired)) {
            expired();  // may destroy the Deadline
        }
    }

    std::shared_ptr<State> state_;  // shared with the wait that is under way
};

}  // namespace patchbay::net::detail
