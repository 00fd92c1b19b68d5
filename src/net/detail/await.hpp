// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace patchbay::net::detail {

template <class T>
using Awaitable = boost::asio::awaitable<T>;

// co_await f(..., kAwait) gives the error as a value: no exception leaves an operation.
inline constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);

// Wakes the one coroutine that waits for it. A notification that nobody waited for is remembered.
class Signal {
  public:
    explicit Signal(const boost::asio::any_io_executor& executor) : timer_(executor) {}

    void notify() {
        notified_ = true;
        timer_.cancel();
    }

    // Until notified, or until `limit` has passed.
    Awaitable<void> wait(std::optional<Nanoseconds> limit) {
        if (!std::exchange(notified_, false)) {
            if (limit) {
                timer_.expires_after(*limit);
            } else {
                timer_.expires_at(std::chrono::steady_clock::time_point::max());
            }
            co_await timer_.async_wait(kAwait);
            notified_ = false;
        }
    }

  private:
    boost::asio::steady_timer timer_;
    bool notified_ = false;
};

}  // namespace patchbay::net::detail
