// SPDX-License-Identifier: Apache-2.0
#include "net/shard.hpp"

#include "net/detail/doorbell.hpp"
#include "net/detail/handshake_thread.hpp"
#include "net/detail/steps.hpp"
#include "net/detail/udp_poller.hpp"
#include "net/detail/wakeups.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace patchbay::net {

namespace asio = boost::asio;

Instant monotonic_now() {
    return Instant(std::chrono::steady_clock::now().time_since_epoch());
}

WallAnchor read_wall_anchor() {
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    return {monotonic_now(), WallTime{std::chrono::duration_cast<Milliseconds>(wall).count()}};
}

struct Shard::Loop {
    explicit Loop(const ShardOptions& shard_options)
        : options(shard_options),
          udp(steps),
          mailbox(options.mailbox_capacity),
          udp_readiness(context, udp.descriptor()),
          alarm(context),
          mailbox_bell(context, [this] { run_mailbox(); }),
          next_tick(monotonic_now() + options.tick_interval) {
        wait_for_datagrams();
        set_alarm();
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() {
        udp_readiness.release();  // the poller owns the descriptor
        while (!mailbox.take(kMailboxBatch).empty()) {
        }
    }

    void wait_for_datagrams() {
        udp_readiness.async_wait(asio::posix::stream_descriptor::wait_read,
                                 [this](const boost::system::error_code& error) {
                                     if (!error) {
                                         udp.read_ready();
                                         wait_for_datagrams();
                                     }
                                 });
    }

    // run_one_until() would do, but it rounds its wait up to whole milliseconds; a timer of the
    // loop does not.
    void set_alarm() {
        alarm.expires_at(std::chrono::steady_clock::time_point(next_tick.since_epoch()));
        alarm.async_wait([](const boost::system::error_code&) {});
    }

    void run_due_ticks() {
        const Instant now = monotonic_now();
        if (now < next_tick) {
            held_up = false;
            return;
        }
        skip_hopeless_ticks(now);
        held_up = now - next_tick >= options.tick_interval;
        while (next_tick <= now) {
            run_tick();
        }
        set_alarm();
    }

    // Where ticks take longer than their interval one would be due after each event, and the
    // sockets would starve: no call could be ended, and the shard would stay as it is.
    void run_turn() {
        context.run_one();
        if (held_up) {
            const Instant end = monotonic_now() + options.tick_interval / 2;
            while (monotonic_now() < end && context.poll_one() > 0) {
            }
        }
        run_due_ticks();
    }

    void skip_hopeless_ticks(Instant now) {
        const auto behind = static_cast<std::int64_t>((now - next_tick) / options.tick_interval);
        const std::int64_t skipped = behind + 1 - kCatchUpTicks;
        if (skipped > 0) {
            skipped_ticks += static_cast<std::uint64_t>(skipped);
            tick_number += static_cast<std::uint64_t>(skipped);
            next_tick += options.tick_interval * skipped;
        }
    }

    void run_tick() {
        const Instant now = monotonic_now();
        lateness.add(now - next_tick);
        const Tick tick{now, tick_number};
        ++tick_number;
        next_tick += options.tick_interval;
        wakeups.run_due(now, steps);
        for (auto& handler : tick_handlers) {
            steps.run("tick", [&](Instant) { handler(tick); });
        }
    }

    void run_mailbox() {
        for (Task& task : mailbox.take(kMailboxBatch)) {
            steps.run("mailbox", [&](Instant) { task(); });
        }
        if (!mailbox.empty()) {
            mailbox_bell.ring();
        }
    }

    ShardOptions options;
    detail::Steps steps;
    detail::Wakeups wakeups;
    detail::UdpPoller udp;
    Mailbox mailbox;
    asio::io_context context{1};  // of one thread; others ring
    asio::posix::stream_descriptor udp_readiness;
    asio::steady_timer alarm;
    detail::Doorbell mailbox_bell;
    std::unique_ptr<detail::HandshakeThread> handshakes;
    std::vector<UniqueFunction<void(const Tick&)>> tick_handlers;
    Instant next_tick;
    std::uint64_t tick_number = 0;
    std::uint64_t skipped_ticks = 0;
    bool held_up = false;  // more than one tick was due at the last look
    DelayHistogram lateness;
    std::atomic<bool> stopping{false};
    std::thread thread;
};

Shard::Shard(const ShardOptions& options) : loop_(std::make_unique<Loop>(options)) {}

Shard::~Shard() {
    stop();
    join();
}

unsigned Shard::index() const {
    return loop_->options.index;
}

void Shard::start() {
    loop_->thread = std::thread([this] {
        const std::string name = "shard-" + std::to_string(index());
        pthread_setname_np(pthread_self(), name.c_str());
        run();
    });
}

void Shard::run() {
    // A shard that was made long before it runs has missed nothing.
    loop_->next_tick = std::max(loop_->next_tick, monotonic_now());
    while (!loop_->stopping.load(std::memory_order_acquire)) {
        run_one();
    }
}

void Shard::run_one() {
    loop_->run_turn();
}

void Shard::stop() {
    loop_->stopping.store(true, std::memory_order_release);
    loop_->context.stop();
}

void Shard::join() {
    if (loop_->thread.joinable()) {
        loop_->thread.join();
    }
}

Result<void> Shard::post(Task task) {
    PB_TRY(const bool was_empty, loop_->mailbox.put(std::move(task)));
    if (was_empty) {
        loop_->mailbox_bell.ring();
    }
    return {};
}

void Shard::on_tick(UniqueFunction<void(const Tick&)> handler) {
    loop_->tick_handlers.push_back(std::move(handler));
}

void Shard::on_fault(UniqueFunction<void(std::string_view, const std::exception&)> handler) {
    loop_->steps.on_fault(std::move(handler));
}

ShardStatistics Shard::statistics() const {
    ShardStatistics out;
    out.ticks = loop_->lateness.count();
    out.skipped_ticks = loop_->skipped_ticks;
    out.lateness = loop_->lateness;
    out.stalls = loop_->steps.stalls();
    out.worst_step = loop_->steps.worst();
    out.worst_step_place = loop_->steps.worst_place();
    out.faults = loop_->steps.faults();
    out.refused_posts = loop_->mailbox.refused();
    return out;
}

boost::asio::io_context& Shard::context() {
    return loop_->context;
}

detail::Steps& Shard::steps() {
    return loop_->steps;
}

detail::HandshakeThread& Shard::handshakes() {
    if (!loop_->handshakes) {
        loop_->handshakes = std::make_unique<detail::HandshakeThread>(loop_->context);
    }
    return *loop_->handshakes;
}

detail::UdpPoller& Shard::udp() {
    return loop_->udp;
}

detail::Wakeups& Shard::wakeups() {
    return loop_->wakeups;
}

}  // namespace patchbay::net
