// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "base/unique_function.hpp"
#include "net/delay_histogram.hpp"
#include "net/limits.hpp"
#include "net/mailbox.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace patchbay::net {

namespace detail {
class HandshakeThread;
class Steps;
class UdpPoller;
class Wakeups;
}  // namespace detail

// The monotonic clock of the process. Only `net` and `app` may ask for it.
Instant monotonic_now();
// Both clocks read together, for engines that date their events.
WallAnchor read_wall_anchor();

struct ShardOptions {
    unsigned index = 0;
    Nanoseconds tick_interval = kTickInterval;
    std::size_t mailbox_capacity = kMailboxCapacity;
};

struct Tick {
    Instant now;
    // Counts ticks since the start, skipped ones included, so that `number % 4` is a phase that
    // never shifts.
    std::uint64_t number = 0;
};

struct ShardStatistics {
    std::uint64_t ticks = 0;
    std::uint64_t skipped_ticks = 0;
    DelayHistogram lateness;
    std::uint64_t stalls = 0;  // callbacks longer than kStallThreshold
    Nanoseconds worst_step{0};
    std::string_view worst_step_place;
    std::uint64_t faults = 0;  // callbacks that ended with an exception
    std::uint64_t refused_posts = 0;
};

// A thread with one event loop. Sockets, calls and everything below them belong to exactly one
// shard and are touched by its thread only; between shards only post() exists. The shard ticks on
// an absolute schedule and knows nothing of what it carries.
//
// Sockets, servers and wake-ups of a shard must be destroyed before it. Stop all shards before the
// first is destroyed, because they may post to each other.
class Shard {
  public:
    explicit Shard(const ShardOptions& options = {});
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;
    ~Shard();  // stops and joins

    unsigned index() const;

    // Runs the loop in a thread of its own until stop().
    void start();
    // Runs the loop in the calling thread until stop().
    void run();
    // Runs one event, waiting for it until the next tick at most; ticks that are due run as well. A
    // shard that is behind with its ticks runs more events, for half a tick at most.
    // This is how tests drive a shard without a thread.
    void run_one();
    // Any thread. The loop ends after the step that it is in, for good.
    void stop();
    // Waits for the thread of start().
    void join();

    // Any thread: runs `task` on the shard, soon. Errc::Unavailable when the mailbox is full.
    Result<void> post(Task task);

    // Everything below: the shard's thread, or any thread before start().

    Instant now() const { return monotonic_now(); }
    // Called every 5 ms, in the order of registration, for the life of the shard.
    void on_tick(UniqueFunction<void(const Tick&)> handler);
    // Called when a callback threw: the step is over, the shard goes on. `place` names the kind of
    // callback ("udp", "tick").
    void on_fault(UniqueFunction<void(std::string_view place, const std::exception&)> handler);
    ShardStatistics statistics() const;

    // For the sources of `net`; the types are private to it.
    boost::asio::io_context& context();
    detail::Steps& steps();
    detail::UdpPoller& udp();
    detail::Wakeups& wakeups();
    detail::HandshakeThread& handshakes();  // begins with the first one

  private:
    struct Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace patchbay::net
