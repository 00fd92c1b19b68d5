// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/unique_function.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

namespace boost::asio {
class io_context;
}

namespace patchbay::net::detail {

// Calls its shard from any thread: rung any number of times, `rung` runs once, soon. asio::post()
// would do, but it wakes the loop with its lock held: where the caller is of low priority and
// shares the core, the shard then waits for it behind everybody else.
class Doorbell {
  public:
    Doorbell(boost::asio::io_context& shard, UniqueFunction<void()> rung);
    Doorbell(const Doorbell&) = delete;
    Doorbell& operator=(const Doorbell&) = delete;

    void ring() noexcept;

  private:
    void wait();
    void answer();

    boost::asio::posix::stream_descriptor event_;  // an eventfd
    UniqueFunction<void()> rung_;
};

}  // namespace patchbay::net::detail
